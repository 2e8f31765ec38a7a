// The node's listeners: one acceptor per address, in the primary. Main addresses spread connections over all
// workers; a shard address leads to one worker alone. Addresses are taken before anything else of the node starts, and
// listened on when all workers serve, so that whoever is let in is served, and the workers get equal shares of them.
import type { Slot } from '../engine/link.ts'
import { type Acceptor, type AcceptorOptions, openAcceptor } from '../net/acceptor.ts'
import type { Uws } from '../net/uws.ts'
import { variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { type Address, formatAddress, parseAddress } from '../std/address.ts'
import type { Children } from '../threads/control.ts'
import type { ListenFailure } from './listen-failure.ts'
import { entranceName } from './node.ts'

/** Names that are listened for at once, with what they answer while no worker serves. */
export type Early = Readonly<Record<string, AcceptorOptions['unserved']>>

interface Listener {
  readonly protocol: string
  /** The setting that names its address. */
  readonly key: string
  readonly acceptor: Acceptor
  /** The child App it hands connections to. */
  readonly child: string
  /** Undefined: every worker. */
  readonly slot: Slot | undefined
}

export class Listeners {
  readonly #listeners: Listener[] = []

  /**
   * Takes `listen` and `shardPorts` of the sections of these names; the first address that cannot be had is returned, or a
   * sentence where it cannot be one. Connections are refused until `listen`, but for the early ones.
   */
  open(
    uws: Uws,
    names: readonly string[],
    values: Values,
    workers: number,
    early: Early,
  ): ListenFailure | string | undefined {
    for (const name of names) {
      const main = parseAddress(String(values[name]?.['listen']))
      const shard = parseAddress(String(values[name]?.['shardPorts']))
      const wanted: Omit<Wish, 'protocol'>[] = []
      if (main !== undefined)
        wanted.push({ key: 'listen', address: main, child: entranceName.main(name), slot: undefined })
      if (shard !== undefined && shard.port > 0 && shard.port + workers - 1 > 65_535) {
        return `${variableOf(name, 'shardPorts')} is ${shard.port}, and ${workers} workers need as many ports: the last would be over 65535`
      }
      for (let slot = 0; shard !== undefined && slot < workers; slot++) {
        const address = shardAddress(shard, slot)
        wanted.push({ key: 'shardPorts', address, child: entranceName.shard(name), slot })
      }
      for (const wish of wanted) {
        const failure = this.#open(uws, { protocol: name, ...wish }, early[name])
        if (failure === undefined) continue
        this.close()
        return failure
      }
    }
    // Only when all are taken: two of them may be the same.
    for (const { protocol, acceptor } of this.#listeners) if (!(protocol in early)) acceptor.pause()
    return undefined
  }

  /** Where somebody took an address meanwhile. */
  listen(): ListenFailure | undefined {
    for (const { protocol, key, acceptor } of this.#listeners) {
      const reason = acceptor.listen()
      if (reason === undefined) continue
      return { protocol, address: acceptor.address, reason, variable: variableOf(protocol, key) }
    }
    return undefined
  }

  /** Of the addresses that are no unix sockets. */
  ports(): readonly number[] {
    const addresses = this.#listeners.map(({ acceptor }) => acceptor.address)
    return addresses.filter(({ path }) => path === undefined).map(({ port }) => port)
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
  describe(): readonly { protocol: string; address: string; slot: Slot | undefined }[] {
    return this.#listeners.map(({ protocol, acceptor, slot }) => {
      return { protocol, address: formatAddress(acceptor.address), slot }
    })
  }

  /** `host:port` by protocol. What listens on a unix socket has none. */
  mainAddresses(): Readonly<Record<string, string>> {
    const reachable = this.#listeners.filter(
      ({ acceptor, slot }) => slot === undefined && acceptor.address.path === undefined,
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

  #open(
    uws: Uws,
    { protocol, key, address, child, slot }: Wish,
    unserved: Early[string],
  ): ListenFailure | undefined {
    const acceptor = openAcceptor(uws, address, unserved && { unserved })
    if (typeof acceptor === 'string') {
      return { protocol, address, reason: acceptor, variable: variableOf(protocol, key) }
    }
    this.#listeners.push({ protocol, key, acceptor, child, slot })
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

interface Wish {
  readonly protocol: string
  readonly key: string
  readonly address: Address
  readonly child: string
  readonly slot: Slot | undefined
}
