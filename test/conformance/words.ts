// The words that rows of every protocol are made of: what is sent where, and what must come. A protocol's vocabulary.ts
// makes them, and adds those that only its wire has.
import type { Headers } from '../helpers/raw-http.ts'
import type { Place } from './table.ts'

/** Where a step is sent. */
export interface At {
  readonly at: Place
  /** Whose owner tells the places apart. */
  readonly channel: string
  /** Steps with the same place and the same name share a connection, as long as no subscriber has it. */
  readonly on: string
}

export interface RequestStep extends At {
  readonly kind: 'request'
  readonly method: string
  readonly target: string
  /** Without Host and Content-Length. */
  readonly headers: Headers
  readonly body: string | Uint8Array | undefined
  /** Name of the subscriber that the answer opens. */
  readonly subscriber: string
  /** Bytes that the client says more than it sends; then it ends its half. */
  readonly missing?: number
}

/** Publishes `0`, `1`, … one after the other, each padded to so many bytes. */
export interface SeriesStep extends At {
  readonly kind: 'series'
  readonly target: string
  readonly count: number
  readonly bytes: number
}

export type CommonSend =
  | RequestStep
  /** As they stand, text as Latin-1, in TCP segments of their own where there are several. */
  | (At & { readonly kind: 'bytes'; readonly pieces: readonly string[]; readonly subscriber: string })
  | SeriesStep
  /** `finish`: the client ends its half and reads on. */
  | {
      readonly kind: 'read' | 'pause' | 'resume' | 'leave' | 'finish'
      readonly subscriber: string
    }

export interface ExpectedAnswer {
  readonly kind: 'answer'
  readonly status: number
  /** The whole status line, where it is not the usual one of HTTP/1.1. */
  readonly line?: string
  /** All of them; `*` is any value. */
  readonly headers: Headers
  /** Headers stand in this order. */
  readonly inOrder?: true
  /** It has a length or comes in chunks, which `headers` leave out. */
  readonly anyFraming?: true
  /** Text, or a pattern of the whole. */
  readonly body: string | RegExp
  /** The body may go on behind `body`. */
  readonly prefix?: boolean
  /** The daemon closes the connection behind it, which an answer need not say. */
  readonly closes?: true
  /** The request was a publish that went through. */
  readonly publishes?: true
  /** Makes of the body that came what the row can know of it. */
  readonly mask?: (body: string) => string
}

/** The head of an answer that stays open, and the first chunk behind it where its wire has chunks. */
export interface Opened {
  readonly kind: 'opened'
  readonly answer: ExpectedAnswer
  readonly first?: string
  /** What is subscribed; without it, the channel of the step. */
  readonly channels?: readonly string[]
}

/** The next parts of what a subscriber is sent: frames, events or messages, as its protocol's rows write them. */
export interface Parts {
  readonly kind: 'parts'
  readonly parts: readonly string[]
  /** Heartbeats between them are passed over. */
  readonly amidBeats?: boolean
  /** No sooner than that since the subscriber asked. */
  readonly fromMs?: number
}

/** These parts and heartbeats, then the end: `stays`, with the last chunk, or by closing the connection. */
export interface Ended {
  readonly kind: 'ended'
  readonly parts: readonly string[]
  readonly stays: boolean
  readonly fromMs?: number
}

/** A part of a series from its beginning without a hole, then these parts, then the end of the connection. */
export interface Cut {
  readonly kind: 'cut'
  readonly shorterThan: number
  readonly parts: readonly string[]
}

export type CommonExpect =
  | ExpectedAnswer
  | { readonly kind: 'answers'; readonly answers: readonly ExpectedAnswer[]; readonly publishes: number }
  /** Soon, where something must be noticed first: the request is sent again until then. */
  | { readonly kind: 'eventually'; readonly answer: ExpectedAnswer }
  | Opened
  /** It is read later, as what the subscriber of this step gets. */
  | { readonly kind: 'waits' }
  | Parts
  /** So many heartbeats and nothing else. */
  | { readonly kind: 'beats'; readonly count: number; readonly fromMs?: number }
  /** The whole of a series, amid heartbeats. */
  | { readonly kind: 'series'; readonly count: number }
  /** All publishes of a series are answered with success. */
  | { readonly kind: 'accepted'; readonly count: number }
  | Cut
  | Ended
  /** The connection is closed without an answer, though so many publishes went through. */
  | { readonly kind: 'dropped'; readonly publishes: number }
  /** The daemon closes the connection. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'done' }

/** Every answer has it, and what it says is compared with nothing. */
export const date = ['date', '*'] as const
/** Compared with the body that came. */
export const anyLength = ['content-length', '*'] as const

/** A timer may be early by its own grain. */
export const notBefore = (ms: number): { readonly fromMs: number } => ({ fromMs: ms - 5 })

export const done: CommonExpect = { kind: 'done' }
export const read = (subscriber: string): CommonSend => ({ kind: 'read', subscriber })
export const pause = (subscriber: string): CommonSend => ({ kind: 'pause', subscriber })
export const resume = (subscriber: string): CommonSend => ({ kind: 'resume', subscriber })
export const leave = (subscriber: string): CommonSend => ({ kind: 'leave', subscriber })
