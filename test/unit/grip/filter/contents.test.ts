// What directives in contents become (contract §7), with the original's texts where they mean nothing.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildIds, substituteVariables } from '../../../../src/frontends/grip/filter/contents.ts'
import { addedBytesMax, type Meaning } from '../../../../src/frontends/grip/filter/substitution.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const meant = (meaning: Meaning): string =>
  meaning.ok ? Buffer.from(meaning.bytes).toString() : meaning.error
const meta = (values: Record<string, string>) => new Map(Object.entries(values))

const variables = meta({ user: 'bob', 'a)b\\c': 'odd', 'ü ñ': '√', empty: '', percent: '%(user)s' })
const substituted = (text: string): string => meant(substituteVariables(bytes(text), variables))

const built = (
  text: string,
  values: Record<string, string>,
  ids: Record<string, string> = { a: 'p1' },
): string => meant(buildIds(bytes(text), meta(values), meta(ids)))

describe('var-subst', () => {
  test('puts values in, and what they hold is taken as it is', () => {
    equal(substituted('o %(user)s, %(empty)s%(ü ñ)s 5%% %(percent)s√'), 'o bob, √ 5% %(user)s√')
  })

  test('leaves a content as it is that has no sign in it', () => {
    const content = bytes('plain √')
    const altered = substituteVariables(content, variables)
    equal(altered.ok && altered.bytes, content)
  })

  test('takes the character behind a backslash as a part of the name', () => {
    equal(substituted('%(a\\)b\\\\c)s'), 'odd')
    equal(substituted('%(\\u\\ser)s'), 'bob')
  })

  const mistakes: readonly (readonly [content: string, error: string])[] = [
    ['o %(who)s', "No such variable 'who' at position 8"],
    ['o %s', "Directive 's' requires argument at position 3"],
    ['o %()s', "Directive 's' requires argument at position 5"],
    ['o %q', "Unknown directive 'q' at position 3"],
    ['o %(user)I', "Unknown directive 'I' at position 9"],
    ['o %(user)%', "Unknown directive '%' at position 9"],
    ['o %1', "Unknown directive '1' at position 3"],
    ['o %', "Expected directive after '%' at position 2"],
    ['o %(', "Expected character after '(' at position 3"],
    ['o %(user', 'Unterminated field starting at position 3'],
    ['o %(user\\', "Expected character after '\\' at position 8"],
    ['o %(user)', "Expected directive after ')' at position 8"],
    ['√ %(√)s', "No such variable '√' at position 10"],
  ]
  for (const [content, error] of mistakes) {
    test(`cannot be applied to ${content}`, () => equal(substituted(content), error))
  }

  test('adds so many bytes at most', () => {
    const values = meta({ v: 'x'.repeat(addedBytesMax / 100) })
    const content = (times: number) => bytes('%(v)s'.repeat(times))
    const whole = substituteVariables(content(100), values)
    equal(whole.ok && whole.bytes.length, addedBytesMax)
    equal(meant(substituteVariables(content(101), values)), 'More than 1000000 bytes are added')
  })

  test('takes a megabyte of signs in no time', () => {
    equal(substituted('%%'.repeat(500_000)).length, 500_000)
    equal(substituted(`%(${'\\x'.repeat(500_000)}`), 'Unterminated field starting at position 1')
  })
})

describe('build-id', () => {
  const hex = { id_format: 'a:%(a)s', id_encoding: 'hex' }

  test('puts in the id, and ids that the content has itself', () => {
    equal(built('id %I %(z)I 5%%', hex), 'id 613a7031 7a 5%')
    equal(built('id %I %(√\\))I', { id_format: '%(a)s' }), 'id p1 √)')
    equal(built('%I', { id_format: '' }), '')
  })

  test('says what it lacks', () => {
    const format = { id_format: '%(a)s' }
    equal(built('%I', {}), "no sub meta 'id_format'")
    equal(built('plain', {}), "no sub meta 'id_format'")
    equal(built('%I', { ...format, id_encoding: 'base64' }), 'unsupported encoding: base64')
    equal(built('%I', { id_format: '%(b)s' }), "failed to render ID: No such variable 'b' at position 4")
    equal(built('%q', format), "Unknown directive 'q' at position 1")
  })

  test('needs an id only where one is to stand, if no channel has any', () => {
    const format = { id_format: '%(a)s' }
    equal(built('id %I', format, {}), 'No ID specified and no default ID in context at position 4')
    equal(built('id %(z)I', format, {}), 'id z')
  })

  test('leaves bytes as they are that are no text', () => {
    const content = Buffer.from([0xff, 0x25, 0x49, 0x00])
    const altered = buildIds(content, meta({ id_format: '%(a)s' }), meta({ a: '√' }))
    deepEqual(
      altered.ok && Buffer.from(altered.bytes),
      Buffer.concat([Buffer.from([0xff]), Buffer.from('√'), Buffer.from([0])]),
    )
  })
})
