// Where a client is in the order of a channel's items, as their ids say (contract §5.4, §5.5).
import type { Item } from '../item/item.ts'
import type { Held } from './hold.ts'

/** Whether it may come next after what the client has. Without an id of the client's everything does. */
export function follows({ prevId }: Held, item: Item): boolean {
  return prevId === undefined || item.noSeq || item.prevId === undefined || item.prevId === prevId
}

/** The client has it. Of a hint it has nothing yet: whoever is asked for what is new must be told where the client was. */
export function moveTo(held: Held, item: Item): void {
  if (held.prevId !== undefined && !item.noSeq && item.id !== undefined) held.prevId = item.id
}

/** Something between the client and the channel's last id is missing. */
export function isElsewhere({ prevId, lastId }: Held): boolean {
  return prevId !== undefined && lastId !== undefined && prevId !== lastId
}
