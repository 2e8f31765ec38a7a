import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readSettings, variableOf } from '../../../src/settings/settings.ts'
import type { Section } from '../../../src/std/setting.ts'

const section = {
  name: 'door',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:1', doc: '' },
    openMs: {
      type: 'integer',
      unit: 'ms',
      default: 5_000,
      min: 1_000,
      max: 9_000,
      doc: '',
      aliases: [{ variable: 'OLD_OPEN_SECS', scale: 1_000 }],
    },
    kind: { type: 'choice', choices: ['in', 'out'], default: 'in', doc: '' },
    keySecret: { type: 'secret', doc: '', aliases: [{ variable: 'OLD_KEY' }] },
  },
} as const satisfies Section

const read = (environment: Record<string, string>) => readSettings([section], environment)
const defaults = { listen: '127.0.0.1:1', openMs: 5_000, kind: 'in', keySecret: '' }

describe('settings', () => {
  test('variables derive from section and key', () => {
    deepEqual(variableOf('door', 'openMs'), 'RINGCAST_DOOR_OPEN_MS')
    deepEqual(variableOf('', 'workers'), 'RINGCAST_WORKERS')
  })

  test('what is not said has its default', () => {
    deepEqual(read({}), { values: { door: defaults }, mistakes: [] })
  })

  test('our variable goes before the alias of an original, and the alias has its own unit', () => {
    deepEqual(read({ OLD_OPEN_SECS: '2' }).values['door']?.['openMs'], 2_000)
    deepEqual(read({ OLD_OPEN_SECS: '2', RINGCAST_DOOR_OPEN_MS: '3000' }).values['door']?.['openMs'], 3_000)
  })

  test('bounds hold on both sides', () => {
    for (const [text, fits] of [
      ['999', false],
      ['1000', true],
      ['9000', true],
      ['9001', false],
      ['-1', false],
      ['1e3', false],
    ] as const) {
      deepEqual(read({ RINGCAST_DOOR_OPEN_MS: text }).mistakes.length === 0, fits, text)
    }
  })

  test('all mistakes are reported at once, each with its variable, and no secret is shown', () => {
    const { mistakes } = read({
      RINGCAST_DOOR_LISTEN: 'nowhere',
      OLD_OPEN_SECS: '10',
      RINGCAST_DOOR_KIND: 'up',
      OLD_KEY: '  ',
    })
    deepEqual(mistakes, [
      "RINGCAST_DOOR_LISTEN must be an address (host:port, a port, or 'off'), not 'nowhere'",
      "OLD_OPEN_SECS must be a whole number from 1 to 9, not '10'",
      "RINGCAST_DOOR_KIND must be one of in, out, not 'up'",
      'OLD_KEY must not be empty',
    ])
  })

  test('secrets are trimmed', () => {
    deepEqual(read({ RINGCAST_DOOR_KEY_SECRET: ' key\n' }).values['door']?.['keySecret'], 'key')
  })
})
