// How the state directory meets the disk: files that are whole or not there, and a lock that tells a live owner from
// the leftover of a killed one. What is in it is believed, so nobody else may put anything there.
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
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type FileReading, openNewFile, readRegularFile } from '../std/regular-file.ts'

/** Undefined where there is no such file; whatever else the disk says is thrown. */
export function readOwn(path: string, bytesMax: number): Buffer | undefined {
  return bytesOf(path, readRegularFile(path, { bytesMax, follow: false }))
}

function bytesOf(path: string, reading: FileReading): Buffer | undefined {
  if (reading.ok) return reading.bytes
  if (reading.kind === 'missing') return undefined
  throw new Error(`${path} cannot be read: ${reading.reason}`)
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

/** More than a process id and a time, or an offset, ever have. */
const lineBytesMax = 64

/** A file that has one line. One that is longer says nothing. */
export function readLine(path: string): string | undefined {
  const reading = readRegularFile(path, { bytesMax: lineBytesMax, follow: false })
  if (!reading.ok && reading.kind === 'too-long') return ''
  return bytesOf(path, reading)?.toString('latin1')
}

/**
 * Makes the folder, for this user alone, and takes it for this process until it exits. Throws where another node has
 * it, or where others could put something into it. The lock names its owner by process id and start time, so that a
 * killed owner's lock, or a reused id, is no obstacle.
 */
export function lockFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  refuseForeign(folder)
  const path = join(folder, 'lock')
  const own = `${identityOf(String(process.pid))}\n`
  for (let tries = 0; tries < lockTriesMax && !tryCreate(path, own); tries++) {
    const holder = readLine(path)?.trim() ?? ''
    const [pid = ''] = holder.split(' ')
    if (holder !== '' && identityOf(pid) === holder) throw new Error(`it is in use by process ${pid}`)
    rmSync(path, { force: true })
  }
  // Another start may have removed ours for the leftover that both saw.
  if (readLine(path) !== own) throw new Error('another node takes it at this moment')
  process.on('exit', () => releaseLock(path, own))
}

const lockTriesMax = 3

function releaseLock(path: string, own: string): void {
  try {
    if (readLine(path) === own) rmSync(path, { force: true })
  } catch {
    // Whatever is there by now is not ours, and nobody hears of it any more.
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
  if (hand !== undefined) throw new Error(hand)
  for (const name of readdirSync(folder).filter(each => ownName.test(each))) {
    if (!lstatSync(join(folder, name)).isFile())
      throw new Error(`${name} in it is no regular file; remove it`)
  }
}

const ownName = /^(?:lock|high-water|snapshot\.\d+(?:\.taken)?)(?:\.new)?$/

function tryCreate(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** Fifty-two numbers and a name (proc(5)). */
const statBytesMax = 4_096

/** `1234 567890`: the process and the clock ticks at which it started; undefined for one that is gone. */
function identityOf(pid: string): string | undefined {
  // It may come out of a lock that anybody wrote.
  const stat = /^\d+$/.test(pid) ? readOwn(`/proc/${pid}/stat`, statBytesMax)?.toString('latin1') : undefined
  // The program's name, in brackets, may hold blanks itself; the start is the twentieth field behind it.
  return stat === undefined ? undefined : `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
