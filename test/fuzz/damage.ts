// Damaged valid inputs. They come closer to the edges of a grammar than bytes without form: parts are replaced, cut,
// doubled, moved, and joined with parts of other samples and with words that decoders treat specially.
import fc from 'fast-check'
import { packExact, unpack } from '../../src/std/msgpack.ts'

type Change = (bytes: Buffer, other: Buffer) => Buffer

/** At the ends of what numbers, text and escapes can be. */
const words = [
  '',
  '\0',
  '\ufeff',
  '\u2028',
  '\ud83d\ude00',
  '\\ud800',
  '%',
  '%2F',
  '%00',
  '%ff',
  '%C3%A9',
  '__proto__',
  'constructor',
  'null',
  'true',
  '-0',
  '-1',
  '1e400',
  '9007199254740993',
  '18446744073709551616',
  'NaN',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '.',
  '\r',
  '\n',
  '\r\n',
  '\n\n',
  ' ',
  '\t',
].map(word => Buffer.from(word))

const place = fc.nat({ max: 2 ** 20 })

/** `from` and the bytes behind it, within bounds. */
function slice(bytes: Buffer, from: number, length: number): [start: number, end: number] {
  const start = from % (bytes.length + 1)
  return [start, Math.min(bytes.length, start + (length % 64))]
}

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 255 })).map(
    ([at, byte]): Change =>
      bytes => {
        const copy = Buffer.from(bytes)
        if (copy.length > 0) copy[at % copy.length] = byte
        return copy
      },
  ),
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(
    ([at, bit]): Change =>
      bytes => {
        const copy = Buffer.from(bytes)
        if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << bit)
        return copy
      },
  ),
  place.map(
    (at): Change =>
      bytes =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
  fc.tuple(place, place).map(
    ([at, length]): Change =>
      bytes => {
        const [start, end] = slice(bytes, at, length)
        return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
      },
  ),
  fc.tuple(place, place, fc.integer({ min: 1, max: 40 })).map(
    ([at, length, times]): Change =>
      bytes => {
        const [start, end] = slice(bytes, at, length)
        const part = bytes.subarray(start, end)
        return Buffer.concat([bytes.subarray(0, end), ...Array(times).fill(part), bytes.subarray(end)])
      },
  ),
  fc.tuple(place, fc.constantFrom(...words)).map(
    ([at, word]): Change =>
      bytes => {
        const start = at % (bytes.length + 1)
        return Buffer.concat([bytes.subarray(0, start), word, bytes.subarray(start)])
      },
  ),
  fc.tuple(place, place).map(
    ([at, from]): Change =>
      (bytes, other) => {
        return Buffer.concat([
          bytes.subarray(0, at % (bytes.length + 1)),
          other.subarray(from % (other.length + 1)),
        ])
      },
  ),
)

/** Bytes without form, samples as they are, and samples with up to four changes. */
export function damaged(samples: readonly (string | Uint8Array)[]): fc.Arbitrary<Uint8Array> {
  const whole = samples.map(sample => Buffer.from(sample as string)) // Buffer.from takes both
  const sample = fc.constantFrom(...whole)
  const changed = fc
    .tuple(sample, sample, fc.array(changes, { maxLength: 4 }))
    .map(([bytes, other, all]) => all.reduce<Buffer>((before, change) => change(before, other), bytes))
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 9, arbitrary: changed },
  )
}

/** What a field of a packed value may have become. */
const strangers: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER + 1,
  2n ** 64n - 1n,
  '',
  'x',
  'x'.repeat(2_000),
  'hello',
  '__proto__',
  [],
  [1, 2],
  [[]],
  {},
  new Uint8Array(3),
  new Date(0),
]

const step = fc.tuple(fc.array(place, { maxLength: 6 }), fc.nat({ max: 3 }), fc.constantFrom(...strangers))

/** Packed values with some field somewhere inside replaced, left out or doubled, and their bytes damaged as above. */
export function damagedValues(samples: readonly unknown[]): fc.Arbitrary<Uint8Array> {
  const packed = samples.map(packExact)
  const changed = fc
    .tuple(fc.constantFrom(...packed), fc.array(step, { minLength: 1, maxLength: 2 }))
    .map(([bytes, steps]) => {
      const root = [unpack(bytes)]
      for (const [path, how, stranger] of steps) changeInside(root, path, how, stranger)
      return packExact(root[0])
    })
  return fc.oneof({ weight: 2, arbitrary: changed }, { weight: 1, arbitrary: damaged(packed) })
}

/** Packed values whose fields have other values of the same type: the shape stays as it was. */
export function alteredValues(samples: readonly unknown[]): fc.Arbitrary<Uint8Array> {
  const packed = samples.map(packExact)
  return fc
    .tuple(fc.constantFrom(...packed), fc.array(step, { minLength: 1, maxLength: 6 }))
    .map(([bytes, steps]) => {
      const root = [unpack(bytes)]
      for (const [path, , stranger] of steps) changeInside(root, path, alter, stranger)
      return packExact(root[0])
    })
}

const remove = 0
const insert = 1
const alter = 4

/** Follows `path` into nested lists as far as there are any, and changes the member found there. */
function changeInside(list: unknown[], path: readonly number[], how: number, stranger: unknown): void {
  const [turn = 0, ...rest] = path
  const at = list.length === 0 ? 0 : turn % list.length
  const member = list[at]
  if (Array.isArray(member) && member.length > 0 && rest.length > 0) {
    return changeInside(member, rest, how, stranger)
  }
  // A list that is used twice must not be changed in both places.
  const own = structuredClone(stranger)
  if (how === remove) list.splice(at, 1)
  else if (how === insert) list.splice(at, 0, own)
  else if (how !== alter || isAlike(member, own)) list[at] = own
}

function isAlike(one: unknown, other: unknown): boolean {
  if (typeof one === 'object') return one instanceof Uint8Array && other instanceof Uint8Array
  return typeof one === typeof other
}
