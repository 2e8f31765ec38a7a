// Contract §13.5: the control door.
import type { ExpectedAnswer } from '../../words.ts'
import {
  at,
  control,
  controlBytes,
  differs,
  type GripRow,
  get,
  pass,
  polls,
  publishResponse,
  read,
  row,
  said,
  times,
  waits,
} from '../vocabulary.ts'

function told(
  status: string,
  body: string,
  type = 'text/plain',
  more: Partial<ExpectedAnswer> = {},
): ExpectedAnswer {
  const headers = [
    ['content-type', type],
    ['content-length', String(body.length)],
  ] as const
  return said(status, body, { headers, ...more })
}
/** Of what cannot be read, so that nothing can follow it. */
function closing(answer: ExpectedAnswer): ExpectedAnswer {
  return { ...answer, headers: [...answer.headers, ['connection', 'close']], closes: true }
}
const published = told('200 OK', 'Published\n')
const publishedAsJson = told('200 OK', '{"message":"Published"}\n', 'application/json')
const bad = (body: string) => told('400 Bad Request', body)
const invalid = (why: string) => bad(`Invalid format: ${why}\n`)
const unknown = told('404 Not Found', 'Not Found\n')
const noLength = told('411 Length Required', 'Request requires Content-Length.\n')
const unacceptable = told(
  '406 Not Acceptable',
  'Not Acceptable. Supported formats are text/plain and application/json.\n',
)
const notAllowed = (method: string) =>
  told('405 Method Not Allowed', `Method not allowed: ${method}.\n`, 'text/plain', {
    headers: [['allow', 'POST'], ...told('', `Method not allowed: ${method}.\n`).headers],
  })

const empty = '{"items":[]}'
const accept = (value: string) => control('POST', '/publish/', empty, [['Accept', value]])
const one = (
  number: string,
  name: string,
  send: ReturnType<typeof control>,
  expected: ExpectedAnswer,
  more = {},
) => row(number, name, [], [[send, expected]], more)

export const controls: readonly GripRow[] = [
  one('150', 'its root tells what it is', control('GET', '/'), told('200 OK', 'Pushpin API\n')),
  one('151', 'an empty list is published', control('POST', '/publish/', empty), published),
  one('152', 'JSON for who asks for it', accept('application/json'), publishedAsJson),
  one('153', 'of two the last', accept('text/plain, application/json'), publishedAsJson),
  one('153', 'of two the last, reversed', accept('application/json, text/plain'), published),
  one('153', 'stars are types too', accept('*/*'), published),
  one('154', 'whatever the weights', accept('application/json;q=1, text/plain;q=0.1'), published),
  one('155', 'nothing else can be had', accept('text/html'), unacceptable),
  one('155', 'at no path', control('GET', '/', '', [['Accept', 'text/html']]), unacceptable),
  one(
    '156',
    'errors are text',
    control('POST', '/publish/', '[]', [['Accept', 'application/json']]),
    bad('Invalid format.\n'),
  ),
  one('157', 'publishing is a POST', control('GET', '/publish'), notAllowed('GET')),
  one('157', 'so is recovering', control('DELETE', '/recover'), notAllowed('DELETE')),
  ...['/publish?x', '/publish//', '/nope'].map(path =>
    one('158', `${path} is no path`, control('POST', path, empty), unknown),
  ),
  one('159', 'a body is JSON', control('POST', '/publish', '{"items":'), bad('Body is not valid JSON.\n')),
  one('160', 'and an object', control('POST', '/publish', '[]'), bad('Invalid format.\n')),
  row(
    '168',
    'a code may be a text with a number in it',
    [at('/168', polls('c168', 'timeout\n'))],
    [
      [get('/168'), waits],
      [{ kind: 'origin', path: '/168' }, times(1)],
      pass(200),
      publishResponse('c168', { code: '404', body: 'x' }),
      [read(), said('404 Not Found', 'x')],
    ],
  ),
  one('173', 'a length is needed', controlBytes('POST /publish HTTP/1.1\r\nHost: t\r\n\r\n'), noLength),
  one(
    '173',
    'chunks have none',
    controlBytes('POST /publish HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
    closing(noLength),
  ),
  one(
    '174',
    'a length is a number',
    controlBytes('POST /publish HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n'),
    closing(bad('Bad Content-Length.\n')),
  ),
  one(
    '174',
    'a body has 1,000,000 bytes at most',
    control('POST', '/publish', large(1_000_001)),
    closing(bad('Request body too large.\n')),
  ),
  one('174', 'and may have as many', control('POST', '/publish', large(1_000_000)), published),
  one(
    '174',
    'no more than its length says',
    controlBytes(`POST /publish HTTP/1.1\r\nHost: t\r\nContent-Length: 12\r\n\r\n${empty}x`),
    published,
    differs('kept connections', { 1: bad('Request body exceeded Content-Length.\n') }),
  ),
  one(
    '174',
    'a head has 10,000 bytes at most',
    controlBytes(`POST /publish HTTP/1.1\r\nHost: t\r\nX-Long: ${'x'.repeat(10_100)}\r\n\r\n`),
    closing(bad('Request header too large.\n')),
  ),
  one(
    '175',
    'HTTP/1.0 is answered in kind',
    controlBytes(`POST /publish HTTP/1.0\r\nContent-Length: 12\r\n\r\n${empty}`),
    { ...published, line: 'HTTP/1.0 200 OK', closes: true },
  ),
  one(
    '176',
    'credentials are not looked at',
    control('POST', '/publish', empty, [['Authorization', 'Basic eDp5']]),
    published,
  ),
  one('177', 'recovering is told', control('POST', '/recover'), told('200 OK', 'Updated\n'), {
    isAlone: true,
  }),
  one(
    '6.1',
    'a byte order mark is passed over',
    control('POST', '/publish', `\u00ef\u00bb\u00bf${empty}`),
    published,
  ),
  row(
    '6.1',
    'one bad item keeps all from being published',
    [at('/one-bad', polls('c-one-bad', ''))],
    [
      [get('/one-bad'), waits],
      [{ kind: 'origin', path: '/one-bad' }, times(1)],
      pass(200),
      [
        control(
          'POST',
          '/publish',
          '{"items":[{"channel":"c-one-bad","formats":{"http-response":{"body":"1"}}},{"channel":"c-one-bad"}]}',
        ),
        invalid('no formats specified'),
      ],
      publishResponse('c-one-bad', { body: '2' }),
      [read(), said('200 OK', '2')],
    ],
  ),
]

/** A list without items with so many bytes. */
function large(size: number): string {
  return empty.padEnd(size)
}

const formatOf = (format: string, value: unknown) => ({ channel: 'c', formats: { [format]: value } })
const streamOf = (value: unknown) => formatOf('http-stream', value)
const responseOf = (more: object) => formatOf('http-response', { body: 'x', ...more })
const socketOf = (value: object) => formatOf('ws-message', value)
const sound = { 'http-stream': { content: 'x' } }
const wrong = (what: string, key: string) => `${what} contains '${key}' with wrong type`
const itemObject = 'publish item object'

/** Undefined: it is published. */
const items: readonly (readonly [number: string, item: unknown, why: string | undefined])[] = [
  ['161', 1, `${itemObject} is not an object`],
  ['162', { formats: sound }, `${itemObject} does not contain 'channel'`],
  ['162', { channel: 1, formats: sound }, wrong(itemObject, 'channel')],
  ['162', { channel: null, formats: sound }, wrong(itemObject, 'channel')],
  ['162', { channel: '', formats: sound }, undefined],
  ['163', { channel: 'c', id: 1, formats: sound }, wrong(itemObject, 'id')],
  ['163', { channel: 'c', id: null, formats: sound }, wrong(itemObject, 'id')],
  ['163', { channel: 'c', 'prev-id': null, formats: sound }, wrong(itemObject, 'prev-id')],
  ['164', { channel: 'c' }, 'no formats specified'],
  ['164', { channel: 'c', formats: {} }, 'no formats specified'],
  ['164', { channel: 'c', formats: 1 }, wrong(itemObject, 'formats')],
  ['164', { channel: 'c', formats: { x: {} } }, undefined],
  ['164', { channel: 'c', ...sound }, undefined],
  ['165', streamOf(1), "'http-stream' is not an object"],
  ['165', streamOf({}), "'http-stream' does not contain 'content' or 'content-bin'"],
  ['165', streamOf({ content: 1 }), wrong("'http-stream'", 'content')],
  ['165', streamOf({ content: null }), wrong("'http-stream'", 'content')],
  ['165', streamOf({ 'content-bin': 1 }), wrong("'http-stream'", 'content-bin')],
  ['166', streamOf({ 'content-bin': '!' }), undefined],
  ['167', streamOf({ action: 'zap', content: 'x' }), ''],
  ['167', streamOf({ action: 1, content: 'x' }), wrong("'http-stream'", 'action')],
  ['168', responseOf({ code: 1000 }), "'http-response' contains 'code' with invalid value"],
  ['168', responseOf({ code: [] }), wrong("'http-response'", 'code')],
  ['168', responseOf({ code: 201.7 }), undefined],
  ['169', responseOf({ headers: 'x' }), wrong("'http-response'", 'headers')],
  ['169', responseOf({ headers: [['a']] }), 'headers contains list with wrong number of elements'],
  ['169', responseOf({ headers: [1] }), 'headers contains element with wrong type'],
  ['169', responseOf({ headers: { a: 1 } }), wrong('headers', 'a')],
  ['169', responseOf({ reason: 1 }), wrong("'http-response'", 'reason')],
  [
    '169',
    formatOf('http-response', {}),
    "'http-response' does not contain 'body', 'body-bin', or 'body-patch'",
  ],
  ['169', formatOf('http-response', { 'body-patch': 1 }), wrong("'http-response'", 'body-patch')],
  ['170', socketOf({ type: 'zap', content: 'x' }), "'ws-message' contains 'type' with unknown value"],
  ['170', socketOf({ type: 'ping' }), undefined],
  ['170', socketOf({ type: 'text' }), "'ws-message' does not contain 'content' or 'content-bin'"],
  ['170', socketOf({ action: 'close', code: -1 }), "'ws-message' contains 'code' with invalid value"],
  ['171', { channel: 'c', meta: { a: 1 }, formats: sound }, "'meta' contains 'a' with wrong type"],
  ['171', { channel: 'c', meta: 1, formats: sound }, wrong(itemObject, 'meta')],
  ['171', { channel: 'c', size: -1, formats: sound }, `${itemObject} contains 'size' with invalid value`],
  ['171', { channel: 'c', 'no-seq': 'x', formats: sound }, wrong(itemObject, 'no-seq')],
  ['6.3', streamOf({ content: 'x', 'content-filters': 1 }), wrong("'http-stream'", 'content-filters')],
  [
    '6.3',
    streamOf({ content: 'x', 'content-filters': [1] }),
    'content-filters contains element with wrong type',
  ],
]

const publishes = (body: unknown) => control('POST', '/publish/', JSON.stringify(body))

export const itemMistakes: readonly GripRow[] = [
  one('161', 'a body has items', publishes({}), invalid("object does not contain 'items'")),
  one(
    '161',
    'items are a list',
    publishes({ items: {} }),
    invalid("object contains 'items' with wrong type"),
  ),
  ...items.map(([number, item, why], index) =>
    one(
      number,
      `item ${index + 1}, ${JSON.stringify(item)}`,
      publishes({ items: [item] }),
      why === undefined ? published : invalid(why),
    ),
  ),
  one(
    '172',
    'refresh is an action',
    publishes({ items: [socketOf({ action: 'refresh' })] }),
    published,
    differs('no refresh', { 1: invalid('') }),
  ),
  one(
    '168',
    'a code is a number',
    publishes({ items: [responseOf({ code: 'x' })] }),
    invalid("'http-response' contains 'code' with invalid value"),
    differs('status of no number', { 1: published }),
  ),
]
