// A lock in a folder where others may have a hand: held by one living process, and led nowhere.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { isRefusal, type LockFile, takeLock } from '../../../src/std/lock-file.ts'
import { identityOf } from '../../../src/std/process-id.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-file-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

function take(path: string): LockFile {
  const outcome = takeLock(path)
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.kind}`)
  return outcome
}

/** The id of a process that is over. */
function deadPid(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

describe('a lock file', () => {
  test('names its holder, is for this user alone, and is gone with nothing beside it when it is released', t => {
    const folder = folderOf(t)
    const path = join(folder, 'lock')
    const lock = take(path)
    equal(readFileSync(path, 'latin1'), `${identityOf(process.pid)}\n`)
    equal(statSync(path).mode & 0o777, 0o600)
    deepEqual(readdirSync(folder), ['lock'])
    lock.release()
    deepEqual(readdirSync(folder), [])
  })

  test('is refused as long as its holder lives, in the same process too', t => {
    const path = join(folderOf(t), 'lock')
    const lock = take(path)
    deepEqual(takeLock(path), { kind: 'held', pid: process.pid })
    lock.release()
    take(path)
  })

  for (const [name, content] of [
    ['of a process that is over', () => `${deadPid()} 1\n`],
    ['of a process that has our number and started earlier', () => `${process.pid} 1\n`],
    ['without a time', () => `${process.pid}\n`],
    ['without a line end', () => String(identityOf(process.pid))],
    ['that is empty', () => ''],
    ['that is nonsense', () => 'undefined\n'],
    ['that names a path', () => '../self 1\n'],
    ['of 64 bytes', () => '1'.repeat(64)],
    ['of 65 bytes', () => '1'.repeat(65)],
  ] as const) {
    test(`is taken over: one ${name}`, t => {
      const folder = folderOf(t)
      const path = join(folder, 'lock')
      writeFileSync(path, content())
      take(path)
      equal(readFileSync(path, 'latin1'), `${identityOf(process.pid)}\n`)
      deepEqual(readdirSync(folder), ['lock'])
    })
  }

  test('that is another’s by now stays when it is released, and so does one that was taken anew', t => {
    const path = join(folderOf(t), 'lock')
    const first = take(path)
    writeFileSync(path, '1 1\n')
    first.release()
    equal(readFileSync(path, 'latin1'), '1 1\n')
    rmSync(path)
    take(path)
    first.release()
    ok(statSync(path).isFile())
  })

  test('that is a FIFO, a link or a folder is refused and not waited for', t => {
    const folder = folderOf(t)
    const path = join(folder, 'lock')
    execFileSync('mkfifo', [path])
    deepEqual(takeLock(path), { kind: 'strange' })
    rmSync(path)
    symlinkSync('/dev/zero', path)
    deepEqual(takeLock(path), { kind: 'strange' })
    rmSync(path)
    mkdirSync(path)
    deepEqual(takeLock(path), { kind: 'strange' })
    deepEqual(readdirSync(folder), ['lock'])
  })

  test('leads nobody elsewhere by what lies beside it', t => {
    const folder = folderOf(t)
    const path = join(folder, 'lock')
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'precious')
    writeFileSync(path, 'stale')
    for (const name of [`lock.${process.pid}`, `lock.${process.pid}.stale`]) {
      symlinkSync(victim, join(folder, name))
    }
    take(path).release()
    equal(readFileSync(victim, 'utf8'), 'precious')
    deepEqual(readdirSync(folder), ['victim'])
  })
})

test('a process is told by its start, whatever it is called', t => {
  const title = process.title
  t.after(() => {
    process.title = title
  })
  const identity = identityOf(process.pid)
  match(String(identity), new RegExp(`^${process.pid} \\d+$`))
  process.title = ') 1 2 ('
  equal(identityOf(process.pid), identity)
  equal(identityOf(deadPid()), undefined)
})
