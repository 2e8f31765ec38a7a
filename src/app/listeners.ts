// The node's listeners: one acceptor per address, in the primary. Main addresses spread connections over all
// workers; a shard address leads to one worker alone. Addresses are taken before anything else of the node starts, and
// listened on when all workers serve, so that whoever is let in is served, and the workers get equal shares of them.
import type { Slot } from '../engine/words/link.ts'
import type { Door } from '../frontends/frontend.ts'
import { type Acceptor, type AcceptorOptions, openAcceptor } from '../net/acceptor.ts'
import type { InheritedSocket, InheritedSockets } from '../net/inherited/inherited-sockets.ts'
import type { Uws } from '../net/uws.ts'
import { variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { type Address, formatAddress, parseAddress } from '../std/address.ts'
import type { Children } from '../threads/control.ts'
import { entranceName, type Reachable } from './doors.ts'
import type { ListenFailure } from './listen-failure.ts'

/** Names that are listened for at once, with what they answer while no worker serves. */
export type Early = Readonly<Record<string, AcceptorOptions['unserved']>>

interface Listener {
  readonly protocol: string
  readonly door: Door
  readonly acceptor: Acceptor
  /** The child App it hands connections to. */
  readonly child: string
  /** Undefined: every worker. */
  readonly slot: Slot | undefined
}

export class Listeners {
  readonly #listeners: Listener[] = []

  /**
   * Takes the addresses of all doors; the first one that cannot be had is returned, or a sentence where it cannot be one.
   * Connections are refused until `listen`, but for the early ones.
   */
  async open(
    uws: Uws,
    reachable: readonly Reachable[],
    { values, workers, early, inherited }: Terms,
  ): Promise<ListenFailure | string | undefined> {
    const wishes: Wish[] = []
    for (const { name, doors } of reachable) {
      for (const door of doors.filter(({ isGate }) => isGate !== true)) {
        const wanted = wishesOf(name, door, String(values[name]?.[door.setting]), workers)
        if (typeof wanted === 'string') return wanted
        wishes.push(...wanted)
      }
    }
    const sockets: InheritedSocket[][] = []
    for (const { address } of wishes) sockets.push([...(await inherited.take(address))])
    // From here to the pause in one turn, so that nobody is accepted whom no worker serves.
    for (const [at, wish] of wishes.entries()) {
      const failure = this.#open(uws, wish, { unserved: early[wish.protocol], sockets: sockets[at] ?? [] })
      if (failure === undefined) continue
      this.close()
      return failure
    }
    // Only when all are taken: two of them may be the same.
    for (const { protocol, acceptor } of this.#listeners) if (!(protocol in early)) acceptor.pause()
    return undefined
  }

  /** Where somebody took an address meanwhile. */
  listen(): ListenFailure | undefined {
    for (const { protocol, door, acceptor } of this.#listeners) {
      const reason = acceptor.listen()
      if (reason === undefined) continue
      return { protocol, address: acceptor.address, reason, variable: variableOf(protocol, door.setting) }
    }
    return undefined
  }

  get addresses(): readonly Address[] {
    return this.#listeners.map(({ acceptor }) => acceptor.address)
  }

  /** Of the addresses that are no unix sockets. */
  ports(): readonly number[] {
    return this.addresses.filter(({ path }) => path === undefined).map(({ port }) => port)
  }

  /** Requests that wait for a worker now, and all that were cut because too many waited. */
  counters(): Readonly<Record<'requestsWaiting' | 'requestsWaitingExceeded', number>> {
    let [requestsWaiting, requestsWaitingExceeded] = [0, 0]
    for (const { acceptor } of this.#listeners) {
      requestsWaiting += acceptor.counters.waiting
      requestsWaitingExceeded += acceptor.counters.waitingExceeded
    }
    return { requestsWaiting, requestsWaitingExceeded }
  }

  /** For the log and the greeting. */
  describe(): readonly { protocol: string; door: Door; address: string; slot: Slot | undefined }[] {
    return this.#listeners.map(({ protocol, door, acceptor, slot }) => {
      return { protocol, door, address: formatAddress(acceptor.address), slot }
    })
  }

  /** `host:port` of the main doors, by protocol. What listens on a unix socket has none. */
  mainAddresses(): Readonly<Record<string, string>> {
    const reachable = this.#listeners.filter(
      ({ acceptor, door }) => door.name === undefined && acceptor.address.path === undefined,
    )
    return Object.fromEntries(
      reachable.map(({ protocol, acceptor }) => [protocol, formatAddress(acceptor.address)]),
    )
  }

  /** Per protocol that has them, the shard addresses in the order of the slots. */
  shardAddresses(): readonly (readonly string[])[] {
    const byProtocol = new Map<string, string[]>()
    for (const { protocol, address, slot } of this.describe()) {
      if (slot === undefined) continue
      byProtocol.set(protocol, [...(byProtocol.get(protocol) ?? []), address])
    }
    return [...byProtocol.values()]
  }

  add(slot: Slot, children: Children): void {
    for (const [acceptor, descriptor] of this.#of(slot, children)) acceptor.add(descriptor)
  }

  remove(slot: Slot, children: Children): void {
    for (const [acceptor, descriptor] of this.#of(slot, children)) acceptor.remove(descriptor)
  }

  close(): void {
    for (const { acceptor } of this.#listeners.splice(0)) acceptor.close()
  }

  /** As `close`, where another process has the sockets and goes on with them. */
  leave(): void {
    for (const { acceptor } of this.#listeners.splice(0)) acceptor.leave()
  }

  #open(
    uws: Uws,
    { protocol, door, address, slot }: Wish,
    { unserved, sockets: [inherited, ...others] }: Given,
  ): ListenFailure | undefined {
    // A listener has one: of several that share a port, who waits at the others is lost.
    for (const other of others) other.close()
    const acceptor = openAcceptor(uws, address, { ...(unserved && { unserved }), inherited })
    if (typeof acceptor === 'string') {
      return { protocol, address, reason: acceptor, variable: variableOf(protocol, door.setting) }
    }
    this.#listeners.push({ protocol, door, acceptor, child: entranceName(protocol, door), slot })
    return undefined
  }

  *#of(slot: Slot, children: Children): Generator<[Acceptor, number]> {
    for (const listener of this.#listeners) {
      const descriptor = children[listener.child]
      const leads = listener.slot === undefined || listener.slot === slot
      if (leads && descriptor !== undefined) yield [listener.acceptor, descriptor]
    }
  }
}

/** Ports follow one another; of paths, each has its number behind a point. */
export function shardAddress({ host, port, path }: Address, slot: Slot): Address {
  if (path !== undefined) return { host, port, path: `${path}.${slot}` }
  return { host, port: port === 0 ? 0 : port + slot }
}

/** What addresses and listeners are made of. */
export interface Terms {
  readonly values: Values
  readonly workers: number
  readonly early: Early
  /** A listener takes one of its address in place of a new one. */
  readonly inherited: InheritedSockets
}

interface Given {
  readonly unserved: Early[string]
  readonly sockets: readonly InheritedSocket[]
}

interface Wish extends Pick<Listener, 'protocol' | 'door'> {
  readonly address: Address
  readonly slot: Slot | undefined
}

/** A sentence: there are not as many addresses as workers. */
function wishesOf(protocol: string, door: Door, text: string, workers: number): readonly Wish[] | string {
  const address = parseAddress(text)
  if (address === undefined) return []
  if (door.perWorker !== true) return [{ protocol, door, address, slot: undefined }]
  if (address.port > 0 && address.port + workers - 1 > 65_535) {
    return `${variableOf(protocol, door.setting)} is ${address.port}, and ${workers} workers need as many ports: the last would be over 65535`
  }
  return Array.from({ length: workers }, (_, slot) => {
    return { protocol, door, address: shardAddress(address, slot), slot }
  })
}
