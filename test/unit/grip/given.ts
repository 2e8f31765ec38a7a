// Rules and settings for the tests of these rooms: what is left out says nothing.
import type { OriginCall } from '../../../src/frontends/grip/proxy/request-headers.ts'
import type { Rule } from '../../../src/frontends/grip/routes/rule.ts'
import { readRoutes } from '../../../src/frontends/grip/routes/source.ts'

/** The fixture of contract §13, B and N being ports of their own. */
export const fixture = `* test
*,path_beg=/dbg/,debug B,over_http
*,path_beg=/pfx/,prefix=p- B,over_http
*,path_beg=/wsp/,proto=ws N
*,path_beg=/fo/ 127.0.0.1:1 B,over_http
*,path_beg=/downdbg/,debug 127.0.0.1:1 127.0.0.1:2
*,path_beg=/sub/ B,over_http,sub=implicit1,sub=implicit2
*,path_beg=/rem/,path_rem=4 B
*,path_beg=/rep/,replace_beg=/new/base B
*,path_beg=/ash/,as_host=example.com:8080 B
*,path_beg=/th/ B,host=target.example
*,path_beg=/hd/,header="X-One: 1",header=X-Two:2,header=User-Agent: B
*,path_beg=/oh/,orig_headers B
*,path_beg=/ng/,no_grip B,over_http
*,path_beg=/sig/,sig_iss=other,sig_key=base64:c2VjcmV0 B
*,path_beg=/ids/,id=myroute B
*,path_beg=/unt/ B,untrusted
host1.test,path_beg=/ B,over_http,host=h1
id=onlyid B,host=onlyid`
  .replace(/ B(?=[,\n]|$)/g, ' 127.0.0.1:8100')
  .replace(/ N(?=[,\n]|$)/g, ' 127.0.0.1:8200')

export function routes(text: string) {
  const read = readRoutes(text)
  if (!read.ok) throw new Error(read.mistake)
  return read
}

export function ruleOf(line: string): Rule {
  const [rule] = routes(line).table.rules
  if (rule === undefined) throw new Error(`no rule: ${line}`)
  return rule
}

/** A call by the first target of a line. */
export function callOf(
  line: string,
  more: Omit<Partial<OriginCall>, 'settings'> & Settings = {},
): OriginCall {
  const rule = ruleOf(line)
  const [target] = rule.targets
  if (target === undefined) throw new Error('a rule has a target')
  return {
    rule,
    target,
    peer: '127.0.0.1',
    isTls: false,
    isTrusted: false,
    signature: 'S',
    ...more,
    settings: {
      acceptXForwardedProtocol: false,
      setXForwardedProtocol: 'proto-only',
      forwardedFor: { keep: undefined, append: false },
      forwardedForTrusted: { keep: undefined, append: false },
      origHeadersNeedMark: new Set(),
      acceptPushpinRoute: true,
      cdnLoop: '',
      ...more.settings,
    },
  }
}

interface Settings {
  readonly settings?: Partial<OriginCall['settings']>
}
