// What a client asks for, from its request until the engine has subscribed it to all of that or refused it.
import type { Engine } from '../../engine/engine.ts'
import type { Admits, Subscriber } from '../../engine/reader/subscriber.ts'
import type { Since } from '../../engine/words/position.ts'
import type { ChannelName } from '../../engine/words/publication.ts'
import type { CloseReason, Refusal } from '../../engine/words/refusal.ts'
import type { Exchange } from '../../net/exchange.ts'
import type { HeldStream, StreamConsumer } from '../../net/held-stream.ts'
import type { Reply } from '../../net/reply.ts'
import type { Socket, SocketConsumer } from '../../net/socket.ts'
import type { Clock } from '../../std/clock.ts'

/** What a session does with the stream or the socket that its request becomes. */
export type StreamEnd = Pick<HeldStream, 'write' | 'end' | 'close'>
export type SocketEnd = Pick<Socket, 'send' | 'sendAll' | 'ping' | 'close' | 'terminate'>

/** What a session asks of an exchange. */
export interface Answerable extends Pick<Exchange, 'pending' | 'onAborted' | 'header' | 'reply'> {
  hold(head: Reply, first: Uint8Array, consumer: StreamConsumer): StreamEnd | undefined
  upgrade(consumer: SocketConsumer): SocketEnd | undefined
}

/** A request that has no answer yet. */
export interface PendingRequest {
  readonly exchange: Answerable
  /** `returnMs`: of one that is refused because the node stops. */
  refuse(reason: Refusal, detail?: undefined, more?: { readonly returnMs?: number }): void
}

export interface Interest {
  /** One that is there twice gets each publication twice. */
  readonly channels: readonly ChannelName[]
  /** Each stands for all channels that fit it. */
  readonly arePatterns?: boolean
  readonly since?: Since | undefined
  /** Its wire can say that something is missing: then what is left comes behind that (law 18). */
  readonly rest?: boolean
  readonly admits?: Admits | undefined
}

export interface InterestContext {
  readonly engine: Engine
  readonly clock: Clock
  /** The front-end, as access goes by it. */
  readonly via: string
}

/** The engine lets go of a client before it has an answer. */
export function refusePending(
  request: PendingRequest | undefined,
  reason: CloseReason,
  returnMs?: number,
): void {
  if (reason !== 'draining') request?.refuse('owner-lost')
  else request?.refuse(reason, undefined, returnMs === undefined ? {} : { returnMs })
}

/** One that is refused refuses all: the caller leaves those that were not. */
export function subscribeAll(
  subscriber: Subscriber,
  { engine, clock, via }: InterestContext,
  { channels, arePatterns = false, since, rest = false, admits }: Interest,
): Refusal | undefined {
  // Nothing can be offered before the answer, which waits for all of them.
  if (channels.length > 1) subscriber.wire.blockedSince = clock.now()
  const options = { via, since, admits, ...(rest && { rest }) }
  for (const channel of channels) {
    const outcome = arePatterns
      ? engine.subscribePattern(channel, subscriber, options)
      : engine.subscribe(channel, subscriber, options)
    if (typeof outcome === 'string') return outcome
  }
  return undefined
}
