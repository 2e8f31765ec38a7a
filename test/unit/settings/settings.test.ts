import { deepEqual, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { readSettings } from '../../../src/settings/settings.ts'
import type { Section } from '../../../src/std/setting.ts'

const node = {
  name: '',
  fields: {
    config: { type: 'text', default: '', doc: '' },
    quiet: { type: 'boolean', default: false, doc: '' },
  },
} as const satisfies Section

const door = {
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
    keySecret: {
      type: 'secret',
      doc: '',
      aliases: [{ variable: 'OLD_KEY' }, { variable: 'WHOLE_KEY', isWhole: true }],
    },
    guests: { type: 'list', default: [], doc: '' },
  },
} as const satisfies Section

const doorDefaults = { listen: '127.0.0.1:1', openMs: 5_000, kind: 'in', keySecret: [], guests: [] }

interface Given {
  readonly environment?: Record<string, string>
  readonly flags?: Record<string, string>
}

const read = ({ environment = {}, flags = {} }: Given = {}) =>
  readSettings([node, door], { environment, flags: new Map(Object.entries(flags)) })

/** What the door's setting is, and what was wrong. */
const doorOf = (given: Given) => read(given).values['door'] ?? {}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'settings-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

function file(t: TestContext, text: string, name = 'ringcast.yaml'): string {
  const path = join(folder(t), name)
  writeFileSync(path, text)
  return path
}

describe('settings', () => {
  test('what is not said has its default', () => {
    const { values, mistakes, origins } = read()
    deepEqual(values, { '': { config: '', quiet: false }, door: doorDefaults })
    deepEqual([mistakes, [...origins]], [[], []])
  })

  test('flags go before the environment, that before the file, that before defaults', t => {
    const config = file(t, 'door:\n  kind: out\n  open_ms: 2000\n  listen: 127.0.0.1:7\nquiet: true\n')
    const environment = { RINGCAST_CONFIG: config, RINGCAST_DOOR_OPEN_MS: '3000', RINGCAST_DOOR_LISTEN: '8' }
    const { values, mistakes, origins } = read({ environment, flags: { 'door.listen': '9' } })
    deepEqual(mistakes, [])
    deepEqual(values['door'], { ...doorDefaults, kind: 'out', openMs: 3_000, listen: '9' })
    deepEqual(values['']?.['quiet'], true)
    deepEqual(
      ['door.kind', 'door.open_ms', 'door.listen'].map(path => origins.get(path)),
      ['door.kind', 'RINGCAST_DOOR_OPEN_MS', '--door.listen'],
    )
  })

  test('our variable goes before the alias of an original, and the alias has its own unit', () => {
    deepEqual(doorOf({ environment: { OLD_OPEN_SECS: '2' } })['openMs'], 2_000)
    const both = { OLD_OPEN_SECS: '2', RINGCAST_DOOR_OPEN_MS: '3000' }
    deepEqual(doorOf({ environment: both })['openMs'], 3_000)
  })

  test('bounds hold on both sides', () => {
    for (const [text, fits] of [
      ['999', false],
      ['1000', true],
      ['9000', true],
      ['9001', false],
      ['-1', false],
      ['1e3', false],
      ['', false],
    ] as const) {
      const { mistakes } = read({ environment: { RINGCAST_DOOR_OPEN_MS: text } })
      deepEqual(mistakes.length === 0, fits, text)
    }
  })

  test('lists are separated by commas, or written out in the file', t => {
    deepEqual(doorOf({ environment: { RINGCAST_DOOR_GUESTS: ' ann, bob ,' } })['guests'], ['ann', 'bob'])
    const config = file(t, 'door: { guests: [ann, bob] }')
    deepEqual(doorOf({ flags: { config } })['guests'], ['ann', 'bob'])
  })
})

describe('secrets', () => {
  test('are one per line and trimmed, but as they stand where the original takes them so', t => {
    const secretsOf = (environment: Record<string, string>) =>
      read({ environment }).values['door']?.['keySecret']
    const text = ' a b \n\r\n c '
    deepEqual(secretsOf({ OLD_KEY: text }), ['a b', 'c'])
    deepEqual(secretsOf({ WHOLE_KEY: text }), [text])
    deepEqual(secretsOf({ WHOLE_KEY: ' ' }), [' '])
    deepEqual(read({ environment: { WHOLE_KEY: '' } }).mistakes, ['WHOLE_KEY must not be empty'])
    deepEqual(secretsOf({ WHOLE_KEY_FILE: file(t, 'a\n', 'secret') }), ['a'], 'a file is ours')
  })

  test('several stand one per line, and blanks around them do not count', () => {
    deepEqual(doorOf({ environment: { OLD_KEY: '  one \n\n two\n' } })['keySecret'], ['one', 'two'])
  })

  test('come from a file that a variable or the settings file names', t => {
    const path = file(t, 'from-a-file\n', 'secret')
    deepEqual(doorOf({ environment: { RINGCAST_DOOR_KEY_SECRET_FILE: path } })['keySecret'], ['from-a-file'])
    deepEqual(doorOf({ environment: { OLD_KEY_FILE: path } })['keySecret'], ['from-a-file'])
    const config = file(t, `door:\n  key_secret_file: ${path}\n`)
    deepEqual(doorOf({ flags: { config } })['keySecret'], ['from-a-file'])
  })

  test('a file that cannot be read, and both forms at once, are mistakes', () => {
    const environment = { OLD_KEY_FILE: '/nowhere/secret' }
    deepEqual(read({ environment }).mistakes, [
      'OLD_KEY_FILE names /nowhere/secret, which cannot be read: ENOENT',
    ])
    const both = { RINGCAST_DOOR_KEY_SECRET: 'given-here', RINGCAST_DOOR_KEY_SECRET_FILE: '/nowhere' }
    deepEqual(read({ environment: both }).mistakes, [
      'RINGCAST_DOOR_KEY_SECRET and RINGCAST_DOOR_KEY_SECRET_FILE are both set; leave one out',
    ])
  })

  test('are refused on a command line, and never shown', () => {
    const { mistakes, values } = read({ flags: { 'door.key-secret': 'hush-hush' } })
    deepEqual(mistakes.length, 1)
    ok(mistakes[0]?.includes('--door.key-secret is a secret') && !mistakes[0].includes('hush'))
    deepEqual(values['door']?.['keySecret'], [])
  })
})

describe('mistakes', () => {
  test('are reported all at once, each with its name, and no secret is shown', t => {
    const config = file(t, 'door:\n  kind: up\n')
    const { mistakes } = read({
      environment: { RINGCAST_DOOR_LISTEN: 'nowhere', OLD_OPEN_SECS: '10', OLD_KEY: '  ' },
      flags: { config, quiet: 'maybe' },
    })
    deepEqual(mistakes, [
      "--quiet must be true or false, not 'maybe'",
      "RINGCAST_DOOR_LISTEN must be an address (host:port, a port, unix:/path, or 'off'), not 'nowhere'",
      "OLD_OPEN_SECS must be a whole number from 1 to 9, not '10'",
      "door.kind must be one of in, out, not 'up'",
      'OLD_KEY must not be empty',
    ])
  })

  test('an unknown name is one, wherever it stands, and the name that was meant is told', t => {
    const config = file(t, 'dor: 1\ndoor:\n  knid: in\n')
    const { mistakes } = read({
      environment: { RINGCAST_DOOR_LISTN: '1', RINGCAST_XYZZY_PLUGH: '1', OTHER: '1' },
      flags: { config, 'door.opne-ms': '1' },
    })
    deepEqual(mistakes, [
      'RINGCAST_DOOR_LISTN is unknown; did you mean RINGCAST_DOOR_LISTEN?',
      'RINGCAST_XYZZY_PLUGH is unknown',
      `dor in ${config} is unknown; did you mean door?`,
      `door.knid in ${config} is unknown; did you mean door.kind?`,
      '--door.opne-ms is unknown; did you mean --door.open-ms?',
    ])
  })

  test('what Kubernetes tells of services is none, whatever they are called', () => {
    const environment: Record<string, string> = {}
    for (const service of ['RINGCAST', 'RINGCAST_DOOR', 'RINGCAST_DOOR_LISTEN']) {
      Object.assign(environment, {
        [`${service}_SERVICE_HOST`]: '10.0.0.7',
        [`${service}_SERVICE_PORT`]: '45831',
        [`${service}_SERVICE_PORT_HTTP_2`]: '45831',
        [`${service}_PORT`]: 'tcp://10.0.0.7:45831',
        [`${service}_PORT_45831_TCP`]: 'tcp://10.0.0.7:45831',
        [`${service}_PORT_45831_TCP_PROTO`]: 'tcp',
        [`${service}_PORT_45831_TCP_PORT`]: '45831',
        [`${service}_PORT_45831_TCP_ADDR`]: '10.0.0.7',
        [`${service}_PORT_53_UDP`]: 'udp://[fd00::7]:53',
        [`${service}_PORT_9_SCTP`]: 'sctp://10.0.0.7:9',
      })
    }
    deepEqual(read({ environment }).mistakes, [])
  })

  test('what looks like a service and is none, is one', () => {
    const environment = {
      RINGCAST_PORT: '45831',
      RINGCAST_DOOR_PORT: 'http://10.0.0.7:45831',
      RINGCAST_SERVICE: 'x',
      RINGCAST_SERVICE_HOSTS: 'x',
      RINGCAST_PORT_TCP: 'tcp://10.0.0.7:45831',
    }
    deepEqual(
      read({ environment }).mistakes.map(mistake => mistake.split(' ')[0]),
      Object.keys(environment),
    )
  })

  test('a file that is missing, no YAML, or no map says so with its place', t => {
    deepEqual(read({ flags: { config: '/nowhere/r.yaml' } }).mistakes, [
      'the settings file /nowhere/r.yaml cannot be read: ENOENT',
    ])
    const broken = file(t, 'door:\n  kind: [in\n')
    const [first = ''] = read({ flags: { config: broken } }).mistakes
    ok(/^the settings file .*line \d+/.test(first), first)
    const list = file(t, '- 1\n')
    deepEqual(read({ flags: { config: list } }).mistakes, [
      `the settings file ${list} must hold keys and values`,
    ])
    const flat = file(t, 'door: 5\n')
    deepEqual(read({ flags: { config: flat } }).mistakes, [
      `the settings file ${flat}: door must hold keys and values`,
    ])
  })

  test('JSON is taken as a settings file too', t => {
    const config = file(t, '{"door": {"kind": "out"}}', 'ringcast.json')
    deepEqual(doorOf({ flags: { config } })['kind'], 'out')
  })
})
