// A Redis Cluster: each partition is a lane, on the server that has its slot. Where a server says that a slot is elsewhere or on
// its way, or ends its subscriptions, the lane is down until the map was read again and the new server answers for it. Nothing
// is ever redirected: what is sent twice could be done twice.
import { formatAddress } from '../../std/address.ts'
import type { Cancel } from '../../std/clock.ts'
import { faultText } from '../../std/fault.ts'
import type { Place } from './access.ts'
import { agree } from './agreement.ts'
import { Connection } from './connection.ts'
import { Link } from './link.ts'
import { connectSentence } from './reasons.ts'
import type { Route, RouteSigns } from './route.ts'
import { called } from './run-script.ts'
import { parseShards, type SlotRange } from './shards.ts'
import type { LinkWorld } from './world.ts'

interface Lane {
  /** Undefined: nobody has its slot, as far as we know. */
  link: Link | undefined
  isUp: boolean
  isRising: boolean
  /** The server said that it does not have it: not to be used until the map was read again. */
  isMoved: boolean
  /** What was told last. */
  reason: string
}

/** As a try to connect waits. */
const [readMsMin, readMsMax] = [50, 1_000]
/** The map is read so often though nobody said that it changed. */
const rereadMs = 10_000

export class SpreadRoute implements Route {
  readonly lanes: number
  readonly #world: LinkWorld
  readonly #seeds: readonly Place[]
  readonly #lanes: readonly Lane[]
  readonly #slots: readonly number[]
  /** By address. */
  readonly #links = new Map<string, Link>()
  #signs: RouteSigns | undefined
  #isReading = false
  /** All nodes have their channels where we have them. */
  #isAgreed = false
  #reads = 0
  #stopWaiting: Cancel | undefined
  #stopRereading: Cancel = () => {}
  #isClosed = false

  constructor(world: LinkWorld, seeds: readonly Place[]) {
    this.#world = world
    this.#seeds = seeds
    this.lanes = world.keys.partitions
    this.#slots = Array.from({ length: this.lanes }, (_, lane) => world.keys.slotOf(lane))
    this.#lanes = this.#slots.map(() => ({
      link: undefined,
      isUp: false,
      isRising: false,
      isMoved: false,
      reason: '',
    }))
  }

  start(signs: RouteSigns): void {
    this.#signs = signs
    this.#stopRereading = this.#world.clock.every(rereadMs, () => this.#read())
    this.#read()
  }

  linkOf(lane: number): Link | undefined {
    const found = this.#lanes[lane]
    return found?.isUp === true && found.link?.isUp === true ? found.link : undefined
  }

  moved(lane: number, text: string): void {
    const found = this.#lanes[lane]
    if (found === undefined) return
    const [, slot] = /^(?:MOVED|ASK) (\d+) /.exec(text) ?? []
    // An answer to something else: from here on none can be told from another.
    if (slot !== undefined && Number(slot) !== this.#slots[lane])
      return found.link?.die(`it answered: ${text}`)
    found.isMoved = true
    this.#sink(lane, `partition ${lane} is moving: ${text}`)
    this.#readSoon()
  }

  close(): void {
    this.#isClosed = true
    this.#stopWaiting?.()
    this.#stopRereading()
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  #readSoon(): void {
    if (this.#isClosed || this.#isReading || this.#stopWaiting !== undefined) return
    const most = Math.min(readMsMax, readMsMin * 2 ** Math.min(this.#reads++, 10))
    const share = Number.parseInt(this.#world.random.hex(2), 16) / 0xffff
    this.#stopWaiting = this.#world.clock.after(most / 2 + (most / 2) * share, () => this.#read())
  }

  #read(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
    if (this.#isReading || this.#isClosed) return
    this.#isReading = true
    const apply = (ranges: readonly SlotRange[]) => {
      this.#isReading = false
      if (!this.#isClosed) this.#apply(ranges)
    }
    this.#readMap().then(apply, (error: unknown) => {
      this.#isReading = false
      for (const [lane, { link }] of this.#lanes.entries())
        if (link === undefined) this.#sink(lane, faultText(error))
      this.#readSoon()
    })
  }

  /** From whoever answers first in turn: servers that we talk to, then those that are named in the settings. */
  async #readMap(): Promise<readonly SlotRange[]> {
    let failure: unknown
    for (const { connection, place } of this.#links.values()) {
      if (connection === undefined || place === undefined) continue
      try {
        return await this.#shardsOf(connection, place)
      } catch (error) {
        failure = error
      }
    }
    for (const place of this.#seeds) {
      const none = () => {}
      const signs = { message: none, unsubscribed: none, dead: none }
      try {
        const connection = await Connection.open(place, this.#world.access, this.#world, signs)
        return await this.#shardsOf(connection, place).finally(() => connection.die('done'))
      } catch (error) {
        failure = new Error(connectSentence(error, place))
      }
    }
    throw failure
  }

  async #shardsOf(connection: Connection, place: Place): Promise<readonly SlotRange[]> {
    const reply = await called(connection, ['CLUSTER', 'SHARDS'])
    return parseShards(reply, place, this.#world.access.isTls)
  }

  #apply(ranges: readonly SlotRange[]): void {
    const wanted = this.#slots.map(slot => ranges.find(({ from, to }) => from <= slot && slot <= to)?.place)
    for (const [lane, place] of wanted.entries()) this.#assign(lane, place)
    const used = new Set(this.#lanes.map(({ link }) => link))
    for (const [address, link] of this.#links) {
      if (used.has(link)) continue
      this.#links.delete(address)
      link.close()
    }
    for (const lane of this.#lanes.keys()) this.#raise(lane)
    if (this.#lanes.some(({ link }) => link === undefined)) this.#readSoon()
  }

  #assign(lane: number, place: Place | undefined): void {
    const found = this.#lanes[lane]
    if (found === undefined) return
    const link = place === undefined ? undefined : this.#linkTo(place)
    found.isMoved = false
    if (link === found.link && link !== undefined) return
    if (found.isUp) this.#sink(lane, `partition ${lane} has moved`)
    found.link = link
    if (link === undefined) this.#sink(lane, `no server of the Redis Cluster has partition ${lane}`)
  }

  #linkTo(place: Place): Link {
    const address = formatAddress(place)
    const known = this.#links.get(address)
    if (known !== undefined) return known
    const lanesOf = () => [...this.#lanes.entries()].filter(([, lane]) => lane.link === link)
    const sinkAll = (reason: string) => {
      for (const [lane] of lanesOf()) this.#sink(lane, reason)
      // Perhaps another server is in its place.
      this.#readSoon()
    }
    const target = {
      locate: async () => place,
      anchor: (turn: number) => {
        const there = lanesOf().filter(([, lane]) => !lane.isMoved)
        return there[turn % there.length]?.[0]
      },
    }
    const link: Link = new Link(this.#world, target, {
      up: () => {
        for (const [lane] of lanesOf()) this.#raise(lane)
      },
      down: sinkAll,
      failed: sinkAll,
      message: (channel, payload) => this.#signs?.message(link, channel, payload),
      nodes: (...told) => this.#lanes[0]?.link === link && this.#signs?.nodes(...told),
      unsubscribed: channel => this.#unsubscribed(link, channel),
      moved: (lane, text) => this.moved(lane, text),
    })
    this.#links.set(address, link)
    link.start()
    return link
  }

  #unsubscribed(link: Link, channel: Buffer): void {
    const lane = this.#world.keys.partitionAt(channel)
    if (lane !== undefined && this.#lanes[lane]?.link === link)
      this.moved(lane, 'its server ended the subscriptions')
  }

  /** Where its server is up and has its slot whole, the lane is. */
  #raise(lane: number): void {
    const found = this.#lanes[lane]
    const link = found?.link
    const isReady = this.#isAgreed || lane === 0
    if (
      found === undefined ||
      link?.isUp !== true ||
      found.isUp ||
      found.isRising ||
      found.isMoved ||
      !isReady
    )
      return
    found.isRising = true
    const probe = lane === 0 ? agree(link, this.#world.keys) : this.#probe(link, lane)
    probe.then(
      () => this.#risen(lane, found, link),
      (error: unknown) => {
        found.isRising = false
        this.#sink(lane, connectSentence(error, link.place))
        if (lane === 0 && !this.#isAgreed) this.#sinkRest(connectSentence(error, link.place))
        this.#readSoon()
      },
    )
  }

  #risen(lane: number, found: Lane, link: Link): void {
    found.isRising = false
    if (found.link !== link || !link.isUp || found.isMoved || this.#isClosed) return
    this.#reads = 0
    found.isUp = true
    found.reason = ''
    this.#signs?.up(lane)
    if (this.#isAgreed || lane !== 0) return
    this.#isAgreed = true
    for (const other of this.#lanes.keys()) this.#raise(other)
  }

  /** A key that is hardly ever there: a slot on its way does not say that it is missing, but where to ask. */
  async #probe(link: Link, lane: number): Promise<void> {
    const { connection } = link
    if (connection !== undefined) await called(connection, ['EXISTS', this.#world.keys.probe(lane)])
  }

  #sinkRest(reason: string): void {
    for (let lane = 1; lane < this.lanes; lane++) this.#sink(lane, reason)
  }

  #sink(lane: number, reason: string): void {
    const found = this.#lanes[lane]
    if (found === undefined || (!found.isUp && found.reason === reason)) return
    found.isUp = false
    found.reason = reason
    this.#signs?.down(lane, reason)
  }
}
