// How a hold asks whether an item may be delivered to its client, and what is to be delivered.
import type { Load, Pending, Verdict } from '../filter/party.ts'
import type { Item } from '../item/item.ts'
import type { Held } from './hold.ts'

/** Where it is pending, `done` is told later, and once. */
export type Sift = (held: Held, item: Item, load: Load, done: (verdict: Verdict) => void) => Verdict | Pending
