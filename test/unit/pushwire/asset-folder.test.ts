// The folder of assets: where it is, who makes it, and when a temporary one goes.
import { equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import {
  assetFolderOf,
  mistakeIn,
  prepareAssetFolder,
} from '../../../src/frontends/pushwire/assets/asset-folder.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { identityOf } from '../../../src/std/process-id.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ringcast-test-folder-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const modeOf = (path: string) => statSync(path).mode & 0o777

describe('in a state directory', () => {
  test('it has a name of its own, is for this user alone, and may be there already', t => {
    const state = folder(t)
    equal(assetFolderOf(state), join(state, 'assets'))
    for (let round = 0; round < 2; round++) equal(prepareAssetFolder(state, systemClock), undefined)
    equal(modeOf(join(state, 'assets')), 0o700)
  })

  test('it is refused where others may look into it, or where it is a file', t => {
    const state = folder(t)
    mkdirSync(join(state, 'assets'), { mode: 0o755 })
    chmodSync(join(state, 'assets'), 0o755)
    match(prepareAssetFolder(state, systemClock) ?? '', /assets, cannot be used: others may look into it/)
    rmSync(join(state, 'assets'), { recursive: true })
    writeFileSync(join(state, 'assets'), '')
    match(prepareAssetFolder(state, systemClock) ?? '', /cannot be used: it is no folder$/)
    match(prepareAssetFolder(join(state, 'none'), systemClock) ?? '', /cannot be made: ENOENT/)
  })

  test('it is refused where it is another user’s', () => {
    const stats = { uid: 5, mode: 0o40700, isDirectory: () => true }
    equal(mistakeIn(stats, 5), undefined)
    equal(mistakeIn(stats, 6), 'it belongs to user 5, and this process is user 6')
  })
})

describe('without one', () => {
  test('it is a temporary one of this process, which goes with the process', t => {
    const temporary = folder(t)
    const program = `
      const { assetFolderOf, prepareAssetFolder } = await import(${JSON.stringify(
        new URL('../../../src/frontends/pushwire/assets/asset-folder.ts', import.meta.url).href,
      )})
      const mistake = prepareAssetFolder('', { unixMs: Date.now }, ${JSON.stringify(temporary)})
      const path = assetFolderOf('', ${JSON.stringify(temporary)})
      const { statSync, writeFileSync } = await import('node:fs')
      writeFileSync(path + '/file', '')
      console.log(mistake, (statSync(path).mode & 0o777).toString(8), path)
    `
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    })
    const [, path = ''] = /^undefined 700 (.*)\n$/.exec(stdout) ?? []
    match(path, /\/ringcast-assets-\d+-\d+$/, stdout + stderr)
    ok(!existsSync(path))
  })

  test('those of nodes that were killed go, when they are old; others stay', t => {
    const temporary = folder(t)
    const [own = '', start = ''] = (identityOf(process.pid) ?? '').split(' ')
    const names = {
      abandoned: `ringcast-assets-${own}-${Number(start) + 1}`,
      young: 'ringcast-assets-4194304-1',
      alive: `ringcast-assets-${identityOf(process.ppid)?.replace(' ', '-')}`,
      open: 'ringcast-assets-4194303-1',
      other: 'ringcast-assets-x',
    }
    const paths = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, join(temporary, name)]))
    for (const path of Object.values(paths)) mkdirSync(path, { mode: 0o700 })
    chmodSync(paths['open'] ?? '', 0o755)
    const old = systemClock.unixMs() / 1_000 - 700
    for (const key of ['abandoned', 'alive', 'open', 'other']) utimesSync(paths[key] ?? '', old, old)
    equal(prepareAssetFolder('', systemClock, temporary), undefined)
    const left = Object.entries(paths).flatMap(([key, path]) => (existsSync(path) ? [key] : []))
    equal(left.join(), 'young,alive,open,other')
  })
})
