import { deepEqual, equal, throws } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { exposureAt, exposureOf, openNewFile, readRegularFile } from '../../../src/std/regular-file.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'regular-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

/** Its bytes, or why not. */
function read(path: string, { bytesMax = 100, follow = false } = {}): string {
  const reading = readRegularFile(path, { bytesMax, follow })
  return reading.ok ? reading.bytes.toString() : reading.reason
}

describe('a file to read', () => {
  test('is read up to its limit and no further, also where it does not tell its size', t => {
    const path = join(folder(t), 'file')
    for (const size of [0, 1, 99, 100]) {
      writeFileSync(path, 'x'.repeat(size))
      equal(read(path), 'x'.repeat(size))
    }
    writeFileSync(path, 'x'.repeat(101))
    equal(read(path), 'it is longer than 100 bytes')
    const status = readFileSync('/proc/self/limits', 'utf8')
    equal(read('/proc/self/limits', { bytesMax: 10_000 }), status)
    equal(read('/proc/self/limits', { bytesMax: status.length }), status)
    equal(
      read('/proc/self/limits', { bytesMax: status.length - 1 }),
      `it is longer than ${status.length - 1} bytes`,
    )
  })

  test('is refused where it is none, and nobody waits for a writer', t => {
    const place = folder(t)
    execFileSync('mkfifo', [join(place, 'fifo')])
    mkdirSync(join(place, 'folder'))
    symlinkSync('/dev/zero', join(place, 'endless'))
    for (const path of [join(place, 'fifo'), join(place, 'folder'), '/dev/zero', '/dev/null'])
      equal(read(path), 'it is no regular file', path)
    equal(read(join(place, 'endless'), { follow: true }), 'it is no regular file')
  })

  test('is followed to where a link leads only if that is wanted', t => {
    const place = folder(t)
    writeFileSync(join(place, 'file'), 'text')
    symlinkSync('file', join(place, 'link'))
    equal(read(join(place, 'link'), { follow: true }), 'text')
    equal(read(join(place, 'link')), 'it is no regular file')
  })

  test('that is missing says so', t => {
    const path = join(folder(t), 'none')
    deepEqual(readRegularFile(path, { bytesMax: 1, follow: true }), {
      ok: false,
      reason: 'ENOENT',
      kind: 'missing',
    })
  })
})

describe('a file to write', () => {
  test('is new and for its user alone, and takes the place of a leftover', t => {
    const path = join(folder(t), 'file')
    writeFileSync(path, 'old and longer', { mode: 0o666 })
    const descriptor = openNewFile(path)
    writeSync(descriptor, 'new')
    closeSync(descriptor)
    equal(readFileSync(path, 'utf8'), 'new')
    equal(statSync(path).mode & 0o777, 0o600)
  })

  test('does not lead to what a link names', t => {
    const place = folder(t)
    writeFileSync(join(place, 'victim'), 'precious')
    symlinkSync('victim', join(place, 'file'))
    closeSync(openNewFile(join(place, 'file')))
    equal(readFileSync(join(place, 'victim'), 'utf8'), 'precious')
  })

  test('does not take the place of a folder', t => {
    const place = folder(t)
    mkdirSync(join(place, 'file'))
    throws(() => openNewFile(join(place, 'file')))
  })
})

describe('a file that others reach', () => {
  test('is told by its mode: what they may write anywhere, what they may read outside of memory', () => {
    const [disk, tmpfs, ramfs] = [0xef53, 0x01021994, 0x858458f6]
    for (const mode of [0o600, 0o640, 0o660]) equal(exposureOf(mode, disk), undefined)
    for (const mode of [0o644, 0o604]) {
      equal(exposureOf(mode, disk), 'read')
      for (const memory of [tmpfs, ramfs]) equal(exposureOf(mode, memory), undefined)
    }
    for (const mode of [0o666, 0o602])
      for (const type of [disk, tmpfs]) equal(exposureOf(mode, type), 'write')
  })

  test('is asked where it lies', t => {
    const path = join(folder(t), 'file')
    writeFileSync(path, '')
    chmodSync(path, 0o606)
    equal(exposureAt(path, statSync(path)), 'write')
    equal(exposureAt(`${path}-gone`, statSync(path)), undefined)
  })
})
