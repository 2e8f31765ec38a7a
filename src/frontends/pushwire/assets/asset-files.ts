// Files of assets as all workers of a node write and read them: whole or not there, since each is written beside its name and
// renamed, and never changed after. When a file was last of use is its time of modification.
import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../std/fault.ts'

/** Behind the name of a file that is being written. */
export const besideForm = /\.[0-9a-f]{16}\.new$/

/** A file of that name is there, with so many bytes: it is of use again from now on. */
export async function renewFile(path: string, bytes: number, unixMs: number): Promise<boolean> {
  try {
    await utimes(path, unixMs / 1_000, unixMs / 1_000)
    const stats = await stat(path)
    return stats.isFile() && stats.size === bytes
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

/** `mark`: sixteen digits of chance, so that two who write the same file do not meet. */
export async function writeFileWhole(
  path: string,
  bytes: Uint8Array,
  unixMs: number,
  mark: string,
): Promise<void> {
  const beside = `${path}.${mark}.new`
  try {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
    const file = await open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      await file.writeFile(bytes)
      await file.utimes(unixMs / 1_000, unixMs / 1_000)
      // Its name is its digest: after a loss of power no other content may stand under it.
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, path)
  } catch (error) {
    // Half a file would keep a full disk full.
    await rm(beside, { force: true }).catch(() => {})
    throw error
  }
}

export interface OpenFile {
  readonly file: FileHandle
  readonly bytes: number
  readonly usedUnixMs: number
}

/** Undefined where there is none with anything in it. Whoever removes it meanwhile takes nothing from who has it open. */
export async function openFile(folder: string, name: string): Promise<OpenFile | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    const file = await open(join(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const stats = await file.stat()
    if (stats.isFile() && stats.size > 0) return { file, bytes: stats.size, usedUnixMs: stats.mtimeMs }
    await file.close()
    return undefined
  } catch (error) {
    if (['ENOENT', 'ELOOP'].includes(codeOf(error))) return undefined
    throw error
  }
}
