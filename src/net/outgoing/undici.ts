// Loads the client of undici and declares what this project uses of it, the undocumented part included. Nobody else
// imports it. It is one file of the package, not its index: without `fetch`, caches and mocks a worker needs 6 MB less and
// starts in half the time (48 against 115 ms, 22 against 28 MB). Loaded when it is first needed, so that a node that asks no
// origin never pays for it.
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** What is called back for one request. The older of the library's two interfaces: the younger tells no end of a request. */
export interface Handler {
  /** The request is about to be written to a connection. */
  onConnect(abort: (error?: Error) => void): void
  /** The request has been handed to the socket, with its body. */
  onRequestSent(): void
  /** The first byte of an answer is there, a 1xx included. */
  onResponseStarted(): void
  /** False pauses. Comes for each 1xx, too, except 100, which fails. */
  onHeaders(status: number, rawHeaders: readonly Buffer[], resume: () => void, reason: string): boolean
  /** False pauses. */
  onData(piece: Buffer): boolean
  onComplete(): void
  onError(error: Error): void
}

export interface DispatchOptions {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  readonly body: Uint8Array | Readable | null
}

export type Connected = (error: Error | null, socket: Socket | null) => void

export interface ClientOptions {
  readonly pipelining: number
  readonly connect: (options: unknown, done: Connected) => void
  readonly headersTimeout: number
  readonly bodyTimeout: number
  readonly keepAliveTimeout: number
  readonly keepAliveMaxTimeout: number
  readonly maxHeaderSize: number
}

/** One connection at a time, and the requests that wait for it. */
export interface Client {
  /** Calls `onError` before it returns where the request is none; false where it takes no more before `drain`. */
  dispatch(options: DispatchOptions, handler: Handler): boolean
  destroy(error: Error | null, done: () => void): void
  on(name: 'drain' | 'disconnect' | 'connectionError', told: () => void): this
}

export type ClientClass = new (origin: string, options: ClientOptions) => Client

export async function loadClient(): Promise<ClientClass> {
  const { default: Client } = await import('undici/lib/dispatcher/client.js')
  return Client as ClientClass // the file has no types of its own
}
