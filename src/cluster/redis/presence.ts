// This node's subscribers of each channel, written into Redis in batches where they changed, and again when a lane comes back;
// and those of the others.
import type { ChannelName } from '../../engine/words/publication.ts'
import type { Clock } from '../../std/clock.ts'
import { pairsOf } from './appends.ts'
import type { Nodes } from './nodes.ts'

/** What one call writes, and what is written at a time. */
const [batchMax, turnMax] = [250, 2_000]

/** A hash of counts is kept for so long after it was written; each is written again in half of that. */
export const presenceTtlMs = 24 * 3_600_000

/** How long the count of a channel is good for its next publications. */
const freshMs = 1_000

/** Channels whose counts are remembered between publications. */
const rememberedMax = 10_000

export type WriteCounts = (lane: number, counts: readonly (readonly [ChannelName, number])[]) => void

export class Presence {
  readonly #node: string
  readonly #nodes: Nodes
  readonly #clock: Pick<Clock, 'now'>
  readonly #laneOf: (channel: ChannelName) => number
  /** Of channels that have any. */
  readonly #counts = new Map<ChannelName, number>()
  readonly #dirty = new Set<ChannelName>()
  readonly #remembered = new Map<ChannelName, { readonly elsewhere: number; readonly atMs: number }>()

  constructor(
    node: string,
    nodes: Nodes,
    clock: Pick<Clock, 'now'>,
    laneOf: (channel: ChannelName) => number,
  ) {
    this.#clock = clock
    this.#node = node
    this.#nodes = nodes
    this.#laneOf = laneOf
  }

  get channels(): number {
    return this.#counts.size
  }

  count(channel: ChannelName, subscribers: number): void {
    if ((this.#counts.get(channel) ?? 0) === subscribers) return
    if (subscribers === 0) this.#counts.delete(channel)
    else this.#counts.set(channel, subscribers)
    this.#dirty.add(channel)
  }

  /** The lane came back, perhaps with another past. Undefined: all lanes, because what they have ages. */
  sayAgain(lane: number | undefined): void {
    for (const channel of this.#counts.keys())
      if (lane === undefined || this.#laneOf(channel) === lane) this.#dirty.add(channel)
  }

  /** Some of what changed, of lanes that are up. */
  write(isUp: (lane: number) => boolean, write: WriteCounts, most = turnMax): void {
    const byLane = new Map<number, [ChannelName, number][]>()
    for (const channel of this.#dirty) {
      const lane = this.#laneOf(channel)
      if (!isUp(lane)) continue
      if (most-- <= 0) break
      this.#dirty.delete(channel)
      const counts = byLane.get(lane) ?? []
      byLane.set(lane, counts)
      counts.push([channel, this.#counts.get(channel) ?? 0])
    }
    for (const [lane, counts] of byLane)
      for (let at = 0; at < counts.length; at += batchMax) write(lane, counts.slice(at, at + batchMax))
  }

  /** All that it said is taken back. */
  giveUp(isUp: (lane: number) => boolean, write: WriteCounts): void {
    for (const channel of this.#counts.keys()) this.#dirty.add(channel)
    this.#counts.clear()
    this.write(isUp, write, Number.POSITIVE_INFINITY)
  }

  /** Undefined: it is to be asked for. */
  remembered(channel: ChannelName, nowMs: number): number | undefined {
    const known = this.#remembered.get(channel)
    return known !== undefined && nowMs - known.atMs < freshMs ? known.elsewhere : undefined
  }

  /** What Redis lists, without those that are gone, and without ourselves. */
  elsewhere(counts: readonly unknown[]): { readonly subscribers: number; readonly dead: readonly string[] } {
    let subscribers = 0
    const dead: string[] = []
    for (const [node, count] of pairsOf(counts)) {
      if (node === this.#node) continue
      const state = this.#nodes.stateOf(node, this.#clock.now())
      if (state === 'alive') subscribers += count
      else if (state === 'gone') dead.push(node)
    }
    return { subscribers, dead }
  }

  remember(channel: ChannelName, elsewhere: number, nowMs: number): void {
    this.#remembered.delete(channel)
    this.#remembered.set(channel, { elsewhere, atMs: nowMs })
    if (this.#remembered.size <= rememberedMax) return
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined) this.#remembered.delete(oldest)
  }
}
