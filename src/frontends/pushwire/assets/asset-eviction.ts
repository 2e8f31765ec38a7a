// What keeps the folder of assets within its bounds: one worker of the node looks through it, removes what is too old, then what
// was of use longest ago until the rest fits, and leaves a mark. Whoever writes much looks for the mark, so that the bound
// holds even where nobody can remove anything.
import { lstat, open, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../std/fault.ts'
import { besideForm } from './asset-files.ts'

/** Its time changes with each look after which all fits. */
const markName = 'swept'

const assetForm = /^[0-9a-f]{64}\.[a-z0-9]{1,8}$/

/** A file takes this much of a disk at least, so that very many small ones are bounded, too. */
const blockBytes = 4_096

/** Nobody writes for so long: it was left by a node that was killed. */
const besideMsMax = 600_000

export interface FolderBounds {
  readonly assetsBytesMax: number
  readonly assetMsMax: number
}

export interface FolderCount {
  readonly files: number
  readonly bytes: number
  readonly evicted: number
}

interface Found {
  readonly path: string
  readonly bytes: number
  readonly usedUnixMs: number
}

/** Changes when a file comes or goes. Throws where the folder is gone. */
export async function folderTime(folder: string): Promise<number> {
  return (await stat(folder)).mtimeMs
}

/** Looks through the folder and removes what must go. Throws where the disk refuses; then there is no new mark. */
export async function evict(folder: string, bounds: FolderBounds, unixMs: number): Promise<FolderCount> {
  const found = await findFiles(folder, unixMs)
  found.sort((one, other) => one.usedUnixMs - other.usedUnixMs)
  let bytes = found.reduce((sum, file) => sum + file.bytes, 0)
  let evicted = 0
  for (const file of found) {
    const isOld = unixMs - file.usedUnixMs > bounds.assetMsMax
    if (!isOld && bytes <= bounds.assetsBytesMax) break
    // One that was stored again or fetched since it was looked at counts as new.
    if ((await timeOf(file.path)) !== file.usedUnixMs) continue
    await rm(file.path, { force: true })
    bytes -= file.bytes
    evicted++
  }
  if (bytes <= bounds.assetsBytesMax) await touch(join(folder, markName), unixMs)
  return { files: found.length - evicted, bytes, evicted }
}

/** Undefined: nobody ever looked. */
export function markTime(folder: string): Promise<number | undefined> {
  return timeOf(join(folder, markName))
}

async function findFiles(folder: string, unixMs: number): Promise<Found[]> {
  const found: Found[] = []
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const isBeside = besideForm.test(name)
    if (!isBeside && !assetForm.test(name)) continue
    const stats = await lstat(path).catch(absent)
    // A folder of such a name was put there by somebody else, and is not served.
    if (stats?.isFile() !== true) continue
    const bytes = Math.ceil(stats.size / blockBytes) * blockBytes
    if (!isBeside) found.push({ path, bytes, usedUnixMs: stats.mtimeMs })
    else if (unixMs - stats.mtimeMs > besideMsMax) await rm(path, { force: true })
  }
  return found
}

async function timeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(absent))?.mtimeMs
}

async function touch(path: string, unixMs: number): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    await file.utimes(unixMs / 1_000, unixMs / 1_000)
  } finally {
    await file.close()
  }
}

/** The folder gets a new time, lest another node takes a temporary one for abandoned. */
export async function touchFolder(folder: string, unixMs: number): Promise<void> {
  await utimes(folder, unixMs / 1_000, unixMs / 1_000)
}

/** Somebody else removed it meanwhile. */
function absent(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}
