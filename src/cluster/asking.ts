// What is kept of a channel while the broker is asked where it is: what came meanwhile, and what is to be read.
import type { Epoch, Offset } from '../engine/words/position.ts'
import type { Where } from './carrier.ts'

export interface Delivery {
  readonly epoch: Epoch
  readonly offset: Offset
  readonly envelope: Uint8Array
}

/** A part of a numbering that is to be read. */
export interface Leg {
  readonly epoch: Epoch
  /** Where it begins, if that is not where the channel is. */
  readonly from: Offset | undefined
  readonly to: Offset
  /** What is said as it begins. */
  readonly begins: 'gap' | 'renumbered' | undefined
}

export interface Asking {
  /** It waits for its turn; it has it. */
  stage: 'waits' | 'asks'
  isOpening: boolean
  /** What came meanwhile, in its order. */
  held: Delivery[]
  heldBytes: number
  /** So many of them were there when the broker was asked: it gave them before its answer, or nobody did. */
  before: number
  /** There was too much of it: it is forgotten, for it will be read. */
  isForgotten: boolean
  /** Something was said of the channel since it was asked about: once more, when it has been read. */
  isDoubted: boolean
  legs: Leg[]
  /** What the broker answered. */
  where: Where | undefined
}

/** Held of one channel at most. A read brings as much at a time. */
const heldMax = 1_000
const heldBytesMax = 1_048_576

/** Of a delivery beside its envelope, and more than that. */
const deliveryBytes = 100

/** False: there was too much of it, and it is forgotten. */
export function hold(asking: Asking, { epoch, offset, envelope }: Delivery): boolean {
  if (asking.isForgotten) return true
  // It may be a small view of what a socket read.
  asking.held.push({ epoch, offset, envelope: new Uint8Array(envelope) })
  asking.heldBytes += envelope.length + deliveryBytes
  if (asking.held.length <= heldMax && asking.heldBytes <= heldBytesMax) return true
  asking.isForgotten = true
  keepHeld(asking, [])
  return false
}

/** Of what is held, only these. */
export function keepHeld(asking: Asking, held: Delivery[]): void {
  asking.held = held
  asking.heldBytes = held.reduce((sum, { envelope }) => sum + envelope.length + deliveryBytes, 0)
}

/** The offset from which all is held up to `to`, and what follows; infinite: there is none. */
export function heldFrom({ held, isForgotten }: Asking, epoch: Epoch, to: Offset): number {
  const last = held.at(-1)
  if (isForgotten || last === undefined || last.epoch !== epoch || last.offset < to - 1)
    return Number.POSITIVE_INFINITY
  let from: number = last.offset
  for (const { epoch: of, offset } of held.toReversed()) {
    if (of !== epoch || offset > from || offset < from - 1) break
    from = offset
  }
  return from
}

export function newAsking(isOpening: boolean): Asking {
  return {
    stage: 'waits',
    isOpening,
    held: [],
    heldBytes: 0,
    before: 0,
    isForgotten: false,
    isDoubted: false,
    legs: [],
    where: undefined,
  }
}
