// A claim on the path of a unix socket. The library takes a path from whoever listens there, so that this looks first:
// a lock file beside it names its holder, and a socket that answers belongs to somebody.
import { chmodSync, closeSync, linkSync, lstatSync, renameSync, rmSync, type Stats, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { openNewFile, readRegularFile } from '../std/regular-file.ts'

export interface Claim {
  /** The socket is there now: others may connect to it as far as its mode says. */
  opened(): void
  /** Removes socket and lock, unless they are another's by now. Calling it twice is harmless. */
  release(): void
}

/** With a longer path the library ends the process (README, rule 17). */
const pathBytesMax = 107

/** For the daemon's user and group: a proxy in front is put into the group. */
const mode = 0o660

/** A socket whose owner is too busy to answer belongs to somebody. */
const answerMs = 2_000

/** A lock has a process id and a time; proc(5)'s stat has fifty-two numbers and a name. */
const lockBytesMax = 64
const statBytesMax = 4_096

/** One is enough unless several daemons meet a stale lock at the same moment. */
const attemptsMax = 100

/** A reason where the path cannot be had. Otherwise nothing is at the path, and nobody else gets it before `release`. */
export function claimPath(path: string): Claim | string {
  if (Buffer.byteLength(path) > pathBytesMax) return `its path is longer than ${pathBytesMax} bytes`
  const lock = `${path}.lock`
  try {
    const held = strangeLock(lock) ?? takeLock(lock)
    if (held !== undefined) return held
    const occupied = clearPath(path)
    if (occupied === undefined) return createClaim(path, lock)
    rmSync(lock)
    return occupied
  } catch (error) {
    return `the directory does not let us: ${codeOf(error)}`
  }
}

function createClaim(path: string, lock: string): Claim {
  let inode: number | undefined
  let released = false
  return {
    opened() {
      chmodSync(path, mode)
      inode = lookAt(path)?.ino
    },
    release() {
      if (released) return
      released = true
      if (inode !== undefined && lookAt(path)?.ino === inode) rmSync(path, { force: true })
      if (readHolder(lock) === describeProcess(process.pid)) rmSync(lock, { force: true })
    },
  }
}

/** In a folder of others anything may have the name of the lock: it is not waited for, and nobody is led elsewhere. */
function strangeLock(lock: string): string | undefined {
  const there = lookAt(lock)
  return there === undefined || there.isFile() ? undefined : `${lock} is no regular file`
}

/** Why the lock cannot be had; undefined: it is ours. That of a dead process is taken over. */
function takeLock(lock: string): string | undefined {
  const own = `${lock}.${process.pid}`
  // A lock never is there without its content: it is written elsewhere and linked.
  const descriptor = openNewFile(own)
  try {
    writeSync(descriptor, describeProcess(process.pid) ?? '')
    for (let attempt = 0; !isLinked(own, lock); attempt++) {
      const holder = readHolder(lock) ?? ''
      if (attempt === attemptsMax) return `others take ${lock} all the time`
      const pid = /^\d+/.exec(holder)?.[0]
      if (pid !== undefined && describeProcess(Number(pid)) === holder) {
        return `process ${pid} listens there (${lock})`
      }
      dropStale(lock, holder)
    }
    return undefined
  } finally {
    closeSync(descriptor)
    rmSync(own, { force: true })
  }
}

/** Two may find a lock stale, and the slower one must not remove what the faster one put there. */
function dropStale(lock: string, holder: string): void {
  const aside = `${lock}.${process.pid}.stale`
  try {
    renameSync(lock, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return // another was faster
    throw error
  }
  if (readHolder(aside) !== holder) isLinked(aside, lock)
  rmSync(aside, { force: true })
}

/** Why the path must stay as it is; undefined: nothing is there any more. */
function clearPath(path: string): string | undefined {
  const there = lookAt(path)
  if (there === undefined) return undefined
  if (!there.isSocket()) return 'there is a file that is no socket'
  const outcome = connectTo(path)
  if (outcome !== 'ECONNREFUSED') return `another process listens there, or may (${outcome})`
  rmSync(path)
  return undefined
}

/** What connecting gives, `connected` or an error's code. Nobody can wait here for a callback, hence the thread. */
function connectTo(path: string): string {
  const outcome = new Uint8Array(new SharedArrayBuffer(64))
  const done = new Int32Array(new SharedArrayBuffer(4))
  const script = `
    const { path, outcome, done } = require('node:worker_threads').workerData
    const say = text => {
      outcome.set(Buffer.from(text))
      Atomics.store(done, 0, 1)
      Atomics.notify(done, 0)
      socket.destroy()
    }
    const socket = require('node:net').connect(path, () => say('connected'))
    socket.on('error', ({ code }) => say(code))`
  new Worker(script, { eval: true, workerData: { path, outcome, done } }).unref()
  if (Atomics.wait(done, 0, 0, answerMs) === 'timed-out') return `no answer within ${answerMs} ms`
  return Buffer.from(outcome).toString().replaceAll('\0', '')
}

/**
 * A number may be another process by now, in a container above all, so the start belongs to it: the 22nd field of
 * proc(5)'s stat, in ticks since boot. Undefined: there is no such process.
 */
function describeProcess(pid: number): string | undefined {
  const stat = readRegularFile(`/proc/${pid}/stat`, { bytesMax: statBytesMax, follow: false })
  if (!stat.ok) return undefined // whatever hides it: its socket is tried before anything is removed
  const fields = stat.bytes.toString('latin1').split(') ').at(-1)?.split(' ') ?? []
  return `${pid} ${fields[19]}\n`
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Undefined where it is gone; one that is too long holds nothing. */
function readHolder(lock: string): string | undefined {
  const holder = readRegularFile(lock, { bytesMax: lockBytesMax, follow: false })
  if (holder.ok) return holder.bytes.toString('latin1')
  if (holder.kind === 'missing') return undefined
  if (holder.kind === 'too-long') return ''
  throw new Error(`${lock} cannot be read: ${holder.reason}`)
}

function lookAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message
  return String(error)
}
