// The publications of one channel that some local subscriber still needs, and their frames. Every write to a
// subscriber is a slice of this (law 2); what all have taken is dropped. Frames are made when first asked for.
// Places are offsets; a pattern's window counts its own, since offsets of several channels do not line up.
import { type Epoch, type Offset, type Publication, parseOffset } from './publication.ts'
import type { Format } from './subscriber.ts'

/** Frames joined for one write: everything from an offset up to `next`. */
export interface Joined {
  readonly bytes: Uint8Array
  readonly next: Offset
}

interface FormatFrames {
  readonly format: Format
  /** In step with the publications; undefined until somebody needs it. */
  readonly frames: (Uint8Array | undefined)[]
  /** Joins made since the window last changed, by their first offset: one pass needs few different ones. */
  readonly joined: Map<number, Joined>
  joinedTo: number
}

/** Most different joins remembered per format: beyond it subscribers are so scattered that sharing is rare. */
const joinsMax = 64

export class Window {
  readonly #epoch: Epoch
  #base: Offset
  #publications: Publication[] = []
  /** Payload bytes of all publications up to and including this one, from a zero point that means nothing. */
  #bytesThrough: number[] = []
  #bytesBefore = 0
  readonly #formats = new Map<string, FormatFrames>()

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
    return parseOffset(this.#base + this.#publications.length)
  }

  push(publication: Publication): void {
    this.#publications.push(publication)
    const before = this.#bytesThrough.at(-1) ?? this.#bytesBefore
    this.#bytesThrough.push(before + publication.content.payload.length)
  }

  /** Puts older publications in front, contiguous among themselves and with what is held. */
  prepend(publications: readonly Publication[]): void {
    if (publications.length === 0) return
    const sizes = publications.map(({ content }) => content.payload.length)
    let bytes = this.#bytesBefore - sizes.reduce((sum, size) => sum + size, 0)
    this.#base = parseOffset(this.#base - publications.length)
    this.#bytesBefore = bytes
    this.#publications = [...publications, ...this.#publications]
    const through = sizes.map(size => (bytes += size))
    this.#bytesThrough = [...through, ...this.#bytesThrough]
    this.#formats.clear()
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

  /** Payload bytes from offset `from` up to, not including, `to`. */
  bytesBetween(from: Offset, to: Offset): number {
    return this.#bytesUpTo(to) - this.#bytesUpTo(from)
  }

  /**
   * Whole frames from `from` on, at most `bytesMax` bytes (one frame at least) and not beyond `to`. `from` must be
   * held and lie before `to`. Equal calls in one pass share their bytes.
   */
  join(format: Format, from: Offset, to: Offset, bytesMax: number): Joined {
    const own = this.#framesOf(format)
    if (own.joinedTo !== to || own.joined.size >= joinsMax) {
      own.joined.clear()
      own.joinedTo = to
    }
    const known = own.joined.get(from)
    if (known !== undefined && known.bytes.length <= bytesMax) return known
    const joined = this.#join(own, from, to, bytesMax)
    own.joined.set(from, joined)
    return joined
  }

  /** Forgets what lies before `to`. */
  trim(to: Offset): void {
    const count = Math.min(to - this.#base, this.#publications.length)
    if (count <= 0) return
    this.#bytesBefore = this.#bytesUpTo(parseOffset(this.#base + count))
    this.#base = parseOffset(this.#base + count)
    cut(this.#publications, count)
    cut(this.#bytesThrough, count)
    for (const own of this.#formats.values()) {
      cut(own.frames, count)
      own.joined.clear()
    }
  }

  #bytesUpTo(offset: Offset): number {
    const index = offset - this.#base - 1
    return index < 0 ? this.#bytesBefore : (this.#bytesThrough[index] ?? this.#bytesBefore)
  }

  #framesOf(format: Format): FormatFrames {
    const own = this.#formats.get(format.id)
    if (own !== undefined) return own
    const made = { format, frames: [], joined: new Map<number, Joined>(), joinedTo: -1 }
    this.#formats.set(format.id, made)
    return made
  }

  #join(own: FormatFrames, from: Offset, to: Offset, bytesMax: number): Joined {
    const first = this.#frame(own, from - this.#base)
    let bytes = first.length
    let next = from + 1
    const frames = [first]
    for (; next < to; next++) {
      const frame = this.#frame(own, next - this.#base)
      if (bytes + frame.length > bytesMax) break
      bytes += frame.length
      frames.push(frame)
    }
    return { bytes: frames.length === 1 ? first : Buffer.concat(frames, bytes), next: parseOffset(next) }
  }

  #frame(own: FormatFrames, index: number): Uint8Array {
    const known = own.frames[index]
    if (known !== undefined) return known
    const publication = this.#publications[index]
    if (publication === undefined) throw new RangeError(`the window holds nothing at ${index}`)
    const frame = own.format.encode(publication, this.#epoch)
    // Keeps the array dense, so that it stays fast: a hole would turn it into a dictionary.
    while (own.frames.length < index) own.frames.push(undefined)
    own.frames[index] = frame
    return frame
  }
}

function cut(items: unknown[], count: number): void {
  if (count >= items.length) items.length = 0
  else items.splice(0, count)
}
