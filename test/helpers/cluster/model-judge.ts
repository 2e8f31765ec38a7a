// Judges what nodes were told of channels: offsets rise by one between gaps; a position names one publication, everywhere; what
// was acknowledged and not told lies in a gap; a gap says no more than it must; nothing comes twice in a numbering.
import { equal, ok } from 'node:assert/strict'
import type { NotAppended } from '../../../src/engine/owner/broker.ts'
import { formatPosition, type Position } from '../../../src/engine/words/position.ts'
import type { ChannelName, Published } from '../../../src/engine/words/publication.ts'

/** One node's way through a channel. */
interface Way {
  epoch: string
  /** Undefined: it is not answered yet. */
  next: number | undefined
  /** Numberings that it left without a gap, and where. */
  readonly left: { readonly epoch: string; readonly next: number }[]
  readonly told: Set<string>
}

interface Text {
  readonly channel: ChannelName
  /** Attempts that may have been appended. */
  mayBe: number
}

export class Judge {
  readonly #ways = new Map<string, Way>()
  readonly #ended: { readonly channel: ChannelName; readonly way: Way }[] = []
  /** What each position names. */
  readonly #named = new Map<string, string>()
  readonly #texts = new Map<string, Text>()
  readonly #acknowledged: {
    readonly channel: ChannelName
    readonly position: Position
    readonly text: string
  }[] = []
  readonly counts = { publications: 0, gaps: 0, renumbered: 0, acknowledged: 0, refused: 0 }

  follows(node: number, channel: ChannelName): boolean {
    return this.#ways.has(`${node} ${channel}`)
  }

  /** Where it is; undefined: it does not follow, or is not answered. */
  place(node: number, channel: ChannelName): { readonly epoch: string; readonly next: number } | undefined {
    const way = this.#ways.get(`${node} ${channel}`)
    return way?.next === undefined ? undefined : { epoch: way.epoch, next: way.next }
  }

  asked(node: number, channel: ChannelName): void {
    this.#ways.set(`${node} ${channel}`, { epoch: '', next: undefined, left: [], told: new Set() })
  }

  left(node: number, channel: ChannelName): void {
    const way = this.#way(node, channel)
    this.#ended.push({ channel, way })
    this.#ways.delete(`${node} ${channel}`)
  }

  followed(node: number, channel: ChannelName, { epoch, offset }: Position): void {
    const way = this.#way(node, channel)
    equal(way.next, undefined, `${node} was told twice that it follows ${channel}`)
    way.epoch = epoch
    way.next = offset
  }

  publication(node: number, channel: ChannelName, offset: number, text: string): void {
    const way = this.#way(node, channel)
    this.counts.publications++
    ok(way.next !== undefined, `${channel} ${offset} is told before ${node} follows`)
    equal(offset, way.next, `${channel} ${offset} does not follow at ${node}, where ${way.next} must`)
    way.next++
    this.names(channel, way.epoch, offset, text)
    const once = `${way.epoch} ${text}`
    ok(!way.told.has(once), `${text} comes twice at ${node}`)
    way.told.add(once)
  }

  /** `keeps`: whether the broker still has the one before the place that follows. */
  gap(node: number, channel: ChannelName, { epoch, offset }: Position, keeps: boolean): void {
    const way = this.#way(node, channel)
    this.counts.gaps++
    ok(way.next !== undefined, `a gap of ${channel} is told before ${node} follows`)
    ok(epoch !== way.epoch || offset > way.next, `a gap at ${node} leads back to ${offset} from ${way.next}`)
    ok(!keeps, `the gap at ${node} leads to ${offset} of ${channel}, and the one before that is there`)
    way.epoch = epoch
    way.next = offset
  }

  renumbered(node: number, channel: ChannelName, from: Position, to: Position): void {
    const way = this.#way(node, channel)
    this.counts.renumbered++
    equal(from.epoch, way.epoch)
    equal(from.offset, way.next)
    way.left.push({ epoch: from.epoch, next: from.offset })
    way.epoch = to.epoch
    way.next = to.offset
  }

  /** A page that was read. */
  names(channel: ChannelName, epoch: string, offset: number, text: string): void {
    const position = `${channel} ${epoch}.${offset}`
    const named = this.#named.get(position)
    ok(named === undefined || named === text, `${position} names ${named} and ${text}`)
    this.#named.set(position, text)
    const of = this.#texts.get(text)
    ok(of !== undefined && of.channel === channel, `${text} was not published to ${channel}`)
    ok(of.mayBe > 0, `${text} was refused for certain`)
  }

  published(channel: ChannelName, text: string): void {
    const of = this.#texts.get(text) ?? { channel, mayBe: 0 }
    of.mayBe++
    this.#texts.set(text, of)
  }

  answered(text: string, outcome: Published | NotAppended): void {
    const of = this.#texts.get(text)
    ok(of !== undefined)
    if (outcome === 'broker-away' || outcome === 'overloaded') {
      of.mayBe--
      this.counts.refused++
      return
    }
    if (outcome === 'owner-lost') return
    this.counts.acknowledged++
    this.names(of.channel, outcome.epoch, outcome.offset, text)
    this.#acknowledged.push({ channel: of.channel, position: outcome, text })
  }

  /** At rest: whatever was acknowledged was told, or lies in a gap. */
  rest(heads: (channel: ChannelName) => { readonly epoch: string; readonly next: number } | undefined): void {
    for (const [key, way] of this.#ways) {
      const channel = key.slice(key.indexOf(' ') + 1) as ChannelName // it was one
      const head = heads(channel)
      equal(way.epoch, head?.epoch, `${key} is in another numbering than the broker`)
      equal(way.next, head?.next, `${key} is not where the broker is`)
      this.#judge(channel, way)
    }
    for (const { channel, way } of this.#ended) this.#judge(channel, way)
  }

  #judge(channel: ChannelName, way: Way): void {
    for (const { channel: of, position, text } of this.#acknowledged) {
      if (of !== channel) continue
      const left = way.left.find(({ epoch }) => epoch === position.epoch)
      ok(
        left === undefined || position.offset < left.next,
        `${text} was acknowledged at ${formatPosition(position)}, and lost without a word`,
      )
    }
  }

  #way(node: number, channel: ChannelName): Way {
    const way = this.#ways.get(`${node} ${channel}`)
    if (way === undefined) throw new Error(`${node} is told of ${channel}, which it does not follow`)
    return way
  }
}
