// Directives in contents (contract §7): whatever stands in a content comes out as it went in, but for what is meant.
import { equal } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { substitute } from '../../src/frontends/grip/filter/substitution.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const numRuns = 5_000

/** Full of what means something. */
const text = fc.string({
  unit: fc.constantFrom('%', '(', ')', '\\', 's', 'I', 'a', '√', '\n'),
  maxLength: 12,
})

/** A text, or a directive with a name. */
const part = fc.oneof(
  text.map(plain => ({ written: plain.replaceAll('%', '%%'), meant: plain })),
  text
    .filter(name => name !== '')
    .map(name => ({ written: `%(${name.replace(/[\\)]/g, '\\$&')})s`, meant: `<${name}>` })),
)

test('escaped names and signs come out as they were meant', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), parts => {
      const content = Buffer.from(parts.map(({ written }) => written).join(''))
      const meaning = substitute(content, (letter, argument = '') =>
        letter === 's'
          ? { ok: true, bytes: Buffer.from(`<${Buffer.from(argument, 'latin1')}>`) }
          : { ok: false, error: letter },
      )
      equal(
        meaning.ok ? Buffer.from(meaning.bytes).toString() : meaning.error,
        parts.map(({ meant }) => meant).join(''),
      )
    }),
    { seed, numRuns },
  )
})

test('whatever comes is understood or refused, and bytes outside of directives stay', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), text, (noise, more) => {
      const content = Buffer.concat([noise, Buffer.from(more)])
      const meaning = substitute(content, () => ({ ok: true, bytes: Buffer.alloc(0) }))
      if (!meaning.ok) return /^(?:Expected|Unterminated|Unknown) /.test(meaning.error)
      const first = content.indexOf('%')
      const kept = content.subarray(0, first < 0 ? content.length : first)
      return Buffer.from(meaning.bytes).subarray(0, kept.length).equals(kept)
    }),
    { seed, numRuns },
  )
})
