// How the state directory meets the disk: files that are whole or not there, and a lock that tells a live owner from
// the leftover of a killed one.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Undefined where there is no such file; whatever else the disk says is thrown. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Whole or not at all, also when the power fails: written beside, synced, renamed, and the folder synced. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const beside = `${path}.new`
  try {
    const descriptor = openSync(beside, 'w', 0o600)
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

/**
 * Makes the folder and takes it for this process until it exits. Throws where another node has it. The lock names its
 * owner by process id and start time, so that a killed owner's lock, or a reused id, is no obstacle.
 */
export function lockFolder(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'lock')
  const own = `${identityOf(String(process.pid))}\n`
  for (let tries = 0; tries < lockTriesMax && !tryCreate(path, own); tries++) {
    const holder = readIfThere(path)?.trim() ?? ''
    const [pid = ''] = holder.split(' ')
    if (holder !== '' && identityOf(pid) === holder) throw new Error(`it is in use by process ${pid}`)
    rmSync(path, { force: true })
  }
  // Another start may have removed ours for the leftover that both saw.
  if (readIfThere(path) !== own) throw new Error('another node takes it at this moment')
  process.on('exit', () => {
    if (readIfThere(path) === own) rmSync(path, { force: true })
  })
}

const lockTriesMax = 3

function tryCreate(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

/** `1234 567890`: the process and the clock ticks at which it started; undefined for one that is gone. */
function identityOf(pid: string): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  // The program's name, in brackets, may hold blanks itself; the start is the twentieth field behind it.
  return stat === undefined ? undefined : `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
