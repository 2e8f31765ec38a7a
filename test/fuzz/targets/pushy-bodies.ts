// pushy's bodies: JSON is taken where JSON.parse takes it, and what becomes of it says the same in one line. The last
// target makes bodies as long as a listener takes a few of in one go: their cost must grow with their length alone.
import assert, { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { StreamDecoder } from '../../../src/commands/stream-decoder.ts'
import { formatPosition, parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { createFormats } from '../../../src/frontends/pushy/format.ts'
import { parseJson } from '../../../src/frontends/pushy/json.ts'
import { readParameters } from '../../../src/frontends/pushy/parameters.ts'
import { readDraft } from '../../../src/frontends/pushy/publication.ts'
import { channelName } from '../../helpers/mesh.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const bodies = [
  '{"data":{"b":[1.0,"\\ud83d\\ude00\\/",null],"a":1e3,"__proto__":{}},"event":"news"}',
  '{"data":{"\\u0061":"\\u001f\\n\\"\\\\","a":{},"timestamp":5,"\u{1f600}":1,"\uffff":[[]]}}',
  ' { "channels" : [ "news.*" , "a" ] , "sub":"u", "meta":{"exp":1} } ',
  `{"data":${'{"a":'.repeat(126)}1${'}'.repeat(126)}}`,
  '"\\ud83d\\\\\\ude00"',
  '-0.0e+12',
]

const depthMax = 128

/** Bounded here as there: what is deeper is refused, so it is of no interest how deep it is. */
function depthOf(value: unknown, above = 0): number {
  if (typeof value !== 'object' || value === null || above > depthMax) return 0
  return 1 + Object.values(value).reduce<number>((most, each) => Math.max(most, depthOf(each, above + 1)), 0)
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isWellFormed(each))
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** What takes the last of equal keys does not see into the others, and there it may differ. */
function hasHiddenMembers(text: string, value: unknown): boolean {
  return text.length > 0 && (text.match(/:/g)?.length ?? 0) > (JSON.stringify(value).match(/:/g)?.length ?? 0)
}

const json: Target = {
  name: 'pushy-json',
  inputs: damaged(bodies),
  share: 1.5,
  check(bytes) {
    const text = bytes.toString('utf8')
    const read = parseJson(text)
    const expected = parsed(text)
    if (expected === undefined) return equal(read, undefined)
    const isSound = isWellFormed(expected.value) && depthOf(expected.value) <= depthMax
    if (read === undefined) return assert(!isSound || hasHiddenMembers(text, expected.value), 'it is refused')
    assert(isSound, 'what is no text, or too deep, is taken')
    const line = read.normal()
    assert(!/[\0-\x1f]/.test(line) && line.isWellFormed(), 'it is one line of text')
    deepEqual(JSON.parse(line), expected.value)
    equal(parseJson(line)?.normal(), line)
    const keys = read.members().map(({ key }) => Buffer.from(key))
    assert(
      keys.every((key, index) => index === 0 || Buffer.compare(keys[index - 1] ?? key, key) < 0),
      'members are sorted by bytes',
    )
    for (const key of keys.map(String)) {
      const own: unknown = JSON.parse(read.part(key) ?? '')
      deepEqual(own, Object.entries(Object(expected.value)).find(([name]) => name === key)?.[1])
    }
  },
}

const formats = createFormats(100)
const epoch = parseEpoch('e1')
const offset = parseOffset(7)
const parts = {
  channel: channelName('news'),
  idempotencyKey: undefined,
  unixMs: 1_700_000_000_999,
  randomHex: 'ab'.repeat(16),
  namesEvents: true,
}

/** As a browser reads it: one event, and nothing that the publisher could have put beside it. */
function checkEvent(text: Uint8Array | undefined, name: string, id: string): unknown {
  assert(text !== undefined, 'every publication is an event')
  const [event, ...more] = new StreamDecoder(1_000_000).push(text)
  deepEqual([event?.name, event?.id, more], [name, id, []])
  const data: unknown = JSON.parse(event?.data ?? '')
  assert(typeof data === 'object' && data !== null && !Array.isArray(data), 'data is an object')
  return data
}

const publications: Target = {
  name: 'pushy-publications',
  inputs: damaged(bodies),
  share: 0.7,
  check(bytes) {
    // As another protocol may have published it.
    for (const kind of ['json', 'text', 'bytes'] as const) {
      if (kind === 'json' && parsed(bytes.toString('utf8')) === undefined) continue
      const publication = { channel: parts.channel, offset, content: { kind, payload: bytes } }
      const position = formatPosition({ epoch, offset })
      const data = checkEvent(formats.positions.encode(publication, epoch), 'message', position)
      if (kind === 'bytes') deepEqual(data, { data: bytes.toString('base64') })
      if (kind === 'text') deepEqual(data, { data: bytes.toString('utf8') })
    }
    const reading = readParameters('event=q', 'application/json', bytes)
    if (!reading.ok) return
    const drafted = readDraft(reading.parameters, parts)
    if (!drafted.ok) return assert(drafted.reason.startsWith('parameter-'), drafted.reason)
    const { content, meta } = drafted.draft
    const { data } = JSON.parse(bytes.toString('utf8'))
    deepEqual(JSON.parse(Buffer.from(content.payload).toString()), { ...data, timestamp: 1_700_000_000 })
    const publication = { channel: parts.channel, offset, content, ...(meta !== undefined && { meta }) }
    checkEvent(formats.plain.encode(publication, epoch), meta?.event ?? 'message', meta?.id ?? '')
  },
}

const largeBytes = 262_144

/** What opens and closes each level, and what the innermost one is full of: much of it is JSON, and the rest nearly so. */
const levels = [
  ['{"a":', ',"b":1}'],
  ['[1,', ',1]'],
  ['{"a":', '}'],
  ['', ''],
] as const
const fillings = [
  ['{', '"k#":1,', '"z":1}'],
  ['{', '"#\u{1f600}":[],', '"z":1}'],
  ['{', '"\\u001f#":"\\u001f",', '"z":1}'],
  ['{', '"a":1,', '"a":2}'],
  ['[', '{},', '1]'],
  ['[', '-1.0e5,', '1]'],
  ['[', '"\\ud83d\\ude00",', '1]'],
  ['"', '\\\\', '"'],
  ['"', '\\u001f', '"'],
  ['', ' ', '1'],
  ['', '1', ''],
  ['', '[', ''],
  ['', '{"a":', ''],
  ['', '"', ''],
  ['"', '\\ud83d', '"'],
] as const

/** A few bytes choose it, so that a find is printed in one line. */
function enlarged([level = 0, filling = 0, depth = 0]: Uint8Array): Buffer {
  const [open, close] = levels[level % levels.length] ?? ['', '']
  const [first, part, last] = fillings[filling % fillings.length] ?? ['', '', '']
  const count = Math.floor(largeBytes / part.length)
  const middle = Array.from({ length: count }, (_, n) => part.replace('#', String(n * 7_919))).join('')
  const times = 1 + (depth % 125)
  return Buffer.from(`{"data":{"c":${open.repeat(times)}${first}${middle}${last}${close.repeat(times)}}}`)
}

const large: Target = {
  name: 'pushy-large-bodies',
  inputs: fc.uint8Array({ minLength: 3, maxLength: 3 }),
  share: 0.005,
  check(bytes) {
    const reading = readParameters(undefined, 'application/json', enlarged(bytes))
    if (reading.ok) assert(readDraft(reading.parameters, parts).ok, 'an object is taken')
  },
}

export const targets: readonly Target[] = [json, publications, large]
