// Contract §13.10, row 298: SockJS by polls. What an origin sees is a WebSocket at the base of a rule.
import type { Headers } from '../../../helpers/raw-http.ts'
import type { ExpectedAnswer } from '../../words.ts'
import {
  closeEvent,
  event,
  events,
  eventsAfter,
  nothing,
  opening,
  openingGrip,
  opens,
  posted,
  publishMessage,
  settled,
  subscribe,
  textEvent,
} from '../socket-words.ts'
import {
  answer,
  ask,
  at,
  differs,
  done,
  type GripRow,
  get,
  leave,
  plain,
  read,
  row,
  type Step,
  waits,
} from '../vocabulary.ts'

const shared: Headers = [
  ['cache-control', 'no-store, no-cache, must-revalidate, max-age=0'],
  ['access-control-allow-origin', '*'],
  ['access-control-allow-credentials', 'true'],
]
const text = ['content-type', 'text/plain'] as const
const script = ['content-type', 'application/javascript'] as const
const told = (body: string, status = '200 OK', type: readonly [string, string] = text): ExpectedAnswer =>
  answer(status, [type, ...shared], body)
const missing = told('Not Found\n', '404 Not Found')
const bad = told('Payload expected\n', '400 Bad Request')
const secondPoll = told('c[2010,"Another connection still open"]\n')

/** A request of a session. */
const part = (path: string, body = '', as = 'one') =>
  ask('POST', path, [], body === '' ? { as } : { body, as })
const poll = (path: string, expected: Step[1], as = 'one'): Step => [part(`${path}/xhr`, '', as), expected]
const send = (path: string, body: string, expected = told('ok')): Step => [
  part(`${path}/xhr_send`, body, 'sender'),
  expected,
]
const begun = (path: string): Step => poll(path, told('o\n'))

export const sockjs: readonly GripRow[] = [
  row(
    '298',
    'clients are told what there is',
    [],
    [
      [
        get('/sja/base/info', [['Origin', 'http://a.test']]),
        {
          ...told(''),
          headers: [
            text,
            ['cache-control', 'no-store, no-cache, must-revalidate, max-age=0'],
            ['access-control-allow-origin', 'http://a.test'],
            ['access-control-allow-credentials', 'true'],
            ['content-length', '*'],
          ],
          body: /^\{"cookie_needed":false,"entropy":\d+,"origins":\["\*:\*"\],"websocket":true\}\n$/,
        },
      ],
      [ask('OPTIONS', '/sja/base/1/2/xhr'), { ...told('', '204 No Content'), headers: [text, ...shared] }],
      [
        get('/sja/base/iframe-1.2.html'),
        {
          ...told(''),
          headers: [
            ['etag', '*'],
            ['content-type', 'text/html; charset=UTF-8'],
            ['cache-control', 'public, max-age=31536000'],
            ...shared,
            ['content-length', '*'],
          ],
          body: /<script src="[^"]*sockjs[^"]*"><\/script>[\s\S]*SockJS\.bootstrap_iframe\(\)/,
        },
      ],
    ],
  ),
  row(
    '298',
    'nothing else is there without a session',
    [],
    [
      [get('/sjb/base'), missing],
      [get('/sjb/base/'), missing],
      [part('/sjb/base/info'), missing],
      [get('/sjb/base/1/298b/xhr'), missing],
      [part('/sjb/base/1/298b/xhr_send', '["a"]'), missing],
      [part('/sjb/base/1/298b/xhr_streaming'), missing],
      [get('/sjb/base/1/298b/eventsource'), missing],
      [get('/sjb/base/1/298b/jsonp'), told('Bad Request\n', '400 Bad Request')],
    ],
  ),
  row(
    '298',
    'a session says what its origin does, in both directions',
    [
      at(
        '/sjc/base',
        opening,
        events(`${textEvent('foo')}${event('BINARY', '\u00c3\u00a9')}PING\r\n${textEvent('"')}TEXT\r\n`),
        nothing,
      ),
    ],
    [
      begun('/sjc/base/1/298c'),
      send('/sjc/base/1/298c', '["hi"]'),
      settled,
      poll('/sjc/base/2/298c', {
        ...told('a["foo","é","\\"",""]\n'),
        headers: [text, ...shared],
        anyFraming: true,
      }),
      send('/sjc/base/1/298c', '["b\\u00e9","c"]'),
      posted('/sjc/base', `${opens}${textEvent('hi')}${textEvent('b\u00c3\u00a9')}${textEvent('c')}`),
    ],
  ),
  row(
    '298',
    'one poll waits at a time, and gets what is published',
    [at('/sjd/base', openingGrip(subscribe('c298d')), nothing)],
    [
      begun('/sjd/base/1/298d'),
      settled,
      poll('/sjd/base/1/298d', waits),
      settled,
      poll('/sjd/base/1/298d', secondPoll, 'two'),
      publishMessage('c298d', { content: 'hello' }),
      [read(), told('a["hello"]\n')],
      publishMessage('c298d', { content: 'again' }),
      settled,
      poll('/sjd/base/1/298d', told('a["again"]\n')),
    ],
  ),
  row(
    '298',
    'what is sent is a list of texts',
    [at('/sje/base', opening, nothing)],
    [
      begun('/sje/base/1/298e'),
      send('/sje/base/1/298e', '{}', bad),
      send('/sje/base/1/298e', '', bad),
      send('/sje/base/1/298e', '[1]', bad),
      send('/sje/base/1/298e', '["a"', bad),
      send('/sje/base/1/298e', '[]'),
      [get('/sje/base/1/298e/xhr_send'), bad],
      posted('/sje/base', opens),
    ],
  ),
  row(
    '298',
    'a session by scripts',
    [at('/sjf/base', opening, events(textEvent('"')), nothing)],
    [
      [get('/sjf/base/1/298f/jsonp?c=%5Fjp.x'), told('/**/_jp.x("o");\n', '200 OK', script)],
      [
        ask('POST', '/sjf/base/1/298f/jsonp_send', [['Content-Type', 'application/x-www-form-urlencoded']], {
          body: 'd=%5B%22f+o%22%5D',
        }),
        told('ok'),
      ],
      settled,
      [get('/sjf/base/1/298f/jsonp?callback=cb'), told('/**/cb("a[\\"\\\\\\"\\"]");\n', '200 OK', script)],
      [get('/sjf/base/1/298f/jsonp_send?d=["g"]&c=cc'), told('/**/cc("ok");\n', '200 OK', script)],
      posted('/sjf/base', `${opens}${textEvent('f o')}${textEvent('g')}`),
    ],
    differs('pluses of forms', {
      6: { kind: 'posted', body: `${opens}${textEvent('f+o')}${textEvent('g')}` },
    }),
  ),
  row(
    '298',
    'a script in place of a name is not called',
    [],
    [[get('/sjg/base/1/298g/jsonp?c=alert(1)'), told('Bad Request\n', '400 Bad Request')]],
    differs('scripts as names', { 1: told('ok\n') }),
  ),
  row(
    '298',
    'a close of the origin is told for a while',
    [at('/sjh/base', opening, events(textEvent('last') + closeEvent(3001, 'zz')), nothing)],
    [
      begun('/sjh/base/1/298h'),
      poll('/sjh/base/1/298h', waits),
      settled,
      send('/sjh/base/1/298h', '["x"]'),
      [read(), told('a["last"]\n')],
      poll('/sjh/base/1/298h', told('c[3001,"zz"]\n')),
      poll('/sjh/base/1/298h', told('c[3001,"zz"]\n')),
    ],
  ),
  row(
    '298',
    'a close without a code',
    [at('/sji/base', opening, events('CLOSE\r\n'), nothing)],
    [
      begun('/sji/base/1/298i'),
      send('/sji/base/1/298i', '["x"]'),
      settled,
      poll('/sji/base/1/298i', told('c[1000,"Connection closed"]\n')),
    ],
    differs('any code', { 4: told('c[0,"Connection closed"]\n') }),
  ),
  row(
    '298',
    'a refusal of the origin is the answer',
    [at('/sjj/base', plain('no\n', '403 Forbidden'))],
    [poll('/sjj/base/1/298j', told('no\n', '403 Forbidden')), send('/sjj/base/1/298j', '["x"]', missing)],
  ),
  row(
    '298',
    'an origin that has enough ends the poll',
    [at('/sjk/base', opening, eventsAfter(300, 'DISCONNECT\r\n'), nothing)],
    [
      begun('/sjk/base/1/298k'),
      send('/sjk/base/1/298k', '["x"]'),
      poll('/sjk/base/1/298k', waits),
      [read(), told('Session terminated\n', '410 Gone')],
      send('/sjk/base/1/298k', '["x"]', missing),
    ],
  ),
  row(
    '298',
    'who does not poll is gone',
    [at('/sjl/base', opening, nothing)],
    [begun('/sjl/base/1/298l'), posted('/sjl/base', `${opens}DISCONNECT\r\n`)],
  ),
  row(
    '298',
    'who leaves his poll is gone',
    [at('/sjm/base', opening, nothing)],
    [
      begun('/sjm/base/1/298m'),
      poll('/sjm/base/1/298m', waits, 'two'),
      settled,
      [leave('two'), done],
      posted('/sjm/base', `${opens}DISCONNECT\r\n`),
    ],
  ),
  row(
    '298',
    'the origin may be asked by another path, which a rule may change',
    [at('/as', opening, nothing)],
    [begun('/sjas/base/1/298n'), posted('/as', opens)],
  ),
]
