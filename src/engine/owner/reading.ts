// Reads of a channel that goes on meanwhile. What is published while a broker looks up what was before is kept for its
// answer, so that the answer reaches to the channel's end, and everything comes once and in order.

import { linkBytes } from '../words/link.ts'
import { type Offset, parseOffset } from '../words/position.ts'
import type { ChannelName, Publication } from '../words/publication.ts'
import type { Followable, Page } from './broker.ts'

/** As much as a page of inspection: a small part of a link's credits. Where more than that comes meanwhile, it is read as well. */
const laterBytesMax = 1_048_576

/** Reads under way of one channel in one numbering. */
export class Reading {
  underWay = 0
  /** What came since the first of them began, or since there was too much of it; up to the channel's end. */
  #later: Publication[] = []
  #laterBytes = 0

  note(publication: Publication): void {
    this.#laterBytes += linkBytes(publication)
    if (this.#laterBytes > laterBytesMax) {
      this.#later = []
      this.#laterBytes = 0
    } else {
      this.#later.push(publication)
    }
  }

  /** What came from that offset up to the channel's end; undefined: not all of it is kept. */
  after(offset: Offset, end: Offset): readonly Publication[] | undefined {
    const skipped = this.#later.length - (end - offset)
    return skipped < 0 ? undefined : this.#later.slice(skipped)
  }
}

/** A channel, as far as it is read. */
interface Readable {
  readonly name: ChannelName
  /** The offset of the next publication. */
  readonly next: Offset
  /** Undefined: nothing is being read. */
  reading: Reading | undefined
}

/**
 * Everything from `from` on, up to the channel's end as it is when the answer comes. `done` is called once, possibly before
 * this returns. A page that begins later is empty, and says that some is gone.
 */
export function readToEnd(
  broker: Followable,
  channel: Readable,
  from: Offset,
  done: (page: Page) => void,
): void {
  channel.reading ??= new Reading()
  const { reading } = channel
  reading.underWay++
  const finish = (page: Page) => {
    if (--reading.underWay === 0) channel.reading = undefined
    done(page)
  }
  const ask = (at: Offset, publications: readonly Publication[]) => {
    const to = channel.next
    broker.read(channel.name, at, to, page => {
      // Another numbering began meanwhile.
      if (channel.reading !== reading) return done({ from: channel.next, publications: [] })
      if (page.from > at) return finish({ from: page.from, publications: [] })
      if (page.publications.length === 0 && at < to) throw new RangeError(`a page from ${at} is empty`)
      const read = publications.length === 0 ? page.publications : [...publications, ...page.publications]
      const end = parseOffset(at + page.publications.length)
      const later = reading.after(end, channel.next)
      if (later === undefined) ask(end, read)
      else finish({ from, publications: later.length === 0 ? read : [...read, ...later] })
    })
  }
  ask(from, [])
}
