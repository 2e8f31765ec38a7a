// The publications of one channel that some local subscriber still needs, and their frames. Every write to a
// subscriber is a slice of this (law 2); what all have taken is dropped. Frames are made when first asked for.
// Places are offsets; a pattern's window counts its own, since offsets of several channels do not line up.
import { type Epoch, type Offset, parseOffset } from '../words/position.ts'
import { contentBytes, type Publication } from '../words/publication.ts'
import type { Share } from './lanes.ts'
import type { Admits, Batch, Format, Omission } from './subscriber.ts'

interface FormatFrames {
  readonly format: Format
  /** In step with the publications, with what has no frame; undefined until somebody needs it. */
  readonly frames: (Uint8Array | Omission | undefined)[]
  /** Joins made since the window last changed: one pass needs few different ones. */
  joined: Join[]
  joinedTo: number
}

/** A batch may have no frames: then there is nothing to offer between both its places. */
export interface Slice extends Batch {
  /** Its last publication has no frame, and those who read it miss it. */
  readonly missing: Missing | undefined
}

export type Missing = Exclude<Omission, 'pass'>

class Join implements Slice {
  readonly frames: readonly Uint8Array[]
  readonly size: number
  readonly from: Offset
  readonly next: Offset
  readonly missing: Missing | undefined
  #bytes: Uint8Array | undefined

  constructor({ frames, size, from, next, missing }: Omit<Slice, 'bytes'>) {
    this.frames = frames
    this.size = size
    this.from = from
    this.next = next
    this.missing = missing
    this.#bytes = frames.length === 1 ? frames[0] : undefined
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.concat(this.frames, this.size)
    return this.#bytes
  }
}

interface Held {
  readonly publications: Publication[]
  /** Bytes of all publications up to and including this one, from a zero point that means nothing. */
  readonly bytesThrough: number[]
  /** Few: those of the subscribers that were written to. */
  readonly formats: FormatFrames[]
}

/** Most different joins remembered per format: beyond it subscribers are so scattered that sharing is rare. */
const joinsMax = 64

export class Window {
  readonly #epoch: Epoch
  #base: Offset
  #bytesBefore = 0
  /** Undefined while it holds nothing: between two publications a channel keeps no memory for either. */
  #held: Held | undefined

  /** All that it ever holds is of one epoch. */
  constructor(epoch: Epoch, base: Offset) {
    this.#epoch = epoch
    this.#base = base
  }

  /** The first offset held. */
  get base(): Offset {
    return this.#base
  }

  /** The offset that the next publication must have. */
  get head(): Offset {
    return parseOffset(this.#base + (this.#held?.publications.length ?? 0))
  }

  push(publication: Publication): void {
    const length = contentBytes(publication)
    const held = this.#held
    if (held === undefined) {
      this.#held = { publications: [publication], bytesThrough: [this.#bytesBefore + length], formats: [] }
      return
    }
    held.publications.push(publication)
    held.bytesThrough.push((held.bytesThrough.at(-1) ?? this.#bytesBefore) + length)
  }

  /** Puts older publications in front, contiguous among themselves and with what is held. */
  prepend(publications: readonly Publication[]): void {
    if (publications.length === 0) return
    const sizes = publications.map(contentBytes)
    let bytes = this.#bytesBefore - sizes.reduce((sum, size) => sum + size, 0)
    this.#base = parseOffset(this.#base - publications.length)
    this.#bytesBefore = bytes
    const through = sizes.map(size => (bytes += size))
    this.#held = {
      publications: [...publications, ...(this.#held?.publications ?? [])],
      bytesThrough: [...through, ...(this.#held?.bytesThrough ?? [])],
      formats: [],
    }
  }

  get bytes(): number {
    return this.bytesBetween(this.#base, this.head)
  }

  /** The first place from which at most `bytes` lie before `to`. */
  placeWithin(bytes: number, to: Offset): Offset {
    let place = to
    while (place > this.#base && this.bytesBetween(parseOffset(place - 1), to) <= bytes)
      place = parseOffset(place - 1)
    return place
  }

  /** Bytes of contents from offset `from` up to, not including, `to`. */
  bytesBetween(from: Offset, to: Offset): number {
    return this.#bytesUpTo(to) - this.#bytesUpTo(from)
  }

  /**
   * Whole frames from `from` on, at most `bytesMax` bytes (one frame at least) and not beyond `to` or the first that is
   * missing. `from` must be held and lie before `to`. Equal calls in one pass share their bytes, but those that do not admit all
   * or have a share.
   */
  join(format: Format, from: Offset, to: Offset, bytesMax: number, admits?: Admits, share?: Share): Slice {
    const cache = this.#framesOf(format)
    if (share !== undefined)
      return this.#join(cache, from, to, Math.min(bytesMax, share.bytes), admits, share.frames)
    if (admits !== undefined) return this.#join(cache, from, to, bytesMax, admits)
    if (cache.joinedTo !== to || cache.joined.length >= joinsMax) {
      cache.joined = []
      cache.joinedTo = to
    }
    for (const join of cache.joined) {
      if (join.from === from && join.size <= bytesMax) return join
    }
    const join = this.#join(cache, from, to, bytesMax)
    cache.joined.push(join)
    return join
  }

  /** Forgets what lies before `to`. */
  trim(to: Offset): void {
    const held = this.#held
    const count = Math.min(to - this.#base, held?.publications.length ?? 0)
    if (held === undefined || count <= 0) return
    this.#bytesBefore = this.#bytesUpTo(parseOffset(this.#base + count))
    this.#base = parseOffset(this.#base + count)
    if (count === held.publications.length) {
      this.#held = undefined
      return
    }
    held.publications.splice(0, count)
    held.bytesThrough.splice(0, count)
    for (const cache of held.formats) {
      cache.frames.splice(0, count)
      cache.joined = []
    }
  }

  #bytesUpTo(offset: Offset): number {
    const index = offset - this.#base - 1
    return index < 0 ? this.#bytesBefore : (this.#held?.bytesThrough[index] ?? this.#bytesBefore)
  }

  #framesOf(format: Format): FormatFrames {
    const formats = this.#held?.formats ?? []
    for (const cache of formats) if (cache.format.id === format.id) return cache
    const made: FormatFrames = { format, frames: [], joined: [], joinedTo: -1 }
    formats.push(made)
    return made
  }

  #join(
    cache: FormatFrames,
    from: Offset,
    to: Offset,
    bytesMax: number,
    admits?: Admits,
    framesMax = Number.POSITIVE_INFINITY,
  ): Join {
    const frames: Uint8Array[] = []
    let size = 0
    let next: number = from
    let missing: Missing | undefined
    while (next < to && missing === undefined && frames.length < framesMax) {
      const index = next - this.#base
      const frame = admits?.(this.#at(index)) === false ? 'pass' : this.#frame(cache, index)
      if (typeof frame === 'string') {
        if (frame !== 'pass') missing = frame
      } else {
        if (frames.length > 0 && size + frame.length > bytesMax) break
        size += frame.length
        frames.push(frame)
      }
      next++
    }
    return new Join({ frames, size, from, next: parseOffset(next), missing })
  }

  #frame(cache: FormatFrames, index: number): Uint8Array | Omission {
    const made = cache.frames[index]
    if (made !== undefined) return made
    const publication = this.#at(index)
    const { format } = cache
    const frame = format.encode(publication, this.#epoch) ?? format.omitted?.(publication) ?? 'gap'
    // Keeps the array dense, so that it stays fast: a hole would turn it into a dictionary.
    while (cache.frames.length < index) cache.frames.push(undefined)
    cache.frames[index] = frame
    return frame
  }

  #at(index: number): Publication {
    const publication = this.#held?.publications[index]
    if (publication === undefined) throw new RangeError(`the window holds nothing at ${index}`)
    return publication
  }
}
