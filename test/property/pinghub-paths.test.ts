// Pinghub's paths under generated input: they are cleaned in one step and decoded once. RINGCAST_SEED repeats a run.
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTarget } from '../../src/frontends/pinghub/path.ts'

const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))
const options = { seed, numRuns: 1000 }

const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '.',
    '..',
    '/./',
    '/../',
    '%2F',
    '%2e',
    '%',
    '%c3',
    '%ff',
    '%00',
    '?',
    'a',
    'κ',
    '😀',
    '\ufffd',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
)
const target = fc.array(piece, { maxLength: 12 }).map(pieces => `/${pieces.join('')}`)

test('a clean path is what its redirect says, and is not moved again', () => {
  fc.assert(
    fc.property(target, fc.option(fc.constantFrom('', 'q=1'), { nil: undefined }), (raw, query) => {
      const parsed = parseTarget(raw, query)
      if (parsed.kind !== 'moved') return
      assert.match(parsed.location, /^\/(?!\/)[!-~]*$/)
      const [path = '', again] = parsed.location.split('?')
      assert.equal(again, query)
      assert.notEqual(parseTarget(path, again).kind, 'moved')
    }),
    options,
  )
})

test('every path of up to 255 characters is a channel once it is encoded', () => {
  const name = fc
    .string({ unit: 'binary', maxLength: 255 })
    .filter(text => !/(?:^|\/)(?:\.{0,2})(?=\/|$)/.test(text))
  fc.assert(
    fc.property(name, text => {
      const parsed = parseTarget(`/${encodeURIComponent(text)}`, undefined)
      assert.deepEqual(parsed, { kind: 'channel', path: `/${text}`, channel: text })
    }),
    options,
  )
})
