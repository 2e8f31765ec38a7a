// A setting that is a list of objects, whose members are described like settings.
import { deepEqual } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { readSettings } from '../../../src/settings/settings.ts'
import type { Section } from '../../../src/std/setting.ts'

const section = {
  name: '',
  fields: {
    config: { type: 'text', default: '', doc: '' },
    rules: {
      type: 'records',
      default: [],
      recordsMax: 2,
      doc: '',
      members: {
        pattern: { required: true, setting: { type: 'text', default: '', doc: '' } },
        size: { setting: { type: 'integer', unit: 'count', default: 1, min: 1, max: 3, doc: '' } },
        kind: { setting: { type: 'choice', choices: ['in', 'out'], default: 'in', doc: '' } },
        isRed: { setting: { type: 'boolean', default: false, doc: '' } },
        from: { setting: { type: 'list', of: 'origins', default: [], doc: '' } },
        folder: { setting: { type: 'text', form: 'absolute path', default: '', doc: '' } },
      },
    },
  },
} as const satisfies Section

function read(given: { environment?: Record<string, string>; flags?: Record<string, string> }) {
  const { environment = {}, flags = {} } = given
  return readSettings([section], { environment, flags: new Map(Object.entries(flags)) })
}

function file(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'records-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'ringcast.yaml')
  writeFileSync(path, text)
  return path
}

describe('a list of objects', () => {
  const rulesOf = (text: string) => read({ environment: { RINGCAST_RULES: text } })

  test('is JSON in a variable or a flag, and written out in the file', t => {
    const text =
      '[{"pattern":"a","size":3,"isRed":true,"from":["https://a.example"],"kind":"out","folder":"/a"}]'
    const rules = JSON.parse(text)
    deepEqual(rulesOf(text).values['']?.['rules'], rules)
    deepEqual(read({ flags: { rules: text } }).values['']?.['rules'], rules)
    const config = file(t, 'rules:\n  - pattern: a\n    size: 3\n')
    deepEqual(read({ flags: { config } }).values['']?.['rules'], [{ pattern: 'a', size: 3 }])
    for (const none of ['', '[]']) deepEqual(rulesOf(none).values['']?.['rules'], [])
    const expected = 'must be a list of up to 2 objects (in a variable or flag: JSON)'
    deepEqual(rulesOf('[').mistakes, [`RINGCAST_RULES ${expected}, not '['`])
  })

  test('has its mistakes told all at once, each with its place', t => {
    const wrong = [
      { size: 0, kind: 'up', isRed: 1, from: ['a.example'], folder: 'a', sise: 1 },
      { pattern: 7, size: '3', from: 'b' },
    ]
    deepEqual(rulesOf(JSON.stringify(wrong)).mistakes, [
      'RINGCAST_RULES[0].pattern is missing',
      'RINGCAST_RULES[0].size must be a whole number from 1 to 3',
      'RINGCAST_RULES[0].kind must be one of in, out',
      'RINGCAST_RULES[0].isRed must be true or false',
      "RINGCAST_RULES[0].from has 'a.example', which is no origin as browsers send it (scheme://host[:port]); did you mean https://a.example?",
      'RINGCAST_RULES[0].folder must be an absolute path',
      'RINGCAST_RULES[0].sise is unknown; did you mean size?',
      'RINGCAST_RULES[1].pattern must be text',
      'RINGCAST_RULES[1].size must be a whole number from 1 to 3',
      'RINGCAST_RULES[1].from must be a list of texts',
    ])
    const config = file(t, 'rules: [{ pattern: a }, b]\n')
    deepEqual(read({ flags: { config } }).mistakes, ['rules[1] must be an object'])
    deepEqual(rulesOf('{}').mistakes, ['RINGCAST_RULES must be a list of objects'])
  })

  test('has a bound on both sides of its members and its length', () => {
    const of = (size: number, count = 1) =>
      JSON.stringify(Array.from({ length: count }, () => ({ pattern: 'a', size })))
    for (const size of [1, 3]) deepEqual(rulesOf(of(size, 2)).mistakes, [])
    for (const size of [0, 4, 1.5]) deepEqual(rulesOf(of(size)).mistakes.length, 1)
    deepEqual(rulesOf(of(1, 3)).mistakes, ['RINGCAST_RULES has 3 entries, and 2 are allowed'])
  })
})
