// Which of an origin's messages are for its client (contract §8.5). Where GRIP was negotiated, a text of `c:` is for us, what has
// the prefix passes without it, and all else is dropped. A message may come in pieces, and the first ones may be too short to tell.
import { controlBytesMax, controlMark } from './control-messages.ts'
import type { MessageKind } from './origin-end.ts'

export interface OriginWordsOwner {
  /** False: the client is behind. */
  passed(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean
  /** Behind the mark. */
  controlled(text: string): void
  dropped(): void
}

/** `begins`: the next piece is the first one of a message. `unclear`: pieces are collected until it is clear what they are. */
type Phase = 'begins' | 'unclear' | 'passing' | 'controlling' | 'dropping'

export class OriginWords {
  readonly #owner: OriginWordsOwner
  readonly #prefix: Buffer | undefined
  #phase: Phase = 'begins'
  #collected: Buffer[] | undefined
  #collectedBytes = 0

  /** `prefix` undefined: everything is for the client. */
  constructor(prefix: string | undefined, owner: OriginWordsOwner) {
    this.#prefix = prefix === undefined ? undefined : bytesOf(prefix)
    this.#owner = owner
  }

  /** False: the client is behind. */
  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): boolean {
    if (this.#prefix === undefined) return this.#owner.passed(kind, piece, isFirst, isLast)
    if (isFirst) this.#phase = 'unclear'
    const isTaken = this.#take(this.#prefix, kind, piece, isLast)
    if (isLast) this.#phase = 'begins'
    return isTaken
  }

  #take(prefix: Buffer, kind: MessageKind, piece: Buffer, isLast: boolean): boolean {
    switch (this.#phase) {
      case 'unclear':
        return this.#judge(prefix, kind, this.#joined(piece), isLast)
      case 'passing':
        return this.#owner.passed(kind, piece, false, isLast)
      case 'controlling':
        this.#control(piece, isLast)
        return true
      case 'begins':
      case 'dropping':
        return true
      default:
        return this.#phase satisfies never
    }
  }

  #judge(prefix: Buffer, kind: MessageKind, piece: Buffer, isLast: boolean): boolean {
    const isShort = piece.length < Math.max(mark.length, prefix.length)
    if (isShort && !isLast) this.#collect(piece)
    else if (kind === 'text' && begins(piece, mark)) {
      this.#phase = 'controlling'
      this.#control(piece, isLast)
    } else if (begins(piece, prefix)) {
      this.#phase = 'passing'
      return this.#owner.passed(kind, piece.subarray(prefix.length), true, isLast)
    } else this.#drop()
    return true
  }

  #control(piece: Buffer, isLast: boolean): void {
    this.#collect(piece)
    if (this.#collectedBytes > controlBytesMax) this.#drop()
    else if (isLast) this.#owner.controlled(this.#joined(nothing).toString('utf8', mark.length))
  }

  #drop(): void {
    this.#phase = 'dropping'
    this.#joined(nothing)
    this.#owner.dropped()
  }

  #collect(piece: Buffer): void {
    this.#collected ??= []
    this.#collected.push(piece)
    this.#collectedBytes += piece.length
  }

  /** With what was collected of the message, of which nothing is left. */
  #joined(piece: Buffer): Buffer {
    const collected = this.#collected
    this.#collected = undefined
    this.#collectedBytes = 0
    if (collected === undefined) return piece
    const [only] = collected
    return collected.length === 1 && piece.length === 0 && only !== undefined
      ? only
      : Buffer.concat([...collected, piece])
  }
}

const nothing = Buffer.alloc(0)
/** Nearly all origins say this one, or nothing of it. */
const usualPrefix = Buffer.from('m:')

/** Kept for as long as the socket is, so it must not keep the pool of small buffers. */
function bytesOf(prefix: string): Buffer {
  if (prefix === 'm:') return usualPrefix
  const bytes = Buffer.from(prefix)
  const own = Buffer.allocUnsafeSlow(bytes.length)
  own.set(bytes)
  return own
}
const mark = Buffer.from(controlMark)

function begins(piece: Buffer, start: Buffer): boolean {
  return piece.length >= start.length && piece.compare(start, 0, start.length, 0, start.length) === 0
}
