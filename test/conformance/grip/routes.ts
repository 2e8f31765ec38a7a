// The routes file that the rows share, in front of an origin. Names of rules are those of contract §13.

/** Each has its own, for an origin sees but the base: what stands behind it is between SockJS and its clients. */
const sockjsBases = [...'abcdefghijklmnopq'].map(letter => `/sj${letter}`)
const sockjsRules = (origin: string): string =>
  [
    ...sockjsBases.map(base => `*,path_beg=${base}/,sockjs=${base}/base ${origin},over_http`),
    `*,path_beg=/sjas/,path_rem=5,sockjs=/sjas/base,sockjs_as_path=/sjas/as ${origin},over_http`,
  ].join('\n')

/** Both are `host:port`, `lame` of an origin that goes and comes back; nobody listens on ports 1 and 2. */
export const routesTo = (origin: string, lame: string): string => `
# The first three lines say nothing: each is void, and the others are read.
apple,organic,type="gala ${origin}
apple,organic, ${origin}
apple,organic,=gala ${origin}
*,path_beg=/quoted/,header="X-From: washington, \\"usa\\"" ${origin}
*,path_beg=/t/ test
*,path_beg=/dbg/,debug ${origin},over_http
*,path_beg=/pfx/,prefix=p- ${origin},over_http
*,path_beg=/one/ ${origin},over_http,one_event
*,path_beg=/lame/ ${lame},over_http
*,path_beg=/wsp/,proto=ws ${origin}
*,path_beg=/subws/,proto=ws ${origin},sub=implicitws
*,path_beg=/fo/ 127.0.0.1:1 ${origin},over_http
*,path_beg=/two/ ${origin} ${origin}
*,path_beg=/down/ 127.0.0.1:1
*,path_beg=/downdbg/,debug 127.0.0.1:1 127.0.0.1:2
*,path_beg=/sub/ ${origin},over_http,sub=implicit1,sub=implicit2
*,path_beg=/aco/,aco ${origin}
*,path_beg=/acodown/,aco,debug 127.0.0.1:1
*,path_beg=/jb/,aco,jsonp_mode=basic,jsonp_cb=jc,jsonp_body=bparam,jsonp_defcb=jpcb ${origin}
*,path_beg=/jm/,aco,jsonp_mode=basic,jsonp_defmethod=PUT ${origin}
${sockjsRules(origin)}
*,path_beg=/rem/,path_rem=4 ${origin}
*,path_beg=/rep/,replace_beg=/new/base ${origin}
*,path_beg=/ash/,as_host=example.com:8080 ${origin}
*,path_beg=/th/ ${origin},host=target.example
*,path_beg=/hd/,header="X-One: 1",header=X-Two:2,header=User-Agent: ${origin}
*,path_beg=/oh/,orig_headers ${origin}
*,path_beg=/ng/,no_grip ${origin},over_http
*,path_beg=/sig/,sig_iss=other,sig_key=base64:c2VjcmV0 ${origin}
*,path_beg=/ids/,id=myroute ${origin}
*,path_beg=/unt/ ${origin},untrusted
host1.test,path_beg=/ ${origin},over_http,host=h1
host2.test,path_beg=/a ${origin}
id=onlyid ${origin},host=onlyid
* ${origin},over_http
`
