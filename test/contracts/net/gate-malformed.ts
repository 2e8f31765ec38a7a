// Input that is malformed, ambiguous or odd, and how a gate reacts to it: the rows of malformed.ts that a client can
// notice, and those of contract §4.1. Data only. Whoever plays a row cuts it anywhere: that must not change anything.
import {
  type GateRow,
  limits,
  refused,
  served,
  servedLast,
  told,
  torn,
  waiting,
} from './gate-malformed-row.ts'
import { behind, chunked, get, hello, line, post, te } from './malformed-row.ts'

const ga = 'GET /a'
const pa = 'POST /a'
const pb = 'GET /behind'
/** All that is visible. */
const ascii = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('')
const hello5 = 'hello'
/** The same in chunks. */
const whole = '5\r\nhello\r\n0\r\n\r\n'

const ofHeadBytes = (bytes: number) => get(`a: ${'x'.repeat(bytes - get('a: \r\n').length)}\r\n`)
/** `Host` is one of them. */
const ofHeaders = (count: number) =>
  get(Array.from({ length: count - 1 }, (_, index) => `h${index}: x\r\n`).join(''))
const ofTargetBytes = (bytes: number) => line(`GET /${'x'.repeat(bytes - 1)} HTTP/1.1`)

const requestLines: readonly GateRow[] = [
  served('a request', get(), ga),
  served('two at once', get() + behind, ga, pb),
  servedLast('HTTP/1.0', line('GET /a HTTP/1.0'), ga),
  served('HTTP/1.0 that stays', `GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n${behind}`, ga, pb),
  servedLast('close', get('connection: x, CLOSE\r\n') + behind, ga),
  servedLast('close in the second of two', get('connection: x\r\nconnection: close\r\n') + behind, ga),
  servedLast('close, as a proxy was told it once', get('proxy-connection: close\r\n') + behind, ga),
  ...[
    'HTTP/1.2',
    'HTTP/2.0',
    'HTTP/0.9',
    'http/1.1',
    'HTTP/1.1 ',
    'HTTP/01.1',
    'HTTP/1.1x',
    'ICE/1.0',
    '',
  ].map(version => refused(`version ${version}`, line(`GET /a ${version}`), told.version)),
  refused('no version', line('GET /a'), told.version),
  refused('a blank in the target', line('GET /a b HTTP/1.1'), told.version),
  refused('two blanks behind the target', line('GET /a  HTTP/1.1'), told.version),
  refused('two blanks behind the method', line('GET  /a HTTP/1.1'), told.token),
  refused('a tab behind the method', line('GET\t/a HTTP/1.1'), told.token),
  refused('NUL in the target', line('GET /a\0b HTTP/1.1'), told.token),
  refused('a tab in the target', line('GET /a\tb HTTP/1.1'), told.token),
  refused('DEL in the target', line('GET /a\x7f HTTP/1.1'), told.token),
  refused('CR in the target', line('GET /a\rb HTTP/1.1'), told.token),
  refused('lines that end in LF', 'GET /a HTTP/1.1\nhost: t\n\n', told.token),
  refused('garbage', 'GARBAGE\r\n\r\n', told.token),
  refused('garbage without an end', 'GARBAGE', told.token),
  refused('TLS', `\x16\x03\x01\x02\0\x01${'\0'.repeat(100)}`, told.token),
  refused('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', told.token),
  refused('PROXY version 1', `PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n${get()}`, told.token),
  refused('PROXY version 2', `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04${get()}`, told.token),
  refused('a method in lower case', line('get /a HTTP/1.1'), told.token),
  refused('a method that nobody knows', line('GETT /a HTTP/1.1'), told.token),
  refused('an empty method', line(' /a HTTP/1.1'), told.token),
  refused('CONNECT', line('CONNECT t:80 HTTP/1.1'), told.connect),
  refused('CONNECT to a path', line('CONNECT /a HTTP/1.1'), told.connect),
  refused('UTF-8 in the target', line('GET /\xc3\xa9 HTTP/1.1'), told.token),
  refused('a byte over 0x7F in the query', line('GET /a?\x80 HTTP/1.1'), told.token),
  served('all other bytes in the target', line(`GET /${ascii} HTTP/1.1`), `GET /${ascii}`),
  served('a path to normalise', line('GET /%2F/../a//b HTTP/1.1'), 'GET /%2F/../a//b'),
  served('a fragment', line('GET /a#b HTTP/1.1'), 'GET /a#b'),
]

const targets: readonly GateRow[] = [
  served('absolute form', line('GET http://u/a?b HTTP/1.1'), 'GET /a?b'),
  served('absolute form, another case, a port', line('GET HTTPS://u:81/a HTTP/1.1'), 'GET /a'),
  served('absolute form of an address', line('GET http://[::1]:81 HTTP/1.1'), 'GET /'),
  served('absolute form without a path', line('GET http://u HTTP/1.1'), 'GET /'),
  served('absolute form with a query alone', line('GET http://u?b HTTP/1.1'), 'GET /?b'),
  served('OPTIONS *', line('OPTIONS * HTTP/1.1'), 'OPTIONS *'),
  ...[
    '*',
    '*a',
    'u:80',
    'a',
    '?a',
    '#a',
    'http:/a',
    'http://',
    'http:///a',
    'http://u@t/a',
    'http://u#a',
  ].map(target => refused(`GET ${target}`, line(`GET ${target} HTTP/1.1`), told.token)),
  ...['ftp://u/a', 'ws://u/a', 'http://u,t/a', 'http://u:x/a', 'http://[u]/a', 'http://\xe9/a'].map(target =>
    refused(`GET ${target}`, line(`GET ${target} HTTP/1.1`), told.token),
  ),
  refused('OPTIONS *a', line('OPTIONS *a HTTP/1.1'), told.token),
  served(`a target of 4,096 bytes`, ofTargetBytes(limits.targetBytesMax), `GET /${'x'.repeat(4_095)}`),
  refused('a target of 4,097 bytes', ofTargetBytes(limits.targetBytesMax + 1), told.target),
]

/** What stands between two requests of one connection. */
const between: readonly GateRow[] = [
  served('an empty line first', `\r\n${get()}`, ga),
  served('an empty line between two requests', `${get()}\r\n${behind}`, ga, pb),
  served(
    'a line end that a length does not count',
    `${post('content-length: 5\r\n', hello5)}\r\n${behind}`,
    hello,
    pb,
  ),
  refused('two empty lines first', `\r\n\r\n${get()}`, told.token),
  refused('LF alone first', `\n${get()}`, told.token),
  refused('CR alone first', `\r${get()}`, told.token),
  { ...refused('a second request that is none', `${get()}\x16\x03`, told.token), served: [ga] },
]

const headers: readonly GateRow[] = [
  ...[
    'a : b',
    'a\t: b',
    ' a: b',
    ': b',
    ' : b',
    'abc',
    'a(b: c',
    'a\xff: b',
    'a\0: b',
    'a: b\r\n c',
    'a: b\r\n\tc',
  ].map(header => refused(`header ${JSON.stringify(header)}`, get(`${header}\r\n`), told.token)),
  ...['a: b\0', 'a: b\x01c', 'a: b\x7f', 'a: b\rc', 'a: b\r\r', 'a: b\nc: d', 'a: b\x0b', 'a: b\x1b'].map(
    header => refused(`header ${JSON.stringify(header)}`, get(`${header}\r\n`), told.token),
  ),
  refused('an empty line that ends in LF', 'GET /a HTTP/1.1\r\nhost: t\r\n\n', told.token),
  refused('an empty name in front of a length', post(': a\r\ncontent-length: 36\r\n', behind), told.token),
  refused('a folded line first', 'GET /a HTTP/1.1\r\n a: b\r\n\r\n', told.token),
  served('bytes over 0x7F in a value', get('a: \x80\xff\r\n'), ga),
  served('a value of blanks', get('a: \t \r\nb:\r\n'), ga),
  served('all that a name may be', get("!#$%&'*+-.^_`|~09AZaz:b\r\n"), ga),
  served('no header', 'GET /a HTTP/1.1\r\n\r\n', ga),
  served('no Host', 'GET /a HTTP/1.1\r\na: b\r\n\r\n', ga),
  served('an empty Host', 'GET /a HTTP/1.1\r\nhost:\r\n\r\n', ga),
  refused('two Hosts', get('host: u\r\n'), told.token),
  refused('two equal Hosts', get('Host: t\r\n'), told.token),
  refused('two Hosts and absolute form', `GET http://t/a HTTP/1.1\r\nhost: t\r\nhost: t\r\n\r\n`, told.token),
  ...['a b', 'a/b', 'u@t', 'a, b', 'a,b', 'a:b', '[::1', '\xe9', 'a?b', 'http://t'].map(value =>
    refused(`Host: ${value}`, `GET /a HTTP/1.1\r\nHost: ${value}\r\n\r\n`, told.token),
  ),
  served('64 headers', ofHeaders(limits.headersMax), ga),
  refused('65 headers', ofHeaders(limits.headersMax + 1), told.headers),
  refused('65 headers without an end', ofHeaders(limits.headersMax + 1).slice(0, -2), told.headers),
  served('a head of 8,192 bytes', ofHeadBytes(limits.headBytesMax), ga),
  served('the same behind an empty line', `\r\n${ofHeadBytes(limits.headBytesMax)}`, ga),
  refused('a head of 8,193 bytes', ofHeadBytes(limits.headBytesMax + 1), told.head),
  waiting('a head of 8,192 bytes without an end', ofHeadBytes(9_000).slice(0, limits.headBytesMax)),
  refused('one byte more of it', ofHeadBytes(9_000).slice(0, limits.headBytesMax + 1), told.head),
  waiting('half a head', get().slice(0, -1)),
  waiting('half a method', 'CONN'),
]

const lengths: readonly GateRow[] = [
  ...['-5', '+5', '0x5', '5 6', '5, 5', '5,5', '5a', 'five', '', '5;', '5.0', '5\xa0', '1'.repeat(16)].map(
    value => refused(`content-length: ${value}`, post(`content-length: ${value}\r\n`, hello5), told.length),
  ),
  served('content-length: 00005', post('content-length: 00005 \r\n', hello5), hello),
  served('content-length: 0', post('content-length: 0\r\n') + behind, pa, pb),
  { ...waiting('a length of 15 digits', post(`content-length: ${'9'.repeat(15)}\r\n`, 'x')), begun: pa },
  { ...waiting('a body that is not whole', post('content-length: 6\r\n', hello5)), begun: pa },
  refused('two lengths', post('content-length: 5\r\ncontent-length: 6\r\n', hello5), told.length),
  refused('two equal lengths', post('content-length: 5\r\nContent-Length: 5\r\n', hello5), told.length),
  refused('a length and chunks', post(`content-length: 5\r\n${te}`, '0\r\n\r\n'), told.length),
  refused('chunks and a length', post(`${te}content-length: 5\r\n`, '0\r\n\r\n'), told.length),
  served('POST without a length', post('') + behind, pa, pb),
  served('GET with a body', get('content-length: 5\r\n') + hello5 + behind, `${ga} hello`, pb),
  served('an expectation', post('expect: 100-continue\r\ncontent-length: 5\r\n', hello5), hello),
  served('another expectation', get('expect: x\r\n'), ga),
]

const encodings: readonly GateRow[] = [
  ...[
    '',
    'identity',
    'xchunked',
    'gzip, chunked',
    'chunked, gzip',
    'chunked,',
    'chunked, chunked',
    '"chunked"',
    'chunked;q=1',
    'chunked ',
    'chunked\t',
    ' chunked',
    '\tchunked',
  ].map(value =>
    refused(
      `transfer-encoding: ${JSON.stringify(value)}`,
      post(`transfer-encoding: ${value}\r\n`, whole),
      told.length,
    ),
  ),
  refused('transfer-encoding, twice', post(te + te, whole), told.length),
  refused('transfer-encoding, an empty one first', post(`transfer-encoding:\r\n${te}`, whole), told.length),
  refused('transfer-encoding in 1.0', `POST /a HTTP/1.0\r\n${te}\r\n${whole}`, told.length),
  served('transfer-encoding: CHUNKED', post('Transfer-Encoding: CHUNKED\r\n', whole) + behind, hello, pb),
  served('GET with chunks', get(te) + whole + behind, `${ga} hello`, pb),
  served(
    'two chunks, digits in both cases',
    chunked('00A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n'),
    `${pa} 01234567890123456789`,
  ),
  served('chunk extensions', chunked('5;a;b=c;d="e f; g"\r\nhello\r\n0;x\r\n\r\n') + behind, hello, pb),
  ...[
    '',
    'g',
    '0x5',
    '-5',
    '+5',
    ' 5',
    '5 ',
    '5\t',
    '5 ;a=b',
    '5; a=b',
    '5;',
    '5;a=',
    '5;a="b',
    '5;a="\\""',
    '5;\xff',
    ';a',
  ].map(size => torn(`chunk line ${JSON.stringify(size)}`, chunked(`${size}\r\nhello\r\n0\r\n\r\n`), pa)),
  { ...waiting('a chunk size of 15 digits', chunked(`${'0'.repeat(14)}5\r\nhell`)), begun: pa },
  torn('a chunk size of 16 digits', chunked(`${'0'.repeat(15)}5\r\nhello\r\n0\r\n\r\n`), pa),
  torn('a chunk size beyond what numbers are exact to', chunked('20000000000000\r\nhello'), pa),
  torn('a chunk line that ends in LF', chunked('5\nhello\r\n0\r\n\r\n'), pa),
  torn('a chunk line with CR inside', chunked('5\r\r\nhello\r\n0\r\n\r\n'), pa),
  torn('no CRLF behind a chunk', chunked('5\r\nhelloXX0\r\n\r\n'), pa),
  torn('LF behind a chunk', chunked('5\r\nhello\n0\r\n\r\n'), pa),
  torn('chunk lines that end in LF', chunked('5\nhello\n0\n\n'), pa),
  torn('an end that is LF', chunked('5\r\nhello\r\n0\r\n\n'), pa),
]

const trailers: readonly GateRow[] = [
  served('trailers', `${chunked('5\r\nhello\r\n0\r\na: b\r\nc:\r\n\r\n')}${behind}`, hello, pb),
  ...[
    'Content-Length: 5',
    'transfer-encoding: chunked',
    'Host: t',
    'Connection: close',
    'Proxy-Connection: close',
    'Upgrade: x',
    'Trailer: x',
    'TE: x',
    'Expect: x',
    'Keep-Alive: x',
  ].map(trailer => torn(`trailer ${trailer}`, chunked(`5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`), pa)),
  ...['a : b', ' a: b', ': b', 'abc', 'a: b\r\n c', 'a: b\0', 'a: b\nc: d', 'a: b\rc'].map(trailer =>
    torn(`trailer ${JSON.stringify(trailer)}`, chunked(`5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`), pa),
  ),
  torn('a request for a trailer', chunked(`5\r\nhello\r\n0\r\n${behind}`), pa),
]

export const rows: readonly GateRow[] = [
  ...requestLines,
  ...targets,
  ...between,
  ...headers,
  ...lengths,
  ...encodings,
  ...trailers,
]
