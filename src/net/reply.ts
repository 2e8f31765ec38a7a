// Answers as the library takes them.
import { statusLineOf } from './status-lines.ts'
import type { Response } from './uws.ts'

export interface Reply {
  readonly status: number
  /** Names in lower case. Never content-length, date or transfer-encoding: the library writes them. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** What `HEAD` is told of a body that nobody makes for it. */
  readonly bodyBytes?: number
  /** The connection ends behind the answer. */
  readonly close?: true
}

/** Inside a cork. `method` is the one of the request: `HEAD` gets the length of the body that it leaves out. */
export function writeReply(response: Response, method: string, reply: Reply, close: boolean): void {
  writeHead(response, reply)
  const body = reply.body ?? ''
  if (method === 'HEAD') endWithoutBody(response, reply.bodyBytes ?? Buffer.byteLength(body), close)
  else if (reply.status === 204 || reply.status === 304) endWithoutBody(response, undefined, close)
  else response.end(body, close)
}

/**
 * README, rule 9: the library's length argument leaves the connection stuck unless it is 0, `undefined` for it is
 * sent as a huge number, and there is no close without it.
 */
function endWithoutBody(response: Response, length: number | undefined, close: boolean): void {
  if (close) response.endWithoutBody(0, true)
  else if (length === undefined) response.endWithoutBody()
  else response.writeHeader('content-length', String(length)).endWithoutBody()
}

export function writeHead(response: Response, { status, headers }: Reply): void {
  response.writeStatus(statusLineOf(status))
  for (const name in headers) response.writeHeader(name, headers[name] ?? '')
}
