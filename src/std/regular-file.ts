// Files whose path others may have a hand in: a FIFO, a device or a folder in its place is refused and never waited for,
// nothing is read without end, and where we write nobody leads us elsewhere by a link.
import { closeSync, constants, fstatSync, openSync, readSync, rmSync, type Stats, statfsSync } from 'node:fs'
import { codeOf } from './fault.ts'

export interface ReadOptions {
  readonly bytesMax: number
  /** What an operator names may be a link, as secrets of Kubernetes are; what we wrote ourselves is none. */
  readonly follow: boolean
}

export type FileReading =
  | { readonly ok: true; readonly bytes: Buffer; readonly stats: Stats }
  | {
      readonly ok: false
      /** The system's code, or the end of a sentence that begins with the file. */
      readonly reason: string
      readonly kind: 'missing' | 'no-file' | 'too-long' | 'failed'
    }

/** What the system reads at once. */
const pieceBytesMax = 1_073_741_824

/** What a file of `/proc` is first given, for it does not tell its size. */
const unknownBytes = 4_096

/** Never throws for what is on the disk. */
export function readRegularFile(path: string, { bytesMax, follow }: ReadOptions): FileReading {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_NOFOLLOW } = constants
  let descriptor: number
  try {
    descriptor = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (follow ? 0 : O_NOFOLLOW))
  } catch (error) {
    return refusalOf(error, follow)
  }
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) return { ok: false, reason: noFile, kind: 'no-file' }
    const bytes = stats.size <= bytesMax ? readUpTo(descriptor, stats.size, bytesMax) : undefined
    if (bytes !== undefined) return { ok: true, bytes, stats }
    return { ok: false, reason: `it is longer than ${bytesMax} bytes`, kind: 'too-long' }
  } catch (error) {
    return refusalOf(error, follow)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Opens for writing a file that is new, for this user alone. A leftover under the name goes first; who puts something
 * there in between makes it throw.
 */
export function openNewFile(path: string): number {
  rmSync(path, { force: true })
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
}

/** What users of the machine that are neither the owner nor of the group may do with the file. */
export type Exposure = 'read' | 'write' | undefined

const othersRead = 0o004
const othersWrite = 0o002

/** tmpfs and ramfs (statfs(2)). */
const memoryTypes: readonly number[] = [0x01021994, 0x858458f6]

/**
 * Container platforms lay secrets on file systems in memory, of mode 444 or 644 so that any user of the container reads
 * them, and nobody else sees those. Elsewhere a file that others read is an oversight.
 */
export function exposureOf(mode: number, fileSystem: number): Exposure {
  if ((mode & othersWrite) !== 0) return 'write'
  return (mode & othersRead) !== 0 && !memoryTypes.includes(fileSystem) ? 'read' : undefined
}

/** Of a file that was just read. */
export function exposureAt(path: string, { mode }: Stats): Exposure {
  try {
    return exposureOf(mode, statfsSync(path).type)
  } catch {
    return undefined // gone since: nobody can read it any more
  }
}

/** Undefined where it goes on behind the limit. */
function readUpTo(descriptor: number, size: number, bytesMax: number): Buffer | undefined {
  // One more than it should have, so that its end is seen.
  let buffer = Buffer.allocUnsafe((size === 0 ? Math.min(unknownBytes, bytesMax) : size) + 1)
  let length = 0
  for (;;) {
    const count = readSync(descriptor, buffer, length, Math.min(buffer.length - length, pieceBytesMax), null)
    length += count
    if (count === 0) return buffer.subarray(0, length)
    if (length > bytesMax) return undefined
    if (length < buffer.length) continue
    const longer = Buffer.allocUnsafe(Math.min(length * 2, bytesMax + 1))
    buffer.copy(longer)
    buffer = longer
  }
}

const noFile = 'it is no regular file'

function refusalOf(error: unknown, follow: boolean): FileReading {
  const code = codeOf(error)
  // A socket cannot be opened, and a link is refused where it is not to be followed.
  const isNone = code === 'ENXIO' || (code === 'ELOOP' && !follow)
  if (isNone) return { ok: false, reason: noFile, kind: 'no-file' }
  return { ok: false, reason: code, kind: code === 'ENOENT' ? 'missing' : 'failed' }
}
