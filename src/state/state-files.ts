// How the state directory meets the disk: files that are whole or not there, and one node at a time. What is in it is
// believed, so nobody else may put anything there.
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../std/fault.ts'
import { isRefusal, type LockFile, type LockRefusal, takeLock } from '../std/lock-file.ts'
import { type FileReading, openNewFile, readRegularFile } from '../std/regular-file.ts'

/** Why the folder cannot be used: somebody has it, others could put something into it, or one of our names is no file. */
type FolderCode = 'folder-held' | 'folder-exposed' | 'file-strange'

/** Undefined where there is no such file; whatever else the disk says is thrown. */
export function readOwn(path: string, bytesMax: number): Buffer | undefined {
  return bytesOf(path, readRegularFile(path, { bytesMax, follow: false }))
}

function bytesOf(path: string, reading: FileReading): Buffer | undefined {
  if (reading.ok) return reading.bytes
  if (reading.kind === 'missing') return undefined
  throw new Fault('file-unreadable', `${path} cannot be read: ${reading.reason}`)
}

/** Whole or not at all, also when the power fails: written beside, synced, renamed, and the folder synced. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const beside = `${path}.new`
  try {
    const descriptor = openNewFile(beside)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(beside, path)
  } catch (error) {
    // Half a file would keep a full disk full.
    rmSync(beside, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** More than two numbers ever have. */
const lineBytesMax = 64

/** A file that has one line. One that is longer says nothing. */
export function readLine(path: string): string | undefined {
  const reading = readRegularFile(path, { bytesMax: lineBytesMax, follow: false })
  if (!reading.ok && reading.kind === 'too-long') return ''
  return bytesOf(path, reading)?.toString('latin1')
}

/** Makes the folder, for this user alone. Throws where others could put something into it. */
export function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  refuseForeign(folder)
}

/** The same, and takes it for this process until it exits, or gives it back. Throws where another node has it, too. */
export function lockFolder(folder: string): LockFile {
  openFolder(folder)
  const lock = takeLock(join(folder, 'lock'))
  if (isRefusal(lock)) throw lockFault(lock)
  process.on('exit', () => lock.release())
  return lock
}

function lockFault(refusal: LockRefusal): Fault<FolderCode> {
  switch (refusal.kind) {
    case 'held':
      return new Fault('folder-held', `it is in use by process ${refusal.pid}`, { isRetryable: true })
    case 'contested':
      return new Fault('folder-held', 'another node takes it at this moment', { isRetryable: true })
    case 'strange':
      return strangeFile('lock')
    default:
      return refusal satisfies never
  }
}

interface Owner {
  readonly uid: number
  readonly gid: number
  readonly mode: number
}

/** How others could put something into the folder, as a sentence; `uid` and `groups` are those of this process. */
export function foreignHand(folder: Owner, uid: number, groups: readonly number[]): string | undefined {
  // Root could do everything anyway.
  if (folder.uid !== 0 && folder.uid !== uid) {
    return `it belongs to user ${folder.uid}, and this process is user ${uid}`
  }
  if ((folder.mode & 0o002) !== 0) {
    return 'every user may write in it; chmod o-w, or name a folder inside, which is made for this user alone'
  }
  // A group of ours is how an operator lets this process write: fsGroup of Kubernetes does so.
  if ((folder.mode & 0o020) !== 0 && !groups.includes(folder.gid)) {
    return `group ${folder.gid}, which is none of this process, may write in it; chmod g-w`
  }
  return undefined
}

/** Throws where others could have put something into it, and where one of our names is no file. */
function refuseForeign(folder: string): void {
  const groups = [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])]
  const hand = foreignHand(statSync(folder), process.geteuid?.() ?? 0, groups)
  if (hand !== undefined) throw new Fault<FolderCode>('folder-exposed', hand)
  for (const name of readdirSync(folder).filter(each => ownName.test(each))) {
    if (!lstatSync(join(folder, name)).isFile()) throw strangeFile(name)
  }
}

function strangeFile(name: string): Fault<FolderCode> {
  return new Fault('file-strange', `${name} in it is no regular file; remove it`)
}

const ownName = /^(?:lock(?:\.\d+(?:\.stale)?)?|high-water|snapshot\.\d+(?:\.taken)?)(?:\.new)?$/
