// The links of one worker to the others, from hello to farewell. Nothing that comes over them means anything before all that there
// were at the beginning said hello: then the engine is open.
import {
  isOwner,
  type Neighbour,
  neighbourOf,
  ownersOf,
  type Receivers,
  receiveAllEarly,
  receiveFrom,
} from './receive.ts'
import type { Link, LinkMessage, Slot } from './words/link.ts'
import type { HubPort, ShardPort } from './words/ports.ts'

export class Neighbours {
  readonly #receivers: () => Receivers
  readonly #opened: () => void
  readonly #bySlot = new Map<Slot, Neighbour>()
  /** All that it begins with are here. */
  #isComplete = false
  #isOpen = false
  /** After the farewell nothing that comes may be answered: nobody would hear of it. */
  #isClosed = false

  constructor(receivers: () => Receivers, opened: () => void) {
    this.#receivers = receivers
    this.#opened = opened
  }

  get slots(): readonly Slot[] {
    return [...this.#bySlot.keys()]
  }

  link(to: Slot): Link | undefined {
    return this.#bySlot.get(to)?.link
  }

  hub(to: Slot): HubPort | undefined {
    return this.#bySlot.get(to)?.hub
  }

  shard(to: Slot): ShardPort | undefined {
    return this.#bySlot.get(to)?.shard
  }

  /** Of those that own channels. */
  shards(): readonly (readonly [Slot, ShardPort])[] {
    return ownersOf(this.#bySlot)
  }

  /** To those that own channels. */
  links(): readonly Link[] {
    return [...this.#bySlot.values()].filter(isOwner).map(({ link }) => link)
  }

  open(links: readonly Link[]): void {
    for (const link of links) this.up(link)
    this.#isComplete = true
    this.#openIfHeard()
  }

  /** An earlier link to the same slot is lost. The hello goes first on the new one. */
  up(link: Link): void {
    if (this.#bySlot.has(link.to)) this.down(link.to)
    const { broadcasts, hub } = this.#receivers()
    link.sendReserved(['hello', hub.attachesFor(link.to), hub.patterns()])
    const neighbour = neighbourOf(link)
    if (isOwner(neighbour)) broadcasts.met(link.to)
    this.#bySlot.set(link.to, neighbour)
  }

  down(slot: Slot): void {
    const neighbour = this.#bySlot.get(slot)
    if (neighbour === undefined) return
    const { broadcasts, hub, router, shard } = this.#receivers()
    this.#bySlot.delete(slot)
    shard.spread.hubLost(slot)
    hub.ownerLost(slot, neighbour.farewell)
    router.ownerLost(slot)
    broadcasts.ownerLost(slot)
    this.#openIfHeard()
  }

  /** What came over the link from a worker, in its order. */
  receive(from: Slot, messages: readonly LinkMessage[]): void {
    const neighbour = this.#bySlot.get(from)
    if (neighbour === undefined || this.#isClosed) return
    const receivers = this.#receivers()
    for (const message of messages) {
      if (this.#isOpen) receiveFrom(receivers, from, neighbour, message)
      else if (message[0] === 'hello') neighbour.hello = { attaches: message[1], patterns: message[2] }
      else neighbour.early.push(message)
    }
    this.#openIfHeard()
  }

  /** Everything that this worker gave a place is on its way before it (law 7). */
  sayFarewell(): void {
    const { shard } = this.#receivers()
    for (const [slot, { link }] of this.#bySlot) {
      const behind = shard.behind(slot)
      if (behind !== undefined) link.sendReserved(['farewell', behind])
      link.flush()
    }
  }

  /** All others said it. */
  get areLeaving(): boolean {
    return [...this.#bySlot.values()].every(({ farewell }) => farewell !== undefined)
  }

  /** The farewell was not the last word. */
  stay(): void {
    for (const { link } of this.#bySlot.values()) link.sendReserved(['stays'])
  }

  close(): void {
    this.#isClosed = true
  }

  #openIfHeard(): void {
    if (!this.#isComplete || this.#isOpen || this.#isClosed) return
    for (const { hello } of this.#bySlot.values()) if (hello === undefined) return
    this.#isOpen = true
    receiveAllEarly(this.#receivers(), this.#bySlot)
    this.#opened()
  }
}
