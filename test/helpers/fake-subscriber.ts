// A client of the engine whose wire a test opens and closes, and which keeps all that it was told.

import type { Admits, Batch, Format, Subscriber, Subscription } from '../../src/engine/reader/subscriber.ts'
import { Wire } from '../../src/engine/reader/wire.ts'
import type { Position } from '../../src/engine/words/position.ts'
import type { CloseReason } from '../../src/engine/words/refusal.ts'

/** `payload;` in text: joined frames can be told apart. */
export const textFormat = {
  id: 'text',
  encode: ({ content }) => Buffer.concat([content.payload, Buffer.from(';')]),
} satisfies Format

/** A client whose wire a test opens and closes. */
export class FakeSubscriber implements Subscriber {
  readonly format: Format
  readonly wire = new Wire()
  readonly offers: string[] = []
  readonly batches: Batch[] = []
  /** Names of the subscriptions that were offered something, in order. */
  readonly offeredFor: string[] = []
  position: Position | undefined
  /** What `attached` said of the order. */
  lastId: string | undefined
  /** What `attached` said about a resume. */
  resumedWithGap: boolean | undefined
  readonly gaps: Position[] = []
  /** What the client does as it goes live. */
  onAttached: () => void = () => {}
  /** Whether the wire can tell a gap. */
  readonly tells: boolean
  /** Of each of its subscriptions. */
  readonly admits: Admits | undefined
  /** Of each of its subscriptions: all that is left behind a gap. */
  readonly rest: true | undefined
  closedFor: CloseReason | undefined
  /** When it is to come back, by each of its subscriptions. */
  readonly returns: (number | undefined)[] = []
  writable = true
  subscription: Subscription | undefined

  constructor({
    format = textFormat,
    tells = false,
    admits,
    rest,
  }: { format?: Format; tells?: boolean; admits?: Admits; rest?: true } = {}) {
    this.rest = rest
    this.admits = admits
    this.format = format
    this.tells = tells
  }

  /** All payloads offered, in order. */
  get received(): readonly string[] {
    return this.offers.flatMap(offer => offer.split(';').slice(0, -1))
  }

  attached(position: Position, gap: boolean, _channel: string, lastId?: string): void {
    this.lastId = lastId
    this.position = position
    this.resumedWithGap = gap
    this.onAttached()
  }

  gap(position: Position): boolean {
    this.gaps.push(position)
    return this.tells
  }

  offer(batch: Batch, { name }: Subscription): boolean {
    this.offers.push(Buffer.concat(batch.frames).toString())
    this.batches.push(batch)
    this.offeredFor.push(name)
    return this.writable
  }

  close(reason: CloseReason, _channel: string, returnMs?: number): void {
    this.closedFor = reason
    this.returns.push(returnMs)
  }
}
