// A client's message that comes in pieces, until it is whole (contract §8.2): an origin gets no others.
import type { MessageKind } from '../../../net/gate/frame-peer.ts'
import { GatheredBytes } from '../../../std/gathered-bytes.ts'

/** Contract §10. */
export const messageBytesMax = 200_000

export class Unfinished {
  #bytes: GatheredBytes | undefined
  #kind: MessageKind = 'text'

  get heldBytes(): number {
    return this.#bytes?.heldBytes ?? 0
  }

  /** Its kind is that of the first piece. */
  get kind(): MessageKind {
    return this.#kind
  }

  /** The whole message; undefined: it goes on. */
  add(
    kind: MessageKind,
    piece: Uint8Array,
    isFirst: boolean,
    isLast: boolean,
  ): Uint8Array | 'too-long' | undefined {
    if (isFirst) this.#kind = kind
    if ((this.#bytes?.length ?? 0) + piece.length > messageBytesMax) return 'too-long'
    if (isFirst && isLast) return piece
    this.#bytes ??= new GatheredBytes(messageBytesMax)
    this.#bytes.add(piece)
    if (!isLast) return undefined
    const { bytes } = this.#bytes
    this.#bytes = undefined
    return bytes
  }

  drop(): void {
    this.#bytes = undefined
  }
}
