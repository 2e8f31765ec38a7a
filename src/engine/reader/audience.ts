// The subscribers of one channel in one worker, as a dense list that can be walked in slices while some leave.
import type { ChannelNamespace } from '../words/access.ts'
import type { Slot } from '../words/link.ts'
import { noEpoch, type Offset, type Position, parseOffset } from '../words/position.ts'
import type { ChannelName } from '../words/publication.ts'
import type { LaneRules } from './lanes.ts'
import type { Audience, Outbox, Pass } from './outbox.ts'
import { Window } from './window.ts'

export function createAudience(name: ChannelName, owner: Slot, namespace: ChannelNamespace): Audience {
  return {
    name,
    owner,
    namespace,
    window: new Window(noEpoch, parseOffset(0)),
    outboxes: [],
    count: 0,
    behind: undefined,
    pass: undefined,
    offered: parseOffset(0),
    queued: false,
    epoch: undefined,
    attempt: undefined,
    waitingSince: 0,
    complete: false,
    withheld: false,
    pressed: false,
    lastId: undefined,
    recoveries: undefined,
  }
}

/** Puts it on both lists, of its channel and of its wire. */
export function addOutbox(audience: Audience, outbox: Outbox, rules: LaneRules): void {
  outbox.subscriber.wire.add(outbox, rules)
  // An empty list that is pushed to makes room for 17, 150 bytes; most never hold a second.
  if (audience.outboxes.length === 0) audience.outboxes = [outbox]
  else audience.outboxes.push(outbox)
  outbox.index = audience.outboxes.length - 1
  audience.count++
}

/** Leaves a hole while a pass walks the channel's list; else the last one takes the place. False: it had left. */
export function removeOutbox(audience: Audience, outbox: Outbox): boolean {
  outbox.subscriber.wire.remove(outbox)
  const { outboxes, pass } = audience
  if (outboxes[outbox.index] !== outbox) return false
  audience.count--
  setBehind(audience, outbox, false)
  if (pass !== undefined) {
    outboxes[outbox.index] = undefined
  } else {
    const last = outboxes.pop()
    if (last !== undefined && last !== outbox) {
      outboxes[outbox.index] = last
      last.index = outbox.index
    }
  }
  return true
}

export function setBehind(audience: Audience, outbox: Outbox, behind: boolean): void {
  if (behind) {
    audience.behind ??= new Set()
    audience.behind.add(outbox)
    outbox.subscriber.wire.lanes?.note(outbox)
  } else if (audience.behind?.delete(outbox) && audience.behind.size === 0) {
    audience.behind = undefined
  }
}

/** Closes the holes that a pass left. */
export function compact(audience: Audience): void {
  if (audience.count === audience.outboxes.length) return
  const kept: Outbox[] = []
  for (const outbox of audience.outboxes) {
    if (outbox !== undefined) outbox.index = kept.push(outbox) - 1
  }
  audience.outboxes = kept
}

/** Starts afresh at `next`: what was held no longer fits what follows. */
export function restartWindow(audience: Audience, { epoch, offset }: Position, lastId?: string): void {
  audience.lastId = lastId
  audience.pass = undefined
  compact(audience)
  audience.window = new Window(epoch, offset)
  audience.offered = offset
}

/** Forgets the publications that everybody has taken. Call it after a pass. */
export function trimWindow(audience: Audience, pass: Pass): void {
  // After a whole pass only those noted are behind its end.
  const late = pass.unfinished ? audience.outboxes : audience.behind
  if (late === undefined) return audience.window.trim(pass.end)
  let needed: Offset = pass.end
  for (const outbox of late) {
    if (outbox?.next !== undefined && outbox.next < needed) needed = outbox.next
  }
  audience.window.trim(needed)
}
