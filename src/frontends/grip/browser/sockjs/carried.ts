// A request that began a session, as the worker that owns the session sees it: it may have come to another one. Its answer is the
// session's business.

import type { BareConnection } from '../../../../net/bare-connection.ts'
import type { Framing, GateBody, GateExchange, GateResponse } from '../../../../net/gate/gate-exchange.ts'
import { isNamed, without } from '../../proxy/raw-headers.ts'
import { refusals, type Said } from './words.ts'

/** Plain data, for it crosses threads. */
export interface Carried {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly query: string
  readonly version: '1.0' | '1.1'
  readonly rawHeaders: readonly string[]
  readonly host?: string
  readonly remoteAddress: string
  readonly isTls: boolean
}

/** They say something about the body of the request, and a session has none. */
const ofBody = /^(?:content-length|content-type|transfer-encoding|expect|trailer)$/

export function carriedOf(exchange: GateExchange): Carried {
  const { method, target, path, query, version, rawHeaders, host, remoteAddress, isTls } = exchange
  return {
    method,
    target,
    path,
    query,
    version,
    rawHeaders: without(rawHeaders, lower => ofBody.test(lower)),
    ...(host !== undefined && { host }),
    remoteAddress,
    isTls,
  }
}

const noBody: GateBody = {
  length: 0,
  read: (_onChunk, onEnd) => queueMicrotask(onEnd),
  pause() {},
  resume() {},
}

export class CarriedExchange implements GateExchange {
  readonly method: string
  readonly target: string
  readonly path: string
  readonly query: string
  readonly version: '1.0' | '1.1'
  readonly rawHeaders: readonly string[]
  readonly host: string | undefined
  readonly remoteAddress: string
  readonly isTls: boolean
  readonly wantsSocket = false
  readonly body = noBody
  readonly #refused: (said: Said) => void
  #aborted: () => void = () => {}

  constructor(carried: Carried, refused: (said: Said) => void) {
    this.method = carried.method
    this.target = carried.target
    this.path = carried.path
    this.query = carried.query
    this.version = carried.version
    this.rawHeaders = carried.rawHeaders
    this.host = carried.host
    this.remoteAddress = carried.remoteAddress
    this.isTls = carried.isTls
    this.#refused = refused
  }

  header(name: string): string | undefined {
    const at = this.rawHeaders.findIndex((one, index) => index % 2 === 0 && isNamed(one, name))
    return at < 0 ? undefined : this.rawHeaders[at + 1]
  }

  onAborted(callback: () => void): void {
    this.#aborted = callback
  }

  /** Its client left. */
  leave(): void {
    this.#aborted()
  }

  reply(status: number, reason: string, rawHeaders: readonly string[], body: Uint8Array | string): void {
    this.#refused({ status, reason, rawHeaders, body: Buffer.from(body).toString('latin1') })
  }

  /** Sessions are refused whole. */
  respond(_status: number, _reason: string, _rawHeaders: readonly string[], _framing: Framing): GateResponse {
    throw new Error('a session is not answered in pieces')
  }

  takeSocket(): BareConnection | undefined {
    return undefined
  }

  abort(): void {
    this.#refused(refusals.over)
  }
}
