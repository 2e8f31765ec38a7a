// What came by a WebSocket, in words that do not depend on how its bytes were cut: pieces of one message that follow each other are
// joined, and how they are told is asserted.
import { equal, ok } from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { FrameFault, FrameHandlers, MessageKind } from '../../../src/net/gate/frame-peer.ts'

/** Longer payloads are told by their length and a digest. */
const shownBytes = 150

function payloadText(payload: Uint8Array): string {
  if (payload.length <= shownBytes) return Buffer.from(payload).toString('latin1')
  return `${payload.length} bytes ${createHash('sha1').update(payload).digest('hex').slice(0, 8)}`
}

/** `text… a` has more to come, `…text b` went before it. */
export const words = {
  message: (kind: MessageKind, payload: Uint8Array, isFirst = true, isLast = true): string =>
    `${isFirst ? '' : '…'}${kind}${isLast ? '' : '…'} ${payloadText(payload)}`,
  ping: (payload: Uint8Array): string => `ping ${payloadText(payload)}`,
  pong: (payload: Uint8Array): string => `pong ${payloadText(payload)}`,
  closing: (code: number | undefined, reason: Uint8Array): string => `closing ${code} ${payloadText(reason)}`,
  gone: (fault: FrameFault | undefined): string => `gone ${fault ?? ''}`,
}

interface Open {
  readonly kind: MessageKind
  readonly isFirst: boolean
  readonly pieces: Buffer[]
}

export class HeardFrames implements FrameHandlers {
  readonly #events: string[] = []
  /** Pieces that nothing has interrupted yet. */
  #open: Open | undefined
  /** Of the message that is not whole. */
  #kind: MessageKind | undefined
  pieces = 0
  drains = 0
  isClosing = false
  isGone = false
  /** Called with each event, behind it. */
  onEvent: () => void = () => {}

  get events(): readonly string[] {
    return this.#open === undefined ? this.#events : [...this.#events, this.#wordOf(this.#open, false)]
  }

  message(kind: MessageKind, piece: Buffer, isFirst: boolean, isLast: boolean): void {
    this.#live()
    equal(isFirst, this.#kind === undefined)
    if (!isFirst) equal(kind, this.#kind)
    this.pieces++
    this.#kind = isLast ? undefined : kind
    this.#open ??= { kind, isFirst, pieces: [] }
    this.#open.pieces.push(piece)
    if (isLast) this.#flush(true)
    this.onEvent()
  }

  ping(payload: Buffer): void {
    this.#tell(words.ping(payload))
  }

  pong(payload: Buffer): void {
    this.#tell(words.pong(payload))
  }

  closing(code: number | undefined, reason: Buffer): void {
    this.#tell(words.closing(code, reason))
    this.isClosing = true
  }

  drained(): void {
    ok(!this.isGone)
    this.drains++
    this.onEvent()
  }

  gone(fault?: FrameFault): void {
    equal(this.isGone, false)
    this.#flush(false)
    this.#events.push(words.gone(fault))
    this.isGone = true
    this.onEvent()
  }

  #tell(event: string): void {
    this.#live()
    this.#flush(false)
    this.#events.push(event)
    this.onEvent()
  }

  #live(): void {
    ok(!this.isGone && !this.isClosing, 'something follows the end')
  }

  #flush(isLast: boolean): void {
    if (this.#open !== undefined) this.#events.push(this.#wordOf(this.#open, isLast))
    this.#open = undefined
  }

  #wordOf({ kind, isFirst, pieces }: Open, isLast: boolean): string {
    return words.message(kind, Buffer.concat(pieces), isFirst, isLast)
  }
}
