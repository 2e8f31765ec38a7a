// A file that names its holder by process id and start time, so that the lock of a process that was killed, or whose id
// another one has by now, is no obstacle. It never is there without its content, nobody is led elsewhere by what lies in
// its place, and who loses a race for a stale one takes nothing from the winner.
import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { codeOf, Fault } from './fault.ts'
import { identityOf } from './process-id.ts'
import { openNewFile, readRegularFile } from './regular-file.ts'

export interface LockFile {
  /** Removes it, unless it is another's by now. Calling it twice is harmless. */
  release(): void
}

export type LockRefusal =
  | { readonly kind: 'held'; readonly pid: number }
  /** Others take it at this moment. */
  | { readonly kind: 'contested' }
  /** No regular file has its name. */
  | { readonly kind: 'strange' }

/** A process id and a time. */
const lockBytesMax = 64

/** One is enough unless several processes meet a stale lock at the same moment. */
const attemptsMax = 100

/** Throws what the disk says where the folder does not let us. */
export function takeLock(path: string): LockFile | LockRefusal {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false) return { kind: 'strange' }
  const holder = `${identityOf(process.pid) ?? process.pid}\n`
  const beside = `${path}.${process.pid}`
  const descriptor = openNewFile(beside)
  try {
    writeSync(descriptor, holder)
    for (let attempt = 0; !isLinked(beside, path); attempt++) {
      if (attempt === attemptsMax) return { kind: 'contested' }
      const other = readHolder(path)
      const pid = livingPid(other)
      if (pid !== undefined) return { kind: 'held', pid }
      dropStale(path, other)
    }
  } finally {
    closeSync(descriptor)
    rmSync(beside, { force: true })
  }
  // Whoever took ours for the leftover that both saw puts it back, unless a third one was there in between.
  if (readHolder(path) !== holder) return { kind: 'contested' }
  let isHeld = true
  return {
    release() {
      if (isHeld) release(path, holder)
      isHeld = false
    },
  }
}

export function isRefusal(outcome: LockFile | LockRefusal): outcome is LockRefusal {
  return 'kind' in outcome
}

/** That of a holder that still runs. */
function livingPid(holder: string | undefined): number | undefined {
  const [, identity, pid] = /^((\d{1,10}) \d+)\n$/.exec(holder ?? '') ?? []
  return identity !== undefined && identityOf(Number(pid)) === identity ? Number(pid) : undefined
}

/** Two may find a lock stale, and the slower one must not remove what the faster one put there. */
function dropStale(path: string, holder: string | undefined): void {
  const aside = `${path}.${process.pid}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return // another was faster
    throw error
  }
  if (readHolder(aside) !== holder) isLinked(aside, path)
  rmSync(aside, { force: true })
}

/** Whole at once where the file system has hard links; exclusive in any case. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!noLinks.includes(codeOf(error))) throw error
  }
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** What link(2) gives on FAT and on some shares of other machines. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** Undefined where it is gone; one that is too long holds nothing. */
function readHolder(path: string): string | undefined {
  const reading = readRegularFile(path, { bytesMax: lockBytesMax, follow: false })
  if (reading.ok) return reading.bytes.toString('latin1')
  if (reading.kind === 'missing') return undefined
  if (reading.kind === 'too-long') return ''
  throw new Fault('file-unreadable', `${path} cannot be read: ${reading.reason}`)
}

function release(path: string, holder: string): void {
  try {
    if (readHolder(path) === holder) rmSync(path, { force: true })
  } catch {
    // What is there by now is not ours, and nobody hears of it any more.
  }
}
