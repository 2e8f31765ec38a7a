// The engine's numbers, each with its reason: what is usual, and from where to where an operator may set it. What each
// of them means is said in settings.ts. Where nothing is said of the last number, it is where only a mistake in the unit
// is left.
import type { IntegerSetting } from '../std/setting.ts'

type Bound = Pick<IntegerSetting, 'type' | 'unit' | 'default' | 'min' | 'max'>

const kib = 1_024
const mib = 1_024 * kib
const gib = 1_024 * mib
const secondMs = 1_000
const minuteMs = 60 * secondMs
const dayMs = 1_440 * minuteMs

/** A page. Less saves no memory, for a socket alone holds more, and makes every write as dear as a large one. */
const writeBytesMin = 4 * kib

/** The largest body of the smallest protocol fits, so that no single publication is beyond a bound for many. */
const manyBytesMin = 64 * kib

/** Of one thing of one worker. */
const thingBytesMax = gib

/** The memory of a large machine. */
const workerBytesMax = 64 * gib

/** What a worker may hold of one kind: three kinds have it, and all together leave room in a small machine. */
const workerBytes = 256 * mib

/** Clients that come back after a restart or a lost network come within it; who is away longer reads anew. */
const awayMs = 5 * minuteMs

/** More than one worker can serve, so that memory and not this number is what ends first. */
const clientsOfWorker = 1_000_000

export const bounds = {
  /** Costs one system call for many publications, and keeps little in front of a publication that comes next. */
  flushBytesMax: bytes(64 * kib, writeBytesMin, mib),

  /**
   * A turn of 0.7 ms at 7 µs a write. Publishers are heard between two turns, so that a short one joins more into each write:
   * with 32 of them that wait for their answers and 400 subscribers 90 messages, where 400 a turn join 28, at half the cost of a
   * delivery. With 50 the turns themselves cost as much as that saves.
   */
  sliceSubscribers: count(100, 1, 100_000),

  /** As large as the largest publication that protocols take unless they are told otherwise. */
  outboxBytesMax: bytes(mib, writeBytesMin, thingBytesMax),

  /** Ends before the socket layer does, at 10 s, which can tell no reason. Below 100 one lost packet would end a client. */
  outboxAgeMsMax: ms(8 * secondMs, 100, 10 * minuteMs),

  /** Eight of the largest publications: a worker that is behind by more takes in faster than it gives out. */
  fanoutBytesMax: bytes(8 * mib, manyBytesMin, thingBytesMax),

  /** Twice what one channel may have waiting, so that one that is at its bound leaves half to the others. */
  linkBytesMax: bytes(16 * mib, manyBytesMin, thingBytesMax),

  /** An owner that failed is replaced within a second; beyond a minute proxies have given up the request. */
  attachTimeoutMs: ms(5 * secondMs, 100, minuteMs),

  /** Four subscriptions may be as far behind as one may be, and not all hundred of a connection. */
  connectionBytesMax: bytes(4 * mib, writeBytesMin, thingBytesMax),

  /** At least what one subscriber may usually have. */
  workerBytesMax: bytes(workerBytes, mib, workerBytesMax),

  subscribersMax: count(clientsOfWorker, 1, 100_000_000),

  /** A channel that is published to first after one came or went is matched against all of them: 0.6 ms, and 12 ms at worst. */
  patternsMax: count(1_000, 1, 100_000),

  /** Publishers try again within seconds or minutes. Less than a second is over before they do. */
  idempotencyMs: ms(awayMs, secondMs, dayMs),

  /** Three a second for as long as they are kept: 208 KB beside their texts. */
  idempotencyKeysMax: count(1_000, 1, 1_000_000),

  /** A million keys at the size that they usually have. */
  idempotencyWorkerBytesMax: bytes(workerBytes, manyBytesMin, workerBytesMax),

  /** 36 MB with usual names, 140 with the longest; history and keys have bounds of their own. */
  idleChannelsMax: count(100_000, 1, 10_000_000),

  /** As many, so that made-up clients cost no more than made-up names; the streams of 30,000 to 50,000 clients that are away. */
  idlePrivateChannelsMax: count(100_000, 1, 10_000_000),

  /** A client that changes networks, or a phone in a tunnel, is back by then; what was missed for longer is read anew. */
  idlePrivateMs: ms(15 * minuteMs, secondMs, dayMs),

  /** As long as history keeps a publication: whoever comes later has a gap anyway. */
  awaitedMs: ms(awayMs, secondMs, dayMs),

  /** A channel for each client that a worker serves, for it remembered them all before. None: all are idle at once. */
  awaitedChannelsMax: count(clientsOfWorker, 0, 100_000_000),

  /** None, for memory that nobody asked for. A million takes 600 MB beside what they say. */
  historySize: count(0, 0, 1_000_000),

  /** A month at most: whoever needs more wants a database. */
  historyTtlMs: ms(awayMs, 1, 30 * dayMs),

  /** Room for 6,000 short publications, or a few that are as large as protocols take. */
  historyBytesMax: bytes(4 * mib, 0, thingBytesMax),

  historyWorkerBytesMax: bytes(workerBytes, 0, workerBytesMax),
} as const satisfies Readonly<Record<string, Bound>>

/** What of higher lanes may go ahead before a lower one that waits has a turn (law 20). */
export const laneLimits = {
  /** As the contract of pushwire says, which is the one that says anything of lanes. */
  laneFramesMax: 32,
  /** One write: what the socket layer was given cannot be overtaken anyway. */
  laneBytesMax: 64 * kib,
  /** With slices of 0.7 ms each, a channel of a lower lane has one every 25 ms whatever higher ones do. */
  laneStepsMax: 32,
} as const

/** How drafts that say their order are held. Whoever offers a protocol that says it may choose others. */
export const sequencingLimits = {
  /** As long as the original waits: what did not come by then is lost, or its publisher is. */
  waitMs: 5 * secondMs,
  /** As the original. */
  heldMax: 100,
  /** Sixteen of the largest publications: they wait for a few seconds, and then make room for others. */
  heldBytesMax: 16 * mib,
  /** As the original: publishers try again within seconds. */
  seenMs: minuteMs,
  /** A hundred thousand ids and more at the length that they usually have. */
  seenBytesMax: 32 * mib,
  /** 30 MB: as many as keep their numbering. */
  restingMax: 100_000,
  /** Whoever was sent away with its worker comes back within seconds. */
  awaitedMs: minuteMs,
} as const

function bytes(usual: number, min: number, max: number): Bound {
  return { type: 'integer', unit: 'bytes', default: usual, min, max }
}

function ms(usual: number, min: number, max: number): Bound {
  return { type: 'integer', unit: 'ms', default: usual, min, max }
}

function count(usual: number, min: number, max: number): Bound {
  return { type: 'integer', unit: 'count', default: usual, min, max }
}
