// The folder of a node's assets: in the state directory, or a temporary one that goes when the node stops. The primary makes it
// before there are workers, and each thread knows its name. What is in it is served, so nobody else may put anything there.
import { lstatSync, mkdirSync, readdirSync, rmSync, type Stats } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../std/clock.ts'
import { codeOf, faultText } from '../../../std/fault.ts'
import { identityOf } from '../../../std/process-id.ts'

const temporaryPrefix = 'ringcast-assets-'
const temporaryForm = /^ringcast-assets-(\d+)-\d+$/

/**
 * A node that lives gives its temporary folder a new time at least each minute (`asset-eviction.ts`). One whose process is not
 * seen may be another container's, so only age tells that it was left by a node that was killed.
 */
const abandonedMs = 600_000

/** The same in all threads of this process. `temporary`: where temporary folders are. */
export function assetFolderOf(stateFolder: string, temporary = tmpdir()): string {
  if (stateFolder !== '') return join(stateFolder, 'assets')
  return join(temporary, temporaryPrefix + String(identityOf(process.pid) ?? process.pid).replace(' ', '-'))
}

/** Once, in the primary. A sentence: the folder cannot be used. */
export function prepareAssetFolder(
  stateFolder: string,
  clock: Pick<Clock, 'unixMs'>,
  temporary = tmpdir(),
): string | undefined {
  const folder = assetFolderOf(stateFolder, temporary)
  try {
    if (stateFolder === '') removeAbandoned(temporary, clock.unixMs())
    make(folder)
    const mistake = mistakeIn(lstatSync(folder), process.geteuid?.() ?? 0)
    if (mistake !== undefined) return `the folder of assets, ${folder}, cannot be used: ${mistake}`
  } catch (error) {
    return `the folder of assets, ${folder}, cannot be made: ${faultText(error)}`
  }
  if (stateFolder === '') process.on('exit', () => remove(folder))
  return undefined
}

/** How somebody else could have put something into it; `uid` is that of this process. */
export function mistakeIn(
  stats: Pick<Stats, 'uid' | 'mode'> & { isDirectory(): boolean },
  uid: number,
): string | undefined {
  if (!stats.isDirectory()) return 'it is no folder'
  if (stats.uid !== uid) return `it belongs to user ${stats.uid}, and this process is user ${uid}`
  return (stats.mode & 0o077) === 0 ? undefined : 'others may look into it; chmod 700'
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** What a killed node left would stay until the machine starts anew, on many of them in memory. */
function removeAbandoned(temporary: string, nowMs: number): void {
  for (const name of readdirSync(temporary)) {
    const pid = temporaryForm.exec(name)?.[1]
    if (pid === undefined) continue
    const isAlive = identityOf(Number(pid))?.replace(' ', '-') === name.slice(temporaryPrefix.length)
    const folder = join(temporary, name)
    const stats = lstatSync(folder, { throwIfNoEntry: false })
    const isOurs = stats !== undefined && mistakeIn(stats, process.geteuid?.() ?? 0) === undefined
    if (isOurs && !isAlive && nowMs - stats.mtimeMs > abandonedMs) remove(folder)
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    // Nobody hears of it any more, and the next node removes it.
  }
}
