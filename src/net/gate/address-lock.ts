// The primary's part of a gate's addresses. Workers share a port by SO_REUSEPORT, with which a second daemon would succeed and
// take some of the clients in silence. So the primary holds an abstract unix socket of the port's name: it vanishes with the
// process, whatever ended it, and lives in the network namespace, as the port does.
import { lstatSync, rmSync } from 'node:fs'
import { createServer, type ListenOptions, type Server } from 'node:net'
import { type Address, formatAddress } from '../../std/address.ts'
import { codeOf } from '../../std/fault.ts'
import type { InheritedSocket } from '../inherited/inherited-sockets.ts'
import { claimInheritedPath, claimPath } from '../socket-path.ts'

export interface AddressLock {
  /** With a port where the kernel was to choose one. */
  readonly address: Address
  /** Workers listen there, so that nobody else needs to hold a port that the kernel chose: they alone have it afterwards. */
  served(): Promise<void>
  /** Calling it twice is harmless. */
  release(): void
}

/** A port that the kernel chose may be taken in the moment in which it is held anew. */
const attemptsMax = 10

/** A reason where the address cannot be had. Nobody listens on it yet when this has returned; the workers do so next. */
export async function claimAddress(wanted: Address): Promise<AddressLock | string> {
  if (wanted.path !== undefined) return claimUnixPath(wanted, wanted.path)
  if (wanted.port !== 0) {
    const lock = await lockName(wanted)
    if (typeof lock === 'string') return lock
    // Others than we do not know the name: they are met on the port itself.
    const tried = await listen({ host: wanted.host, port: wanted.port })
    if (typeof tried !== 'string') {
      await close(tried)
      return lock
    }
    lock.release()
    return describe(tried)
  }
  return claimFreePort(wanted)
}

/** Of sockets that were handed to us: whoever starts without them meets them on the address itself, so no lock is needed. */
export function claimInherited(address: Address, sockets: readonly InheritedSocket[]): AddressLock {
  const claim = address.path === undefined ? undefined : claimInheritedPath(address.path)
  claim?.opened()
  return {
    address,
    served: nothing,
    release() {
      for (const socket of sockets) socket.close()
      claim?.release()
    },
  }
}

/**
 * Nobody knows the port yet, and until the workers listen on it the kernel would give it to whoever asks for any: so it is
 * held, by a listener that shares it with them.
 */
async function claimFreePort({ host }: Address, attempt = 1): Promise<AddressLock | string> {
  const tried = await listen({ host, port: 0 })
  if (typeof tried === 'string') return describe(tried)
  const bound = tried.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  await close(tried)
  const held = await listen({ host, port, reusePort: true })
  const lock = typeof held === 'string' ? held : await lockName({ host, port })
  if (typeof held !== 'string' && typeof lock !== 'string') {
    const served = () => close(held)
    return {
      ...lock,
      served,
      release() {
        held.close()
        lock.release()
      },
    }
  }
  if (typeof held !== 'string') held.close()
  return attempt < attemptsMax ? claimFreePort({ host, port: 0 }, attempt + 1) : describe(String(held))
}

async function lockName(address: Address): Promise<AddressLock | string> {
  const holder = await listen({ path: `\0ringcast:${formatAddress(address)}` })
  if (typeof holder === 'string') {
    return holder === 'EADDRINUSE' ? 'another ringcast serves it, or starts to' : describe(holder)
  }
  return { address, served: nothing, release: () => void holder.close() }
}

function claimUnixPath(address: Address, path: string): AddressLock | string {
  const claim = claimPath(path)
  if (typeof claim === 'string') return claim
  return {
    address,
    served: nothing,
    release() {
      // Whoever listened there is gone, or was ended before it could tidy up.
      if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path, { force: true })
      claim.release()
    },
  }
}

/** Exclusive, unless it is told to share: without SO_REUSEPORT nobody who listens lets it in. The code of an error where it fails. */
function listen(options: ListenOptions): Promise<Server | string> {
  return new Promise(resolve => {
    const listener = createServer(socket => socket.destroy())
    listener.once('error', error => resolve(codeOf(error)))
    listener.listen({ ...options, exclusive: true }, () => resolve(listener.unref()))
  })
}

async function nothing(): Promise<void> {}

function close(listener: Server): Promise<void> {
  return new Promise(resolve => listener.close(() => resolve()))
}

function describe(code: string): string {
  return `the address is in use or not allowed: ${code}`
}
