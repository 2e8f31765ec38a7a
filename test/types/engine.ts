// Wrong states of the engine that must not compile: an expected error that is none is an error. Compiled, never run.

import type { Outbox } from '../../src/engine/reader/outbox.ts'
import type { Batch, Subscriber } from '../../src/engine/reader/subscriber.ts'
import type { Wire } from '../../src/engine/reader/wire.ts'
import type { Link } from '../../src/engine/words/link.ts'
import type { Epoch, Offset, Position } from '../../src/engine/words/position.ts'
import type { ChannelName, Content, Draft, Publication } from '../../src/engine/words/publication.ts'

declare const draft: Draft
declare const epoch: Epoch
declare const offset: Offset
declare const name: ChannelName
declare const payload: Uint8Array
declare const link: Link
declare const wire: Wire
declare const subscriber: Subscriber
declare const outbox: Outbox

// What comes from outside is parsed before it means anything.
// @ts-expect-error: a text is no epoch
export const textEpoch: Epoch = 'e1'
// @ts-expect-error: a number is no offset
export const numberOffset: Offset = 1
// @ts-expect-error: a text is no name of a channel
export const textName: ChannelName = 'news'
// @ts-expect-error: what is calculated is parsed again
export const next: Offset = offset + 1
// @ts-expect-error: an epoch is no name, though both are texts
export const epochName: ChannelName = epoch

// A position is whole, and only the owner of a channel gives it.
// @ts-expect-error: without an offset
export const half: Position = { epoch }
// @ts-expect-error: a draft has no offset yet
export const early: Publication = draft
// @ts-expect-error: nobody publishes without saying by which front-end
export const nameless: Draft = { channel: name, content: draft.content }
// @ts-expect-error: content is JSON, text or bytes
export const other: Content = { kind: 'html', payload }

export function misuse(batch: Batch, publication: Publication): void {
  // @ts-expect-error: a message is whole
  link.sendReserved(['attached', name, 1, epoch])
  // @ts-expect-error: only what is counted for passes
  link.send(['detach', name])
  // @ts-expect-error: what was published never changes
  publication.offset = offset
  // @ts-expect-error: a subscription is what was subscribed to, not a name
  subscriber.offer(batch, name)
  // @ts-expect-error: the hub alone leads to a wire, by its outboxes
  wire.ends.push(subscriber)
  // @ts-expect-error: nor by anything
  wire.ends.push({})
  // @ts-expect-error: an outbox is live, waiting or closed, never two of them
  outbox.closed = true
  // @ts-expect-error: one that was closed has no next offset
  outbox.next = offset
  // @ts-expect-error: one that is live waits for no position
  outbox.since = { epoch, offset }
}

/** Says nothing of its wire. */
export const deaf: Pick<Subscriber, 'offer'> = {
  // @ts-expect-error: the engine must know whether the wire takes more
  offer() {},
}
