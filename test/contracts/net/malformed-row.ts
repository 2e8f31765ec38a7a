// A row of the table of malformed input, and what its requests and reactions are made of.

export interface Reaction {
  readonly statuses: readonly number[]
  /** Whether we close the connection after it. */
  readonly closed: boolean
  /** What reached the handler: method, path and body. */
  readonly dispatched: readonly string[]
}

export interface Row {
  readonly name: string
  /** Each is one TCP segment, sent when the one before was read. */
  readonly send: readonly string[]
  readonly reaction: Reaction
  /** A header, and what the handler sees of it. */
  readonly sees?: readonly [name: string, value: string]
}

export const refused = (status: number): Reaction => ({ statuses: [status], closed: true, dispatched: [] })
/** No answer: the connection idles until the timer closes it. */
export const silence: Reaction = { statuses: [], closed: false, dispatched: [] }
export const served = (request: string): Reaction => ({
  statuses: [200],
  closed: false,
  dispatched: [request],
})
export const servedLast = (request: string): Reaction => ({ ...served(request), closed: true })
/** Handled, but a second request behind it made the library close without an answer. */
export const dropped = (request: string): Reaction => ({ statuses: [], closed: true, dispatched: [request] })

export const get = (head = '') => `GET /a HTTP/1.1\r\nhost: t\r\n${head}\r\n`
export const post = (head: string, body = '') => `POST /a HTTP/1.1\r\nhost: t\r\n${head}\r\n${body}`
export const te = 'transfer-encoding: chunked\r\n'
export const chunked = (body: string) => post(te, body)
export const behind = 'GET /behind HTTP/1.1\r\nhost: t\r\n\r\n'
export const hello = 'POST /a hello'
export const line = (text: string) => `${text}\r\nhost: t\r\n\r\n`
