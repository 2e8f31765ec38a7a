// What the operating system says of the process. Linux only, like the daemon: /proc answers.
import { readdir, readFile, stat } from 'node:fs/promises'

/** Bytes, milliseconds and counts; what cannot be read is left out. */
export type ProcessReadings = Readonly<Record<string, number>>

/** All threads together: workers share the process. */
export async function readProcess(startedUnixMs: number): Promise<ProcessReadings> {
  const { user, system } = process.cpuUsage()
  const residentBytes = readResident()
  const [openFds, maxFds] = await Promise.all([countFds(), readFdLimit()])
  return {
    cpuMs: (user + system) / 1_000,
    ...(residentBytes !== undefined && { residentBytes }),
    startedUnixMs,
    ...(openFds !== undefined && { openFds }),
    ...(maxFds !== undefined && { maxFds }),
  }
}

function readResident(): number | undefined {
  try {
    return process.memoryUsage.rss()
  } catch {
    return undefined // it opens a file, and there may be no descriptor left
  }
}

/** Since Linux 6.2 the folder's size is their number; before, a million of them must be listed to be counted. */
async function countFds(): Promise<number | undefined> {
  try {
    const { size } = await stat('/proc/self/fd')
    return size > 0 ? size : (await readdir('/proc/self/fd')).length
  } catch {
    return undefined // hidden from us
  }
}

async function readFdLimit(): Promise<number | undefined> {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(await readFile('/proc/self/limits', 'latin1'))?.[1]
    return limit === undefined ? undefined : Number(limit)
  } catch {
    return undefined // hidden from us
  }
}
