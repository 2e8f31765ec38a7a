// The settings file spells values in YAML's ways: what is read of a number, a tag or an alias, and what is said of it.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { readSettings } from '../../../src/settings/settings.ts'
import type { Section } from '../../../src/std/setting.ts'

const sections = [
  {
    name: '',
    fields: {
      config: { type: 'text', default: '', doc: '' },
      rules: {
        type: 'records',
        default: [],
        recordsMax: 9,
        doc: '',
        members: {
          pattern: { setting: { type: 'text', default: '', doc: '' } },
          size: { setting: { type: 'integer', unit: 'count', default: 1, min: 1, max: 99, doc: '' } },
        },
      },
      quiet: { type: 'boolean', default: false, doc: '' },
    },
  },
  {
    name: 'door',
    fields: {
      openMs: { type: 'integer', unit: 'ms', default: 5_000, min: 1_000, max: 9_000, doc: '' },
      keySecret: { type: 'secret', doc: '' },
      guests: { type: 'list', default: [], doc: '' },
      bell: { type: 'text', default: '', doc: '' },
      cellar: { type: 'text', form: 'absolute path', default: '', doc: '' },
    },
  },
] as const satisfies readonly Section[]

function fromFile(t: TestContext, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'spelling-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'settings.yaml')
  writeFileSync(path, text, { mode: 0o600 })
  return readSettings(sections, { environment: { RINGCAST_CONFIG: path } })
}

describe('numbers and truths in the settings file', () => {
  test('are the text that they are spelled as, where text is wanted', t => {
    for (const spelled of [
      '0123',
      '1e5',
      '123456789012345678901',
      '0777',
      '0x10',
      '1.0',
      '-0',
      '.inf',
      'true',
      'False',
      '"0123"',
    ]) {
      const text = spelled.replaceAll('"', '')
      const { values, mistakes } = fromFile(
        t,
        `door:\n  bell: ${spelled}\n  key_secret: ${spelled}\n  guests: [${spelled}, b]\n`,
      )
      deepEqual(mistakes, [])
      const { bell, keySecret, guests } = values['door'] ?? {}
      deepEqual([bell, keySecret, guests], [text, [text], [text, 'b']])
    }
    deepEqual(fromFile(t, 'door: { bell: &b 007, guests: [*b] }').values['door']?.['guests'], ['007'])
  })

  test('are no path, and a path is one whatever folder a daemon starts in', t => {
    for (const spelled of ['0777', 'cellar', './cellar', '~/cellar']) {
      deepEqual(fromFile(t, `door: { cellar: ${spelled} }`).mistakes, [
        `door.cellar must be an absolute path, not '${spelled}'`,
      ])
    }
    for (const path of ['/var/lib/cellar', '/', '""']) {
      deepEqual(fromFile(t, `door: { cellar: ${path} }`).mistakes, [])
    }
  })

  test('are decimal where a number is wanted', t => {
    deepEqual(fromFile(t, 'door: { open_ms: 1000 }').values['door']?.['openMs'], 1_000)
    deepEqual(fromFile(t, 'door: { open_ms: "1000" }').values['door']?.['openMs'], 1_000)
    for (const spelled of ['02000', '0x7d0', '0o3720', '2e3', '2000.0', '+2000']) {
      deepEqual(fromFile(t, `door: { open_ms: ${spelled} }`).mistakes, [
        `door.open_ms must be a whole number from 1000 to 9000 in decimal digits, not '${spelled}'`,
      ])
    }
  })

  test('are written as they are read where the setting is structured', t => {
    const { mistakes } = fromFile(t, 'rules:\n  - { pattern: a, size: 3 }\n  - { pattern: 0123 }\n')
    deepEqual(mistakes, ['rules has 0123, which YAML reads as 123; write that, or quote it where it is text'])
    deepEqual(fromFile(t, 'rules: [{ pattern: "0123", size: 10 }]').values['']?.['rules'], [
      { pattern: '0123', size: 10 },
    ])
  })

  test('are a truth in every spelling of YAML, and in no other', t => {
    for (const [spelled, is] of [
      ['true', true],
      ['True', true],
      ['FALSE', false],
      ['"true"', true],
    ] as const) {
      deepEqual(fromFile(t, `quiet: ${spelled}\n`).values['']?.['quiet'], is)
    }
    deepEqual(fromFile(t, 'quiet: yes').mistakes, ["quiet must be true or false, not 'yes'"])
    deepEqual(fromFile(t, 'quiet: 1').mistakes, ["quiet must be true or false, not '1'"])
  })
})

test('a secret that is no text says so, and nothing that YAML makes of it is shown', t => {
  const mistakesOf = (text: string) => fromFile(t, text).mistakes
  for (const value of ['{ a: hush }', '[[hush]]', '[{ a: hush }]']) {
    deepEqual(mistakesOf(`door:\n  key_secret: ${value}\n`), [
      'door.key_secret must be text, or a list of texts',
    ])
  }
  deepEqual(mistakesOf('door: { key_secret: "" }'), ['door.key_secret must not be empty'])
  for (const [value, what] of [
    ['!Hush', /an exclamation mark begins a tag of YAML, and this one is unknown; quote the value at line 2/],
    ['|hush', /Block scalar header includes extra characters at line 2/],
    ['"\\hush"', /a backslash in double quotes is followed by what is no escape at line 2/],
    ['*hush', /its aliases cannot be followed: Unresolved alias/],
    ['"x" hush', /at line 2/],
    ['@hush', /at line 2/],
  ] as const) {
    const mistakes = mistakesOf(`door:\n  key_secret: ${value}\n`)
    equal(mistakes.length, 1, value)
    match(mistakes[0] ?? '', what)
    ok(!/hush/i.test(mistakes[0] ?? ''), mistakes[0])
  }
})
