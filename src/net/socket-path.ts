// A claim on the path of a unix socket. The library takes a path from whoever listens there, so that this looks first:
// a lock file beside it names its holder, and a socket that answers belongs to somebody.
import { chmodSync, lstatSync, rmSync, type Stats } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { codeOf, Fault, faultText } from '../std/fault.ts'
import { isRefusal, type LockFile, type LockRefusal, takeLock } from '../std/lock-file.ts'

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

/**
 * A socket of Node.js gets this name, and is renamed when it is ready: Node.js removes the name that it gave when it closes, and
 * the path may lead to another process by then. As long as the bytes that paths leave free (`std/address.ts`).
 */
export function nameBeside(path: string): string {
  return `${path}.b`
}

/** The kernel answers at once, but a busy machine may take seconds to start the thread that asks. */
const answerMs = 30_000

/** A reason where the path cannot be had. Otherwise nothing is at the path, and nobody else gets it before `release`. */
export function claimPath(path: string): Claim | string {
  if (Buffer.byteLength(path) > pathBytesMax) return `its path is longer than ${pathBytesMax} bytes`
  const lockPath = `${path}.lock`
  try {
    const lock = takeLock(lockPath)
    if (isRefusal(lock)) return refusalText(lock, lockPath)
    const occupied = clearPath(path)
    if (occupied === undefined) return createClaim(path, lock)
    lock.release()
    return occupied
  } catch (error) {
    return `the directory does not let us: ${error instanceof Fault ? faultText(error) : codeOf(error)}`
  }
}

/**
 * A path whose socket was handed to us. Where a daemon of ours made it, its lock file lies beside it, and the last of those
 * that have the socket removes both; else it is its maker's, such as systemd's, and stays.
 */
export function claimInheritedPath(path: string): Claim {
  const lockPath = `${path}.lock`
  const isOurs = lookAt(lockPath) !== undefined
  let inode: number | undefined
  let isReleased = false
  return {
    opened() {
      inode = lookAt(path)?.ino
    },
    release() {
      if (isReleased || !isOurs) return
      isReleased = true
      try {
        const lock = takeLock(lockPath)
        // Whoever made it goes on with it.
        if (isRefusal(lock)) return
        removeOwn(path, inode)
        lock.release()
      } catch {
        // The folder does not let us any more; whoever takes the path next removes what is left.
      }
    },
  }
}

function removeOwn(path: string, inode: number | undefined): void {
  if (inode !== undefined && lookAt(path)?.ino === inode) rmSync(path, { force: true })
}

function refusalText(refusal: LockRefusal, lockPath: string): string {
  switch (refusal.kind) {
    case 'held':
      return `process ${refusal.pid} listens there (${lockPath})`
    case 'contested':
      return `others take ${lockPath} all the time`
    case 'strange':
      return `${lockPath} is no regular file`
    default:
      return refusal satisfies never
  }
}

function createClaim(path: string, lock: LockFile): Claim {
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
      removeOwn(path, inode)
      lock.release()
    },
  }
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

function lookAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}
