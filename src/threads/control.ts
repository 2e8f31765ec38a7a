// What primary and workers say to each other over the worker's own port. Channels and publications never pass here.
import type { MessagePort } from 'node:worker_threads'
import type { Slot } from '../engine/words/link.ts'
import type { Counts, WorkerStatistics } from '../telemetry/statistics.ts'

/** Native descriptors of a worker's child Apps, by listener. */
export type Children = Readonly<Record<string, number>>

/** What one room of a worker says of a topic: plain data. */
export interface RoomQuestion {
  readonly room: string
  readonly topic: string
}

/** What one room of the worker in the slot says of a key: plain data. */
export interface KeyQuestion {
  readonly room: string
  readonly key: string
  readonly question: string
  readonly slot: Slot
}

/** The last step of a succession: who owns the channels from now on, and where those workers listen for their readers. */
export interface FollowQuestion {
  /** What the app room's owner map is made of. */
  readonly ring: unknown
  /** By the slot of the new owner: a path. */
  readonly paths: readonly string[]
}

/**
 * The first three at any time; `listen` once, when all workers serve: each listens on the addresses that it has itself. The
 * next three are the steps of a stop, in this order (see ARCHITECTURE.md, Stopping). Then the steps of a succession (law 21), in their order, and what goes back to where they began; `depart` is the stop of a node that has a successor. The last one where the process is about to end without one: the worker leaves what it has and serves nothing from then on.
 */
export type Question =
  | 'statistics'
  | RoomQuestion
  | KeyQuestion
  | 'listen'
  | 'drain'
  | 'seal'
  | 'leave'
  | 'depart'
  | 'hold'
  | 'yield'
  | FollowQuestion
  | 'resume'
  | 'salvage'

/** Statistics; a room's report; bytes to keep for the next start; or nothing but that the step is done. */
export type Answer = unknown

/** What a worker may ask the primary: what one room says in every worker, or in one, or how the whole node is. */
export type NodeQuestion = RoomQuestion | KeyQuestion | 'node'

/** The node as a whole, told by the primary. */
export interface NodeReport {
  readonly startedUnixMs: number
  readonly uptimeMs: number
  readonly workersWanted: number
  /** Slots whose worker takes connections. */
  readonly serving: readonly Slot[]
  /** The node is stopping. */
  readonly draining: boolean
  readonly primary: Counts
  /** Workers that answered in time. */
  readonly workers: ReadonlyMap<Slot, WorkerStatistics>
  /** What the app room of the primary says of how the node is joined to others. */
  readonly cluster: unknown
}

export interface LinkEnd {
  readonly slot: Slot
  readonly port: MessagePort
}

export type ToWorker =
  /** Answers `waiting`: what the worker is started with, after all. */
  | { readonly type: 'begin'; readonly app: unknown }
  /** Once, after `booted`: links to all workers that live now. */
  | { readonly type: 'open'; readonly links: readonly LinkEnd[] }
  /** A link to a worker that booted later. */
  | { readonly type: 'link'; readonly link: LinkEnd }
  /** Answers `retiring`: no acceptor hands a connection to this worker any more. */
  | { readonly type: 'removed' }
  | { readonly type: 'ask'; readonly request: number; readonly question: Question }
  /** Answers `gather`: room reports as a list, one room's answer, or the `NodeReport`. */
  | { readonly type: 'gathered'; readonly request: number; readonly answer: unknown }
  /** Leads to the front-end's own thread, in place of an earlier one; undefined: there is none until a room wants it anew. */
  | { readonly type: 'side'; readonly room: string; readonly port: MessagePort | undefined }
  /** What the app room wants its workers to know anew. */
  | { readonly type: 'update'; readonly update: unknown }
  /** Close everything at once and end. */
  | { readonly type: 'stop' }

export type ToPrimary =
  /** It has its code, and nothing to serve yet. */
  | { readonly type: 'waiting' }
  | { readonly type: 'booted'; readonly children: Children }
  /** The engine serves: connections may be handed over. */
  | { readonly type: 'ready' }
  /** The worker's heap, its old generation, has too little room left. */
  | { readonly type: 'full'; readonly heapBytes: number; readonly heapBytesMax: number }
  /** The worker ends, because of a bug. `legacy` is what the next worker in the slot gets, if there is anything. */
  | { readonly type: 'retiring'; readonly error: string; readonly legacy: Uint8Array | undefined }
  | { readonly type: 'answer'; readonly request: number; readonly answer: Answer }
  /** Answered by `gathered` with the same number, which is the worker's own. */
  | { readonly type: 'gather'; readonly request: number; readonly question: NodeQuestion }
  /** The room needs the front-end's own thread. */
  | { readonly type: 'want-side'; readonly room: string }
  /** What the app room wants that of the primary to know. */
  | { readonly type: 'tell'; readonly what: unknown }

/** What a worker is started with. */
export interface WorkerData<App> {
  readonly slot: Slot
  /** Of this worker's own `Vitals`. */
  readonly vitals: SharedArrayBuffer
  /** The worker gives a sign of life at least as often, unless it hangs. */
  readonly beatMs: number
  /** What the app room wants its workers to know. Undefined: it comes by `begin`. */
  app: App
}
