// Files that settings name: what is none is refused and never waited for, and what others reach is told.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { readSettings, type SettingsReading } from '../../../src/settings/settings.ts'
import { exposureOf } from '../../../src/std/regular-file.ts'
import type { Section } from '../../../src/std/setting.ts'

const sections = [
  { name: '', fields: { config: { type: 'text', default: '', doc: '' } } },
  {
    name: 'door',
    fields: {
      key: { type: 'secret', doc: '' },
      bell: { type: 'text', default: '', doc: '' },
      guestFile: { type: 'text', default: '', isTrusted: true, doc: '' },
    },
  },
] as const satisfies readonly Section[]

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'settings-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

/** Whatever the umask is. */
function write(path: string, text: string, mode = 0o600): string {
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

const read = (environment: Record<string, string>): SettingsReading => readSettings(sections, { environment })
const bySecretFile = (path: string) => read({ RINGCAST_DOOR_KEY_FILE: path })
const texts = ({ warnings }: SettingsReading) => warnings.map(({ text }) => text)

describe('the file of a secret', () => {
  test('is no FIFO, no device and no folder', t => {
    const place = folder(t)
    execFileSync('mkfifo', [join(place, 'fifo')])
    mkdirSync(join(place, 'folder'))
    for (const path of [join(place, 'fifo'), join(place, 'folder'), '/dev/zero']) {
      deepEqual(bySecretFile(path).mistakes, [
        `RINGCAST_DOOR_KEY_FILE names ${path}, which cannot be read: it is no regular file`,
      ])
    }
  })

  test('may be a link, as the platforms of containers make it', t => {
    const place = folder(t)
    mkdirSync(join(place, '..2026'))
    write(join(place, '..2026', 'key'), 'by-a-link\n')
    symlinkSync('..2026', join(place, '..data'))
    symlinkSync('..data/key', join(place, 'key'))
    equal(readlinkSync(join(place, 'key')), '..data/key')
    const { values, mistakes, warnings } = bySecretFile(join(place, 'key'))
    deepEqual([values['door']?.['key'], mistakes, warnings], [['by-a-link'], [], []])
  })

  test('has 65536 bytes at most', t => {
    const path = write(join(folder(t), 'key'), 'k'.repeat(65_536))
    deepEqual(bySecretFile(path).mistakes, [])
    write(path, 'k'.repeat(65_537))
    const { mistakes, values } = bySecretFile(path)
    ok(mistakes[0]?.endsWith('which cannot be read: it is longer than 65536 bytes'), mistakes[0])
    deepEqual(values['door']?.['key'], [])
  })

  test('earns a warning where everybody may write or read it', t => {
    const path = write(join(folder(t), 'key'), 'k')
    for (const mode of [0o600, 0o640, 0o660, 0o400]) {
      chmodSync(path, mode)
      deepEqual(texts(bySecretFile(path)), [], mode.toString(8))
    }
    chmodSync(path, 0o666)
    deepEqual(bySecretFile(path).warnings, [
      {
        code: 'file-exposed',
        text: `RINGCAST_DOOR_KEY_FILE names ${path}, which every user of the machine may write; chmod o-w`,
      },
    ])
    chmodSync(path, 0o644)
    const isTold = exposureOf(0o644, statfsSync(path).type) === 'read'
    const told = `RINGCAST_DOOR_KEY_FILE names ${path}, which every user of the machine may read; chmod o-r`
    deepEqual(texts(bySecretFile(path)), isTold ? [told] : [])
  })
})

describe('the settings file', () => {
  test('is no FIFO, and not endless', t => {
    const place = folder(t)
    execFileSync('mkfifo', [join(place, 'fifo')])
    for (const path of [join(place, 'fifo'), '/dev/zero']) {
      deepEqual(read({ RINGCAST_CONFIG: path }).mistakes, [
        `the settings file ${path} cannot be read: it is no regular file`,
      ])
    }
    const path = write(join(place, 'large.yaml'), `# ${'x'.repeat(4_194_301)}\n`)
    deepEqual(read({ RINGCAST_CONFIG: path }).mistakes, [])
    write(path, `# ${'x'.repeat(4_194_302)}\n`)
    deepEqual(read({ RINGCAST_CONFIG: path }).mistakes, [
      `the settings file ${path} cannot be read: it is longer than 4194304 bytes`,
    ])
  })

  test('earns a warning where everybody may write it, or read a secret in it', t => {
    const place = folder(t)
    const plain = write(join(place, 'plain.yaml'), 'door: { bell: ding }\n', 0o644)
    deepEqual(texts(read({ RINGCAST_CONFIG: plain })), [])
    chmodSync(plain, 0o646)
    const written = `RINGCAST_CONFIG names ${plain}, which every user of the machine may write; chmod o-w`
    deepEqual(texts(read({ RINGCAST_CONFIG: plain })), [written])
    const secret = write(join(place, 'secret.yaml'), 'door: { key: abcdef }\n', 0o644)
    const isTold = exposureOf(0o644, statfsSync(place).type) === 'read'
    equal(texts(read({ RINGCAST_CONFIG: secret })).length, isTold ? 1 : 0)
    deepEqual(texts(read({ RINGCAST_CONFIG: secret, RINGCAST_DOOR_KEY: 'not-the-file' })), [])
  })
})

test('a file that decides who gets in earns a warning where everybody may write it', t => {
  const path = write(join(folder(t), 'guests'), '', 0o644)
  deepEqual(texts(read({ RINGCAST_DOOR_GUEST_FILE: path })), [])
  chmodSync(path, 0o666)
  equal(texts(read({ RINGCAST_DOOR_GUEST_FILE: path })).length, 1)
  deepEqual(texts(read({ RINGCAST_DOOR_GUEST_FILE: `${path}-gone` })), [])
})
