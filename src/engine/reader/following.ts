// How the audience of a channel follows the channel's owner: it asks, waits for the answer, and takes what comes then.
import type { Attach } from '../words/link.ts'
import type { Publication } from '../words/publication.ts'
import { lastIdAfter } from '../words/sequence.ts'
import type { Audience } from './outbox.ts'

export function isLive(audience: Audience): boolean {
  return audience.epoch !== undefined && audience.attempt === undefined
}

/** Something came, and is noted where patterns did not get it. True: the audience is not live, and does not get it either. */
export function withhold(audience: Audience): boolean {
  if (isLive(audience)) return false
  audience.withheld = audience.epoch !== undefined
  return true
}

/** Waits for the owner's answer to that attempt from now on. What the owner is to be asked. */
export function attachOf(audience: Audience, attempt: number, now: number): Attach {
  if (audience.attempt === undefined) audience.waitingSince = now
  audience.attempt = attempt
  // Whoever waits for a recovery asks again when the channel is live.
  audience.recoveries = undefined
  // The owner's new record of this hub knows of no pressure: `attached` tells it again.
  audience.pressed = false
  const next = audience.epoch === undefined ? 0 : audience.window.head
  return [audience.name, attempt, audience.epoch ?? '', next, audience.complete, audience.count]
}

/** The next publication of a live audience. */
export function push(audience: Audience, publication: Publication): void {
  audience.window.push(publication)
  audience.lastId = lastIdAfter(audience.lastId, publication.sequence)
}
