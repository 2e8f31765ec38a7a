// What a protocol's conformance folder provides: `exchanges.ts` has the rows, `driver.ts` plays one, and
// `exchanges.test.ts` hands both to replay.ts, which knows nothing else of a protocol.
import type { AdminClient } from '../helpers/admin-client.ts'
import { until } from '../helpers/until.ts'

/** One behaviour: `expect[n]` is what `send[n]` must bring. */
export interface Row<Send = unknown, Expect = unknown> {
  readonly name: string
  readonly send: readonly Send[]
  readonly expect: readonly Expect[]
  /** What says so. */
  readonly from: string
  /** Environment of the daemon, where the default will not do. Rows with equal settings share a daemon. */
  readonly settings?: Readonly<Record<string, string>>
  /** How much the protocol's own counters grow, over all workers. One that is not named must not grow by refusals. */
  readonly counts?: Readonly<Record<string, number>>
  /** The one number of workers with which the row makes sense; without it, every number. */
  readonly workers?: number
}

/** The daemon as a driver sees it. */
export interface Ground {
  /** The main address. */
  readonly address: string
  /** An address of each worker, by slot; none where the protocol has no such door: its rows are for `anyone`. */
  readonly shards: readonly string[]
  /** None where there is no such listener. */
  readonly admin?: AdminClient
  ownerOf(channel: string): number
  /** What the channel's owner knows now. */
  ownerView(channel: string): Promise<OwnerView>
}

export interface OwnerView {
  /** On all workers. */
  readonly subscribers: number
  /** Of the last publication; 0 where the owner knows nothing of the channel. */
  readonly offset: number
}

/** What happened to the engine while a row was played. A slot is undefined where any worker may have served. */
export type Happening =
  | { readonly what: 'published'; readonly channel: string; readonly slot: number | undefined }
  | { readonly what: 'subscribed' | 'left'; readonly channel: string; readonly slot: number | undefined }

/**
 * Notes who left once the owners know of it: a client sees its connection end before that news has crossed to another
 * worker, and what was published meanwhile would still be sent for it.
 */
export async function noteLeft(
  happened: Happening[],
  left: readonly Happening[],
  ground: Ground,
): Promise<void> {
  happened.push(...left)
  for (const { channel } of left) await ownerCountsAll(channel, happened, ground)
}

/** As many subscribers as there are after all that happened. */
export function ownerCountsAll(
  channel: string,
  happened: readonly Happening[],
  ground: Ground,
): Promise<void> {
  return ownerCounts(channel, subscribersOf(channel, happened), ground)
}

export async function ownerCounts(
  channel: string,
  subscribers: number,
  { ownerView }: Ground,
): Promise<void> {
  await until(
    `the owner of ${channel} to count ${subscribers} subscribers`,
    async () => (await ownerView(channel)).subscribers === subscribers,
  )
}

function subscribersOf(channel: string, happened: readonly Happening[]): number {
  const count = (what: Happening['what']) =>
    happened.filter(one => one.what === what && one.channel === channel).length
  return count('subscribed') - count('left')
}

/** A row needs an answer within the second for which a token of its is made, and the answer came behind it. */
export class Late extends Error {}

export interface Driver<Send = unknown, Expect = unknown> {
  /** Plays a row and asserts what the wire shows. Leaves no connection behind, whatever happens. */
  readonly play: (row: Row<Send, Expect>, ground: Ground) => Promise<readonly Happening[]>
  /** Counters of the protocol that only refusals move: a row that does not name one must leave it alone. */
  readonly refusalCounters: readonly string[]
  /** What the owner knows of a channel that the protocol alone can name. */
  readonly privateView?: (channel: string, admin: AdminClient) => Promise<OwnerView>
}

/**
 * Where a step of a row is sent, for a channel: with three workers the first three are three different ones, with
 * one they are the same. `anyone` is the main address.
 */
export type Place = 'publisher' | 'owner' | 'subscriber' | 'anyone'

export function slotOf(place: Place, channel: string, ground: Ground): number | undefined {
  if (place === 'anyone') return undefined
  const steps = { owner: 0, publisher: 1, subscriber: 2 }[place]
  return (ground.ownerOf(channel) + steps) % ground.shards.length
}
