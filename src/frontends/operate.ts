// The admin listener's side of the contract: what operators and applications do with a protocol, at `/v1/<name>/…`, behind the
// rules of that listener. A protocol's own page lists its routes.
import type { Exchange } from '../net/exchange.ts'

/** The declaration of one route. */
export interface OperatorRoute {
  /** Without a slash in front: `clients/{id}/frames`. A name in braces stands for one segment, which may be empty. */
  readonly path: string
  /** Where GET is one of them, HEAD is, too. */
  readonly methods: readonly string[]
}

/** A refusal as a problem of RFC 9457. */
export interface OperatorRefusal {
  readonly status: number
  /** Stable, unlike the texts. */
  readonly code: string
  /** The same for every occurrence, without a point. */
  readonly title: string
  /** A sentence about this one. */
  readonly detail?: string
}

/** One request, whose sender has the secret. It is answered once. */
export interface OperatorCall {
  /** The path of its route, as declared. */
  readonly route: string
  /** By the names in braces, decoded. */
  readonly segments: Readonly<Record<string, string>>
  /** For its method, headers and query; answers made by it lack what every answer of the listener has. */
  readonly exchange: Exchange
  /** Calls `done` with a body that the listener's own bound, or the one that is given, allows; a longer one is refused here. */
  readBody(done: (body: Uint8Array) => void, bytesMax?: number): void
  /** `body` is JSON text; without one the answer is empty. */
  answer(status: number, body?: string): void
  refuse(refusal: OperatorRefusal): void
}
