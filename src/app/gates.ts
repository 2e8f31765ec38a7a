// The addresses of gates, in the primary. Workers listen on them by themselves, side by side; here each is claimed, so
// that a second daemon fails loudly, and where the kernel chooses a port, all workers are told the same.
import type { Certificate, Door, Frontend, GatePlace } from '../frontends/frontend.ts'
import { type AddressLock, claimAddress, claimInherited } from '../net/gate/address-lock.ts'
import type { InheritedSockets } from '../net/inherited/inherited-sockets.ts'
import { variableOf } from '../settings/names.ts'
import type { Values } from '../settings/settings.ts'
import { type Address, formatAddress, parseAddress } from '../std/address.ts'
import { doorsOf } from './doors.ts'
import type { ListenFailure } from './listen-failure.ts'

/** One address of a gate, as workers are told of it: plain data. */
export interface GateAddress {
  readonly protocol: string
  readonly door: Door
  /** With the real port. */
  readonly address: Address
  readonly mode?: number | undefined
  readonly certificate?: Certificate | undefined
  /** Descriptors of sockets that listen there already, in place of those that workers would open. */
  readonly inherited?: readonly number[]
}

export class Gates {
  readonly #held: (GateAddress & { readonly lock: AddressLock })[] = []
  /** Workers listen, and so does whoever takes the slot of one. */
  areOpen = false

  /** The first address that cannot be had is returned. */
  async claim(
    frontends: readonly Frontend[],
    values: Values,
    inherited: InheritedSockets,
  ): Promise<ListenFailure | undefined> {
    for (const frontend of frontends) {
      const protocol = frontend.name
      for (const door of doorsOf(frontend).filter(({ isGate }) => isGate)) {
        for (const { address: wanted, ...place } of placesOf(frontend, door, values)) {
          const sockets = await inherited.take(wanted)
          const lock = sockets.length > 0 ? claimInherited(wanted, sockets) : await claimAddress(wanted)
          if (typeof lock === 'string') {
            this.release()
            return { protocol, address: wanted, reason: lock, variable: variableOf(protocol, door.setting) }
          }
          const descriptors = sockets.map(({ descriptor }) => descriptor)
          const shared = descriptors.length > 0 && { inherited: descriptors }
          this.#held.push({ protocol, door, ...place, ...shared, address: lock.address, lock })
        }
      }
    }
    return undefined
  }

  get addresses(): readonly GateAddress[] {
    return this.#held.map(({ lock: _, ...address }) => address)
  }

  /** As `Listeners.describe`. */
  describe(): readonly { protocol: string; door: Door; address: string; slot: undefined }[] {
    return this.#held.map(({ protocol, door, address }) => {
      return { protocol, door, address: formatAddress(address), slot: undefined }
    })
  }

  /** `host:port` of the main doors, by protocol. */
  mainAddresses(): Readonly<Record<string, string>> {
    const main = this.describe().filter(({ door }) => door.name === undefined)
    return Object.fromEntries(main.map(({ protocol, address }) => [protocol, address]))
  }

  /** Workers listen. */
  async served(): Promise<void> {
    await Promise.all(this.#held.map(({ lock }) => lock.served()))
  }

  /** Paths and locks are removed. Calling it twice is harmless. */
  release(): void {
    for (const { lock } of this.#held.splice(0)) lock.release()
  }
}

/** Of the gates of a front-end but for its main one, `host:port` by the names of their doors. */
export function doorAddresses(
  gates: readonly GateAddress[],
  wanted: string,
): Readonly<Record<string, string>> {
  const others = gates.flatMap(({ protocol, door, address }) =>
    protocol === wanted && door.name !== undefined ? [[door.name, formatAddress(address)]] : [],
  )
  return Object.fromEntries(others)
}

/** What is off has none. */
function placesOf(frontend: Frontend, door: Door, values: Values): readonly GatePlace[] {
  const settings = values[frontend.name] as never // read against its section
  if (frontend.gatePlaces !== undefined) return frontend.gatePlaces(settings, door)
  const address = parseAddress(String(values[frontend.name]?.[door.setting]))
  return address === undefined ? [] : [{ address }]
}
