// The protocols whose subscriptions are streams: tests of the house take them in turn, and stand on none of them.
import { type ClientRequest, type RequestOptions, request } from 'node:http'
import type { RequestParts } from '../raw-http.ts'
import { protocols } from './ground.ts'
import type { Streams } from './protocol.ts'

export interface Streaming extends Streams {
  /** As in the registry. */
  readonly name: string
}

export const streaming: readonly Streaming[] = protocols.flatMap(({ name, streams }) =>
  streams === undefined ? [] : [{ name, ...streams }],
)

/** Each gets its share of whatever is counted. */
export function streamingOf(turn: number): Streaming {
  const protocol = streaming[turn % streaming.length]
  if (protocol === undefined) throw new Error('no protocol of the registry has streams')
  return protocol
}

/** Settings by which the streams of all have a heartbeat so often. */
export function heartbeats(ms: number): Readonly<Record<string, string>> {
  return Object.assign({}, ...streaming.map(protocol => protocol.heartbeats(ms)))
}

/** Each publication of tests with numbers carries one, however it is rendered. */
export function numbered(number: number, filler = ''): string {
  return `{"n":${number}${filler === '' ? '' : `,"x":"${filler}"`}}`
}

export function numberIn(text: string): number {
  return Number(/^\{"n":(\d+)/.exec(text)?.[1])
}

/** By node's own client; the body is left to the caller. */
export function requestBy(
  address: string,
  { method, target, headers = [] }: RequestParts,
  options: RequestOptions,
): ClientRequest {
  const [host, port] = address.split(':')
  return request({ ...options, host, port, path: target, method, headers: Object.fromEntries(headers) })
}
