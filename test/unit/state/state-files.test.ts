// The state directory as somebody else left it: nobody is led elsewhere, waited for, or believed.
import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { ChannelSnapshot } from '../../../src/engine/owner/snapshot.ts'
import { type ChannelName, packDraft } from '../../../src/engine/words/publication.ts'
import { ageChannels } from '../../../src/state/state.ts'
import { foreignHand, lockFolder, readLine, readOwn, writeWhole } from '../../../src/state/state-files.ts'

function parent(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'state-files-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

/** Locks it; the lock goes with this process. */
function lock(folder: string): void {
  const before = process.listeners('exit')
  lockFolder(folder)
  for (const listener of process.listeners('exit')) {
    if (!before.includes(listener)) process.removeListener('exit', listener)
  }
}

describe('the folder', () => {
  test('is made for this user alone, whatever the umask is', t => {
    const folder = join(parent(t), 'a', 'b')
    const umask = process.umask(0)
    t.after(() => process.umask(umask))
    lock(folder)
    equal(statSync(folder).mode & 0o777, 0o700)
    equal(statSync(join(folder, 'lock')).mode & 0o777, 0o600)
  })

  test('is refused where every user may write in it, sticky or not; reading harms nothing', t => {
    const folder = parent(t)
    for (const mode of [0o777, 0o1777, 0o702]) {
      chmodSync(folder, mode)
      throws(() => lock(folder), /every user may write in it; chmod o-w, or name a folder inside/)
    }
    chmodSync(folder, 0o755)
    lock(folder)
  })

  test('says whether trying again may help: only where another node has it', t => {
    const folder = parent(t)
    lock(folder)
    throws(() => lock(folder), { code: 'folder-held', isRetryable: true })
    rmSync(join(folder, 'lock'))
    mkdirSync(join(folder, 'lock'))
    throws(() => lock(folder), { code: 'file-strange', isRetryable: false })
    rmSync(join(folder, 'lock'), { recursive: true })
    chmodSync(folder, 0o777)
    throws(() => lock(folder), { code: 'folder-exposed', isRetryable: false })
  })

  test('may be inside one where everybody may write, since it is made for this user', t => {
    const place = parent(t)
    chmodSync(place, 0o777)
    lock(join(place, 'own'))
    rmSync(join(place, 'own', 'lock'))
    lock(join(place, 'own'))
  })

  test('is of this user or of root, and of groups only those of this process may write', () => {
    const of = (uid: number, gid: number, mode: number) =>
      foreignHand({ uid, gid, mode }, 1_000, [1_000, 2_000])
    for (const mode of [0o700, 0o755, 0o770, 0o775, 0o2775]) equal(of(1_000, 1_000, mode), undefined)
    equal(of(0, 2_000, 0o2775), undefined, 'a volume of Kubernetes with fsGroup')
    equal(of(1_000, 3_000, 0o750), undefined)
    match(String(of(1_000, 3_000, 0o770)), /^group 3000, which is none of this process, may write/)
    match(String(of(1_001, 1_000, 0o700)), /^it belongs to user 1001, and this process is user 1000/)
    match(String(of(0, 0, 0o777)), /^every user may write/)
  })

  for (const name of [
    'lock',
    'high-water',
    'snapshot.6',
    'snapshot.6.taken',
    'high-water.new',
    'snapshot.0.new',
  ]) {
    test(`is refused where ${name} is no regular file`, t => {
      const folder = parent(t)
      const path = join(folder, name)
      const expected = new RegExp(
        `^Error: ${name.replaceAll('.', '\\.')} in it is no regular file; remove it$`,
      )
      execFileSync('mkfifo', [path])
      throws(() => lock(folder), expected)
      rmSync(path)
      symlinkSync('/dev/zero', path)
      throws(() => lock(folder), expected)
      rmSync(path)
      mkdirSync(path)
      throws(() => lock(folder), expected)
      rmSync(path, { recursive: true })
      writeFileSync(join(folder, 'notes'), '')
      mkdirSync(join(folder, 'lost+found'))
      lock(folder)
    })
  }

  test('whose lock names what is no process is taken', t => {
    const folder = parent(t)
    for (const text of ['', 'nonsense', 'x'.repeat(10_000), '../self 1', '1 1', `${process.pid} 1`]) {
      writeFileSync(join(folder, 'lock'), text)
      lock(folder)
      rmSync(join(folder, 'lock'))
    }
  })
})

describe('a file in it', () => {
  test('is written whole, and what a link beside it names stays as it was', t => {
    const folder = parent(t)
    writeFileSync(join(folder, 'victim'), 'precious')
    symlinkSync('victim', join(folder, 'file.new'))
    writeWhole(join(folder, 'file'), Buffer.from('text'))
    equal(readFileSync(join(folder, 'victim'), 'utf8'), 'precious')
    equal(readFileSync(join(folder, 'file'), 'utf8'), 'text')
    ok(statSync(join(folder, 'file')).isFile())
  })

  test('is read where it is one, up to its limit', t => {
    const folder = parent(t)
    const path = join(folder, 'file')
    equal(readOwn(path, 3), undefined)
    writeFileSync(path, 'abc')
    equal(readOwn(path, 3)?.toString(), 'abc')
    equal(readLine(path), 'abc')
    throws(() => readOwn(path, 2), /file cannot be read: it is longer than 2 bytes/)
    symlinkSync('file', join(folder, 'link'))
    writeFileSync(path, 'x'.repeat(64))
    equal(readLine(path), 'x'.repeat(64))
    writeFileSync(path, 'x'.repeat(65))
    equal(readLine(path), '', 'a line that is too long says nothing')
    throws(() => readOwn(join(folder, 'link'), 3), /link cannot be read: it is no regular file/)
  })
})

test('time that passes takes the old end of a history and makes no hole', () => {
  const payload = Buffer.from('x')
  // The time to live was shortened between the second and the third.
  const lefts = [100, 500, 50, 400]
  const kept = lefts.map((leftMs, index) => [leftMs, [index, 1, payload]] as const)
  const channel: ChannelSnapshot = ['c', 'e', 0, 4, kept, [['key', 3, 100]]]
  const after = (ms: number) => {
    const [[, , , , left, keys] = channel] = ageChannels([channel], ms)
    return [left.map(([leftMs, [offset]]) => [offset, leftMs]), keys.length]
  }
  deepEqual(after(0), [
    [
      [0, 100],
      [1, 500],
      [2, 50],
      [3, 400],
    ],
    1,
  ])
  deepEqual(after(100), [
    [
      [1, 400],
      [2, 1],
      [3, 300],
    ],
    0,
  ])
  deepEqual(after(499), [
    [
      [1, 1],
      [2, 1],
      [3, 1],
    ],
    0,
  ])
  deepEqual(after(500), [[], 0])
})

test('time that passes counts against all that is known of an order', () => {
  const draft = packDraft({
    channel: 'c' as ChannelName,
    content: { kind: 'text', payload: Buffer.from('x') },
    via: 'test',
  })
  const seen = [
    ['old', 100],
    ['new', 400],
  ] as const
  const channel: ChannelSnapshot = ['c', 'e', 0, 4, [], [], ['last', [[50, draft]], seen, 300]]
  const after = (ms: number) => ageChannels([channel], ms)[0]?.[6]
  deepEqual(after(0), channel[6])
  deepEqual(after(100), ['last', [[150, draft]], [['new', 300]], 200])
  deepEqual(after(500), ['last', [[550, draft]], [], 0])
  deepEqual(ageChannels([['c', 'e', 0, 4, [], []]], 1)[0]?.length, 6, 'where there is none, none is made')
})
