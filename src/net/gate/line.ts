// What a request and its answer need of the connection that they came by.

import type { BareConnection } from '../bare-connection.ts'
import type { Outflow } from './outflow.ts'

export interface Line {
  readonly outflow: Outflow
  readonly remoteAddress: string
  readonly isTls: boolean
  /** Bytes that may wait before the next write cuts. */
  readonly behindBytesMax: number
  /** The answer begins: whether another request may follow it. */
  mayStay(): boolean
  /** From now on `answer` is told what happens to the connection, and its head waits for the end of the turn. */
  begin(answer: Client): void
  /** The answer has ended. */
  ended(closes: boolean): void
  /** Whoever sent the request is not told. `reset`: an orderly end would look like the end of the answer. */
  cut(reset: boolean): void
  /** Too much waits for the client: it is cut, and `lost` is told. */
  cutBehind(): void
  /** Looks again at what came, in a moment. */
  soon(): void
  /** Runs a callback of the front-end's. */
  guarded(run: () => void): void
  handOver(): BareConnection
}

/** Whoever is served by a connection at the moment. */
export interface Client {
  /** The client left. Called once, and nothing behind it. */
  lost(): void
  /** It took what waited. */
  drained(): void
}
