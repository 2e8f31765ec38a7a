// What the thread of ZeroMQ and the room of a worker say to each other: lists of plain data, of which the first element says
// what it is. Drafts cost credit, which comes back as they are handled; everything else is bounded by whoever asks.
import type { PackedDraft } from '../../../engine/words/publication.ts'

/** What of a draft became of nothing: its place in the batch, and why. */
export type Refused = readonly [at: number, reason: string]

/** A message of an application, as the statistics socket sends it (contract §6.8). */
export interface StatisticsItem {
  readonly type: string
  readonly fields: Readonly<Record<string, string | number | boolean>>
}

/** A request for a zhttpreq target. Texts of headers are Latin-1, as on the wire. */
export interface BackendRequest {
  readonly spec: string
  readonly method: string
  readonly uri: string
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
  /** Private addresses must not be called by whoever makes the request for us. */
  readonly isUntrusted: boolean
}

export interface BackendAnswer {
  readonly status: number
  readonly reason: string
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
}

/** `connecting`: nobody took the request, another target may be asked. */
export interface BackendFailure {
  readonly phase: 'connecting' | 'waiting'
  readonly code: string
  readonly message: string
}

export type ToRoom =
  | readonly ['drafts', batch: number, drafts: readonly PackedDraft[]]
  /** Added to what the room counts. */
  | readonly ['counts', counts: Readonly<Record<string, number>>]
  | readonly ['answer', request: number, answer: BackendAnswer]
  | readonly ['failure', request: number, failure: BackendFailure]

export type ToThread =
  | readonly ['handled', batch: number, refused: readonly Refused[]]
  /** `isAll`: those that are not named have nobody. The others: channels with somebody, and those whose last one left, with the time that they are remembered. */
  | readonly [
      'interest',
      isAll: boolean,
      on: readonly string[],
      off: readonly (readonly [channel: string, lingerMs: number])[],
    ]
  | readonly ['statistics', items: readonly StatisticsItem[]]
  /** Targets of the routes in force. */
  | readonly ['backends', specs: readonly string[]]
  | readonly ['request', request: number, asked: BackendRequest]
  | readonly ['abort', request: number]
