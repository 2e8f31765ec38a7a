// Listening sockets that this process was handed when it started, by systemd or by the process that it takes the place of.
// Each is for the listener of its address. They live on when we close them, so that whoever connects meanwhile waits in their queue.

import { lookup } from 'node:dns/promises'
import { closeSync } from 'node:fs'
import { isIP } from 'node:net'
import { type Address, formatAddress } from '../../std/address.ts'
import { nameBeside } from '../socket-path.ts'
import { inodeOf, type Listening, listeningAddresses, ownListening, plainHost } from './listening.ts'
import { loadNativeCalls, type NativeCalls } from './native-calls.ts'

/** Behind the standard streams (sd_listen_fds(3)). */
const firstDescriptor = 3

/** One of them, for the listener that took it. */
export interface InheritedSocket {
  readonly descriptor: number
  /** `number` is this socket from now on; what it was is closed. */
  replace(number: number): void
  /** It stays with whoever else has it. Calling it twice is harmless. */
  close(): void
}

interface Entry {
  readonly descriptor: number
  readonly address: Address
}

export class InheritedSockets {
  readonly #calls: NativeCalls | undefined
  readonly #untaken: Entry[]
  /** Numbers that were said to be listening sockets and are none. */
  readonly strange: readonly number[]

  private constructor(calls: NativeCalls | undefined, untaken: Entry[], strange: readonly number[]) {
    this.#calls = calls
    this.#untaken = untaken
    this.strange = strange
  }

  /** A sentence where there are some and they cannot be used. */
  static async open(count: number): Promise<InheritedSockets | string> {
    if (count === 0) return new InheritedSockets(undefined, [], [])
    const calls = await loadNativeCalls()
    if (typeof calls === 'string')
      return `${count === 1 ? '1 socket was' : `${count} sockets were`} handed to this process: ${calls}`
    const addresses = listeningAddresses(true)
    const seen = new Set<string>()
    const untaken: Entry[] = []
    const strange: number[] = []
    for (let descriptor = firstDescriptor; descriptor < firstDescriptor + count; descriptor++) {
      const inode = inodeOf(descriptor) ?? ''
      const address = addresses.get(inode)
      // Whatever it is may be somebody's, such as a file of Node.js itself: it is left alone.
      if (address === undefined) strange.push(descriptor)
      else if (seen.has(inode)) closeSync(descriptor)
      else {
        calls.prepare(descriptor)
        untaken.push({ descriptor, address })
        seen.add(inode)
      }
    }
    return new InheritedSockets(calls, untaken, strange)
  }

  /** Those of the address. A port that the kernel is to choose has none. */
  async take(address: Address): Promise<readonly InheritedSocket[]> {
    if (this.#untaken.length === 0) return []
    const isOurs = await matcherOf(address)
    const fits = this.#untaken.filter(entry => isOurs(entry.address))
    for (const entry of fits) this.#untaken.splice(this.#untaken.indexOf(entry), 1)
    return fits.map(({ descriptor }) => this.#socketOf(descriptor))
  }

  /** Those that no listener took are closed; their addresses. */
  closeUntaken(): readonly string[] {
    return this.#untaken.splice(0).map(({ descriptor, address }) => {
      closeSync(descriptor)
      return formatAddress(address)
    })
  }

  #socketOf(descriptor: number): InheritedSocket {
    let isOpen = true
    return {
      descriptor,
      replace: number => this.#calls?.replace(number, descriptor),
      close() {
        if (isOpen) closeSync(descriptor)
        isOpen = false
      },
    }
  }
}

/** A listening socket of this process, and where it listens. */
export type OwnSocket = Pick<Listening, 'descriptor' | 'address'>

/** Each socket once by which this process listens on one of these addresses: what it may hand to another one. */
export async function ownSockets(addresses: readonly Address[]): Promise<readonly OwnSocket[]> {
  const matchers = await Promise.all(addresses.map(matcherOf))
  const own = new Map<string, OwnSocket>()
  for (const { descriptor, inode, address } of await ownListening(true)) {
    const isWanted = !own.has(inode) && matchers.some(isOurs => isOurs(address))
    if (isWanted) own.set(inode, { descriptor, address })
  }
  return [...own.values()]
}

/** Whether a socket is one of this address. Of a name all its addresses are. */
async function matcherOf({ host, port, path }: Address): Promise<(of: Address) => boolean> {
  if (path !== undefined) return of => of.path === path || of.path === nameBeside(path)
  const hosts = isIP(host) === 0 ? await hostsOf(host) : [plainHost(host)]
  return of => of.path === undefined && of.port === port && hosts.includes(of.host)
}

/** None where the name is not known: whoever listens there says so. */
async function hostsOf(name: string): Promise<readonly string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => plainHost(address))
  } catch {
    return []
  }
}
