// rpushd's codec under generated input: the normal form keeps the value, is reached in one step and is sorted;
// frames survive any cutting. RINGCAST_SEED repeats a run.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFrameReader, encodeFrame, parsePublishBody } from '../../src/frontends/rpushd/codec.ts'
import { normalise } from '../../src/frontends/rpushd/json.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const options = { seed, numRuns: 1000 }

/** Well-formed text from all planes, with what JSON escapes and what sorts differently in UTF-16 made frequent. */
const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('"', '\\', '/', '\n', '\0', '\u001f', '\u007f', '\u2028', '\ue000', '\uffff', '😀', 'a'),
  ),
  maxLength: 8,
})

const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false, 0, -1, 1.5, 1e21, 5e-324),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
}))

/** The ways to write a value: loose white space and needless escapes, chosen by numbers from the generator. */
const written = fc
  .tuple(value, fc.integer({ min: 0, max: 3 }), fc.boolean())
  .map(([each, indent, escaped]) => {
    const plain = JSON.stringify(each, undefined, indent)
    return escaped
      ? plain.replace(/[/\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : plain
  })

function normalised(input: string): string {
  const result = normalise(input)
  assert(result.ok, `${input} is refused`)
  return result.text
}

test('the normal form has the value of the text', t => {
  t.diagnostic(`seed ${seed}`)
  fc.assert(
    fc.property(written, input => {
      assert.deepEqual(JSON.parse(normalised(input)), JSON.parse(input))
    }),
    options,
  )
})

test('the normal form of a normal form is itself', t => {
  t.diagnostic(`seed ${seed}`)
  fc.assert(
    fc.property(written, input => {
      const once = normalised(input)
      assert.equal(normalised(once), once)
    }),
    options,
  )
})

test('how a value is written does not show in its normal form', t => {
  t.diagnostic(`seed ${seed}`)
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 3 }), (each, indent) => {
      assert.equal(normalised(JSON.stringify(each, undefined, indent)), normalised(JSON.stringify(each)))
    }),
    options,
  )
})

test('members come in the order of their UTF-8 bytes, each key once', t => {
  t.diagnostic(`seed ${seed}`)
  fc.assert(
    fc.property(fc.array(text, { maxLength: 12 }), keys => {
      const members = keys.map((key, index) => `${JSON.stringify(key)}:${index}`)
      const last = new Map(keys.map((key, index) => [key, index]))
      const sorted = [...last].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const expected = sorted.map(([key, index]) => `${JSON.stringify(key)}:${index}`)
      assert.equal(normalised(`{${members.join(',')}}`), `{${expected.join(',')}}`)
    }),
    options,
  )
})

test('what JSON.parse refuses is refused, what it accepts is accepted', t => {
  t.diagnostic(`seed ${seed}`)
  const unit = fc.constantFrom(
    ...'{}[]",:\\/ \n\t0123456789.-+eEtrufalsn'.split(''),
    'true',
    'null',
    '\\u00e9',
    'é',
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), input => {
      const ours = normalise(input)
      const parsed = parse(input)
      // Infinite numbers and lone surrogates are the two things that JSON.parse accepts and rpushd does not.
      if (parsed === undefined) assert.equal(ours.ok, false, input)
      else if (parsed.plain) assert.equal(ours.ok, true, input)
    }),
    { ...options, numRuns: 20_000 },
  )
})

function parse(input: string): { plain: boolean } | undefined {
  try {
    const parsed: unknown = JSON.parse(input)
    return { plain: isPlain(parsed) && JSON.stringify(parsed).isWellFormed() }
  } catch {
    // JSON.parse has no other way to say no.
    return undefined
  }
}

function isPlain(parsed: unknown): boolean {
  if (typeof parsed === 'number') return Number.isFinite(parsed)
  if (typeof parsed !== 'object' || parsed === null) return true
  return Object.values(parsed).every(isPlain)
}

test('a publish body yields its channel and the normal form of its message', t => {
  t.diagnostic(`seed ${seed}`)
  fc.assert(
    fc.property(text, value, fc.boolean(), (channel, message, asArray) => {
      const body = JSON.stringify(asArray ? [channel, message] : { message, channel })
      const read = parsePublishBody(Buffer.from(body))
      assert.deepEqual(read, { ok: true, channel, message: normalised(JSON.stringify(message)) })
    }),
    options,
  )
})

test('frames are read back whatever the pieces', t => {
  t.diagnostic(`seed ${seed}`)
  const payloads = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 12 })
  const sizes = fc.infiniteStream(fc.integer({ min: 0, max: 400 }))
  fc.assert(
    fc.property(payloads, sizes, (sent, pieces) => {
      const stream = Buffer.concat(sent.map(encodeFrame))
      const reader = createFrameReader()
      const read: Uint8Array[] = []
      for (let at = 0; at < stream.length; ) {
        const size = pieces.next().value
        read.push(...reader.push(stream.subarray(at, at + size)))
        at += size
      }
      assert.deepEqual(
        read.map(each => Buffer.from(each)),
        sent.map(each => Buffer.from(each)),
      )
    }),
    options,
  )
})
