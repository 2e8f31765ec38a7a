// What is read of a channel's order beyond what this worker keeps: one page at a time and channel, however many ask, each
// put in front of what is kept if it adjoins. What is asked for while the lane is down waits.

import type { Page } from '../engine/owner/broker.ts'
import type { WorkerHistories } from '../engine/owner/worker-histories.ts'
import { type Offset, parseOffset } from '../engine/words/position.ts'
import { type Publication, publicationOf } from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import { Deque } from '../std/deque.ts'
import type { Carrier, Stretch } from './carrier.ts'
import type { ClusterChannel } from './cluster-channel.ts'
import { decodeEnvelope } from './envelope.ts'

/** Reads that wait, of all channels: beyond it, what they ask for is as good as gone. */
const readsMax = 10_000

/**
 * Pages under way, of all channels. A page has up to 1 MiB, and Redis cuts off a connection with subscriptions for which 32 MiB
 * wait: these, and those of the channels that catch up at the same time, stay below it.
 */
const pagesMax = 8

/** How long what was read is kept, so that a storm of resumes asks once; no longer than the history lasts. */
const pageKeptMs = 10_000

interface Read {
  readonly from: Offset
  readonly to: Offset
  done(page: Page): void
}

interface Reader {
  readonly channel: ClusterChannel
  reads: Read[]
  isUnderWay: boolean
  /** Until others were read. */
  isQueued: boolean
}

export interface ReadsOptions {
  readonly clock: Pick<Clock, 'endOfTurn' | 'now'>
  readonly carrier: Carrier
  readonly histories: WorkerHistories<ClusterChannel>
  isUp(lane: number): boolean
  /** The broker does not have the channel's epoch any more. */
  doubt(channel: ClusterChannel): void
}

export class Reads {
  readonly #options: ReadsOptions
  readonly #readers = new Map<ClusterChannel, Reader>()
  readonly #queue = new Deque<Reader>()
  #underWay = 0
  #waiting = 0
  readonly counters = { readsKept: 0, readPages: 0, readsOverMax: 0 }

  constructor(options: ReadsOptions) {
    this.#options = options
  }

  read(channel: ClusterChannel, from: Offset, to: Offset, done: (page: Page) => void): void {
    const publications = channel.history?.range(from, to) ?? (from === to ? [] : undefined)
    if (publications !== undefined) {
      this.counters.readsKept++
      return done({ from, publications })
    }
    if (this.#waiting === readsMax) {
      this.counters.readsOverMax++
      return done(gone(channel))
    }
    const reader = this.#readers.get(channel) ?? newReader(channel)
    this.#readers.set(channel, reader)
    reader.reads.push({ from, to, done })
    this.#waiting++
    this.#next(channel, reader)
  }

  /** It is followed no more, or another numbering began, or some of it is missing. */
  forget(channel: ClusterChannel): void {
    const reader = this.#readers.get(channel)
    if (reader === undefined) return
    this.#readers.delete(channel)
    this.#answer(reader.reads, () => gone(channel))
  }

  back(lane: number): void {
    for (const [channel, reader] of this.#readers) if (channel.lane === lane) this.#next(channel, reader)
  }

  #next(channel: ClusterChannel, reader: Reader): void {
    const { carrier, isUp } = this.#options
    if (reader.isUnderWay || !isUp(channel.lane)) return
    if (reader.reads.length === 0) return void this.#readers.delete(channel)
    if (this.#underWay === pagesMax) {
      if (!reader.isQueued) this.#queue.push(reader)
      reader.isQueued = true
      return
    }
    this.#underWay++
    reader.isUnderWay = true
    this.counters.readPages++
    const { from, to } = rangeOf(reader.reads)
    carrier.read(channel.name, channel.epoch, from, to, stretch => {
      reader.isUnderWay = false
      this.#ended()
      if (this.#readers.get(channel) !== reader || stretch === 'away') return
      if (stretch === 'other-epoch') {
        this.forget(channel)
        return this.#options.doubt(channel)
      }
      this.#read(channel, reader, pageOf(channel, from, stretch))
      if (this.#readers.get(channel) === reader) this.#next(channel, reader)
    })
  }

  /** The lane may be going down: at the end of the turn that is known. */
  #ended(): void {
    this.#underWay--
    this.#options.clock.endOfTurn(() => {
      while (this.#underWay < pagesMax) {
        const reader = this.#queue.take()
        if (reader === undefined) return
        reader.isQueued = false
        if (this.#readers.get(reader.channel) === reader) this.#next(reader.channel, reader)
      }
    })
  }

  /** Whoever asked for a place before it or in it is answered. */
  #read(channel: ClusterChannel, reader: Reader, page: Page): void {
    this.#keep(channel, page)
    const end = page.from + page.publications.length
    const isEmpty = page.publications.length === 0
    const answered = reader.reads.filter(({ from }) => from < end || isEmpty)
    reader.reads = reader.reads.filter(({ from }) => from >= end && !isEmpty)
    this.#answer(answered, ({ from, to }) => {
      if (from < page.from || isEmpty)
        return { from: parseOffset(Math.max(page.from, from)), publications: [] }
      return { from, publications: page.publications.slice(from - page.from, to - page.from) }
    })
  }

  #keep(channel: ClusterChannel, { from, publications }: Page): void {
    const { histories, clock } = this.#options
    const held = channel.history?.oldest ?? channel.next
    const adjoining = publications.slice(0, Math.max(0, held - from))
    if (adjoining.length === 0 || from + adjoining.length !== held) return
    const keptMs = Math.min(pageKeptMs, channel.keep.historyTtlMs)
    histories.prepend(channel, adjoining, clock.now() + keptMs)
  }

  #answer(reads: readonly Read[], page: (read: Read) => Page): void {
    this.#waiting -= reads.length
    for (const read of reads) read.done(page(read))
  }
}

function newReader(channel: ClusterChannel): Reader {
  return { channel, reads: [], isUnderWay: false, isQueued: false }
}

/** The lowest place that is asked for, and how far that one goes, or others that begin there. */
function rangeOf(reads: readonly Read[]): { readonly from: Offset; readonly to: Offset } {
  let [first] = reads as readonly [Read] // there is one
  for (const read of reads) {
    if (read.from < first.from || (read.from === first.from && read.to > first.to)) first = read
  }
  return first
}

/** As far as it can be read: what cannot is as good as gone. */
function pageOf(channel: ClusterChannel, asked: Offset, { from, envelopes }: Stretch): Page {
  const begin = Math.min(Math.max(from, asked), channel.next)
  const publications: Publication[] = []
  for (const envelope of envelopes) {
    const offset = parseOffset(begin + publications.length)
    const body = decodeEnvelope(envelope)
    if (typeof body !== 'string') {
      publications.push(publicationOf(channel.name, offset, body))
      continue
    }
    if (publications.length === 0) return { from: parseOffset(offset + 1), publications }
    break
  }
  return { from: parseOffset(begin), publications }
}

function gone({ next }: ClusterChannel): Page {
  return { from: next, publications: [] }
}
