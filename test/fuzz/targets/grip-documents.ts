// GRIP's documents: bodies at the control door, instructions in headers and in JSON, patches, and items out of files. What
// is taken must keep its promises; what is not has a text of its own. The last target makes bodies as long as the door
// takes: their cost in time and memory must grow with their length alone.
import assert, { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { bytesOf, invalid } from '../../../src/frontends/grip/control/answers.ts'
import { responseOf } from '../../../src/frontends/grip/hold/response-of.ts'
import { readHeaderInstruct } from '../../../src/frontends/grip/instruct/from-headers.ts'
import { readJsonInstruct } from '../../../src/frontends/grip/instruct/from-json.ts'
import type { InstructReading } from '../../../src/frontends/grip/instruct/instruct.ts'
import { Batch } from '../../../src/frontends/grip/item/batch.ts'
import { decodeItem, encodeItem } from '../../../src/frontends/grip/item/codec.ts'
import { contentOf } from '../../../src/frontends/grip/item/content.ts'
import { readItemsBody } from '../../../src/frontends/grip/item/from-json.ts'
import type { Item } from '../../../src/frontends/grip/item/item.ts'
import { applyPatch } from '../../../src/frontends/grip/item/patch.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { isPlain, type Plain } from '../../../src/std/plain.ts'
import { damaged, damagedValues } from '../damage.ts'
import type { Target } from '../target.ts'

const bodies = [
  '{"items":[{"channel":"a","id":"1","prev-id":"0","no-seq":true,"size":"7","meta":{"sender":"s"},"formats":{"http-stream":{"content":"x\\n","content-filters":["var-subst"]}}}]}',
  '{"items":[{"channel":"","http-response":{"code":"404","reason":"No","headers":[["A","b"]],"body-bin":"AQL/"}},{"channel":"b","formats":{"http-response":{"headers":{"Grip-Expose-Headers":"a, B"},"body-patch":[{"op":"add","path":"/a/-","value":[]}]}}}]}',
  '{"items":[{"channel":"\\ud83d","formats":{"ws-message":{"type":"ping","content-bin":"!"},"http-stream":{"action":"close"}}},{"channel":"c","formats":{"ws-message":{"action":"close","code":4001,"reason":"why"}}}]}',
]

const stored = {
  status: 200,
  reason: 'OK',
  rawHeaders: ['X-A', '1', 'B', '2'],
  body: Buffer.from('{"a":[1]}\n'),
}

function checkItem(item: Item): void {
  const plain = encodeItem(item)
  assert(isPlain(plain, 8), 'it is plain data')
  deepEqual(decodeItem(item.channel, plain), item)
  const { kind, payload } = contentOf(item)
  if (kind === 'json') JSON.parse(Buffer.from(payload).toString())
  if (kind === 'none') equal(payload.length, 0)
  const { chunks } = new Batch([{ item, offset: 1 }])
  if (chunks !== undefined) {
    const text = Buffer.from(chunks).toString('latin1')
    const size = Number.parseInt(text, 16)
    assert(size > 0 && text.slice(text.indexOf('\r\n')).length === size + 4, 'a chunk has its size')
  }
  const { response } = item
  if (response?.action !== 'send') return
  const answer = responseOf(stored, response)
  checkRaw(answer.rawHeaders)
  assert(!/[\r\n]/.test(answer.reason), 'the reason is on its line')
}

function checkRaw(rawHeaders: readonly string[]): void {
  equal(rawHeaders.length % 2, 0)
  for (const text of rawHeaders)
    assert(/^[\t\x20-\x7e\x80-\xff]*$/.test(text), 'headers are bytes of one line')
}

const control: Target = {
  name: 'grip-control-bodies',
  inputs: damaged(bodies),
  share: 1.2,
  check(bytes) {
    const reading = readItemsBody(bytes)
    if (reading.ok) return reading.items.forEach(checkItem)
    const answer = Buffer.from(
      bytesOf(invalid(reading), { version: '1.1', method: 'POST', closes: true }),
    ).toString()
    const [head = '', ...rest] = answer.split('\r\n\r\n')
    assert(head.startsWith('HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n'), head)
    equal(Buffer.byteLength(rest.join('\r\n\r\n')), Number(/Content-Length: (\d+)/.exec(head)?.[1]))
  },
}

const limits = { channelsMax: 20, uri: 'http://h/a/b?c' }

function checkInstruct(reading: InstructReading): void {
  if (!reading.ok) return equal(typeof reading.error, 'string')
  const { hold, next, gone, status, response, ignoredChannels } = reading.instruct
  const codes = [status?.code, response?.code].filter(code => code !== undefined)
  assert(codes.every(code => code >= 0 && code <= 999))
  for (const uri of [next?.uri, gone?.uri]) assert(uri === undefined || /^https?:\/\//.test(uri))
  if (response !== undefined) checkRaw(response.rawHeaders)
  if (hold === undefined) return
  assert(hold.channels.length <= limits.channelsMax && (ignoredChannels === 0 || hold.channels.length === 20))
  assert(hold.timeoutMs >= 5_000 && (hold.keepAlive?.timeoutMs ?? 1_000) >= 1_000)
  for (const { name, filters } of hold.channels) assert(name.isWellFormed() && filters.length <= 5)
}

const documents = [
  '{"hold":{"mode":"stream","timeout":55,"channels":[{"name":"a","prev-id":"1","filters":["skip-self"]}],"keep-alive":{"content":"\\n","timeout":20},"meta":{"user":"bob"}},"response":{"code":200,"reason":"OK","headers":[["X-A","1"]],"body":"…"}}',
  '{"hold":{"channels":[],"timeout":"7","keep-alive":{"content-bin":"eA=="}},"response":{"headers":{"A":"b"},"body-bin":"AQ=="}}',
]

const json: Target = {
  name: 'grip-instruct-documents',
  inputs: damaged(documents),
  check: bytes => checkInstruct(readJsonInstruct(200, bytes, limits)),
}

/** A line each: a header as it may come. */
const heads = [
  'Grip-Hold: stream\nGrip-Channel: a; prev-id=1; filter=skip-self, "b, c"; filter=x\nGrip-Keep-Alive: \\n\\x41; format=cstring; timeout=2; mode=interval',
  'grip-hold: response\nGrip-Timeout: 7\nGrip-Set-Meta: user=bob, foo="b \\"a r"\nGrip-Status: 404 None\nGrip-Expose-Headers: A, B\nGrip-Link: </n;a,b?c>; rel=next; timeout=3, <../g>; rel="gone"',
  `Grip-Hold: stream\nGrip-Channel: ${Array.from({ length: 24 }, (_, n) => `c${n}`).join()}\nGrip-Keep-Alive: eA==; format=base64`,
]

const headers: Target = {
  name: 'grip-instruct-headers',
  inputs: damaged(heads),
  check(bytes) {
    const lines = bytes.toString('latin1').split('\n')
    const raw = lines.flatMap(line => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim()])
    checkInstruct(readHeaderInstruct(raw, limits))
  },
}

const patches = [
  '[{"op":"add","path":"/a/0","value":{"b":[]}},{"op":"copy","from":"","path":"/a/-"},{"op":"test","path":"/a/1","value":1}]',
  '[{"op":"replace","path":"/__proto__/a","value":1},{"op":"move","from":"/a","path":"/~1"},{"op":"remove","path":"/~0"}]',
]

const patch: Target = {
  name: 'grip-patches',
  inputs: damaged(patches),
  check(bytes) {
    const body = Buffer.from('{"a":[1,{"x":null}],"__proto__":{"a":2},"~":"m"}\r\n')
    const patched = Buffer.from(applyPatch(body, bytes.toString('utf8'))).toString()
    assert(patched.endsWith('\r\n'), 'its line end is kept')
    JSON.parse(patched)
    assert(!('a' in Object.prototype), 'no prototype is touched')
  },
}

const packed = readItemsBody(Buffer.from(bodies.at(-1) ?? ''))
const values = [...(packed.ok ? packed.items : []).map(encodeItem), encodeItem(sampleOf(bodies[1] ?? ''))]

function sampleOf(body: string): Item {
  const reading = readItemsBody(Buffer.from(body))
  const item = reading.ok ? reading.items[0] : undefined
  return item ?? assert.fail('a sample is an item')
}

const plain: Target = {
  name: 'grip-plain-items',
  inputs: damagedValues(values),
  check(bytes) {
    let value: unknown
    try {
      value = unpack(bytes)
    } catch {
      return // whoever reads links and files says so
    }
    if (!isPlain(value, 16)) return
    const item = decodeItem('c', value)
    if (item === undefined) return
    const own = encodeItem(item)
    deepEqual(encodeItem(decodeItem('c', own) ?? assert.fail('what was an item is one')), own)
    deepEqual(packExact(own), packExact(unpack(packExact(own)) as Plain)) // it was plain when it was packed
  },
}

const largeBytes = 1_000_000
/** So long that no more operations fit than a patch may have. */
const pad = `"pad":"${'x'.repeat(1_000)}"`

/** What a body is full of; `#` is a number of its own. */
const fillings: readonly (readonly [start: string, part: string, end: string])[] = [
  ['{"items":[', '{"channel":"c#","http-stream":{"content":""}},', '0]}'],
  ['{"items":[', '{},', '{}]}'],
  ['{"items":[{"channel":"a","meta":{', '"k#":"",', '"k":1}}]}'],
  ['{"items":[{"channel":"a","http-response":{"body":"","headers":[', '["a","b"],', '1]}}]}'],
  [
    '{"items":[{"channel":"a","http-response":{"body-patch":[',
    `{"op":"test","path":"/a","value":[1],${pad}},`,
    '1]}}]}',
  ],
  [
    '{"items":[{"channel":"a","http-response":{"body-patch":[',
    `{"op":"copy","from":"","path":"/#",${pad}},`,
    '1]}}]}',
  ],
  [
    '{"items":[{"channel":"a","http-response":{"body-patch":[',
    `{"op":"add","path":"/a/0","value":[],${pad}},`,
    '1]}}]}',
  ],
  ['{"items":[{"channel":"a","http-stream":{"content":"', '\\ud83d', '"}}]}'],
  ['{"items":[{"channel":"a","http-stream":{"content":"', '[', '"}}]}'],
  ['{"items":[{"channel":"a","x":', '[', ''],
  ['{"items":[{"channel":"a","formats":{', '"f#":1,', '"x":1}}]}'],
  ['', ' ', ''],
]

const large: Target = {
  name: 'grip-large-bodies',
  inputs: fc.uint8Array({ minLength: 1, maxLength: 1 }),
  share: 0.003,
  check([choice = 0]) {
    const [start, part, end] = fillings[choice % fillings.length] ?? ['', '', '']
    const count = Math.floor(largeBytes / (part.length + 2))
    const middle = Array.from({ length: count }, (_, n) => part.replace('#', String(n))).join('')
    const body = Buffer.from(start + middle + end)
    const before = process.memoryUsage().rss
    const reading = readItemsBody(body)
    const item = reading.ok ? reading.items[0] : undefined
    if (item?.response?.action === 'send') responseOf(stored, item.response)
    const grown = process.memoryUsage().rss - before
    assert(grown < 256 * largeBytes, `${body.length} bytes took ${grown} bytes of memory`)
  },
}

export const targets: readonly Target[] = [control, json, headers, patch, plain, large]
