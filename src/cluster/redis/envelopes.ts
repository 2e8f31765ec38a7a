// What a delivery carries: `EPOCH OFFSET ` and the envelope; on a feed `EPOCH OFFSET LENGTH NAME` and the envelope.
import { type Epoch, type Offset, parseEpoch, parseOffset } from '../../engine/words/position.ts'
import type { ChannelName } from '../../engine/words/publication.ts'

export interface Delivery {
  readonly epoch: Epoch
  readonly offset: Offset
  /** A view of the payload. */
  readonly envelope: Buffer
}

const space = 32

/** Undefined: none of us sent it. Whoever may write to the server may publish there, too. */
export function readDelivery(payload: Buffer): Delivery | undefined {
  return orUndefined(() => parseDelivery(payload))
}

/** As above. */
export function readFed(payload: Buffer): (Delivery & { readonly channel: ChannelName }) | undefined {
  return orUndefined(() => parseFed(payload))
}

function orUndefined<Value>(parse: () => Value): Value | undefined {
  try {
    return parse()
  } catch {
    // It says of itself what is wrong with it, and nobody needs to know.
    return undefined
  }
}

function parseDelivery(payload: Buffer): Delivery {
  const first = payload.indexOf(space)
  const second = payload.indexOf(space, first + 1)
  if (first < 0 || second < 0) throw new RangeError('a delivery has no position')
  const position = payload.toString('latin1', 0, second)
  return {
    epoch: parseEpoch(position.slice(0, first)),
    offset: parseOffset(Number(position.slice(first + 1))),
    envelope: payload.subarray(second + 1),
  }
}

function parseFed(payload: Buffer): Delivery & { readonly channel: ChannelName } {
  const delivery = parseDelivery(payload)
  const { envelope } = delivery
  const end = envelope.indexOf(space)
  const bytes = Number(envelope.toString('latin1', 0, end))
  const from = end + 1
  if (end < 0 || !Number.isSafeInteger(bytes) || bytes < 0 || from + bytes > envelope.length)
    throw new RangeError('what a feed brought has no name')
  const channel = envelope.toString('utf8', from, from + bytes) as ChannelName // a node parsed it before it published
  return { ...delivery, channel, envelope: envelope.subarray(from + bytes) }
}
