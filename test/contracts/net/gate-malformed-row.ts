// A row of the table of what a gate is sent, and what rows are made of.

/** What the rows are written for. */
export const limits = { headBytesMax: 8_192, headersMax: 64, targetBytesMax: 4_096 } as const

export interface GateRow {
  readonly name: string
  /** One character per byte. */
  readonly send: string
  /** The requests that are whole, in order: method, target and, where there is one, body. */
  readonly served: readonly string[]
  /** Method and target of one whose body is broken, or not there yet: its handler has it already. */
  readonly begun?: string
  /** What the gate itself says behind the answers to those, byte for byte; '' where it says nothing. */
  readonly told: string
  /** Whether the gate closes; else it waits for more. Where it says nothing and a body is broken, the connection is cut. */
  readonly closed: boolean
}

function answer(line: string, text: string, headers = ''): string {
  return `${line}\r\nContent-Type: text/plain\r\n${headers}Content-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`
}

const bad = 'HTTP/1.0 400 Bad Request'

/** Contract §4.1. */
export const told = {
  token: answer(bad, 'Failed to parse request: invalid token\n'),
  version: answer(bad, 'Failed to parse request: invalid HTTP version\n'),
  headers: answer(bad, 'Failed to parse request: too many headers\n'),
  length: answer(bad, 'Failed to parse request: invalid content length\n'),
  head: answer(bad, 'Request header size exceeded limit of 8192 bytes.\n'),
  target: answer('HTTP/1.1 500 Internal Server Error', 'Failed to process request.\n'),
  connect: answer(
    'HTTP/1.1 405 Method Not Allowed',
    'Method not allowed.\n',
    'Allow: DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n',
  ),
} as const

export const served = (name: string, send: string, ...requests: readonly string[]): GateRow => ({
  name,
  send,
  served: requests,
  told: '',
  closed: false,
})

/** The connection closes behind the answer. */
export const servedLast = (name: string, send: string, request: string): GateRow => ({
  ...served(name, send, request),
  closed: true,
})

export const waiting = (name: string, send: string): GateRow => served(name, send)

export const refused = (name: string, send: string, text: string): GateRow => ({
  ...served(name, send),
  told: text,
  closed: true,
})

export const torn = (name: string, send: string, begun: string): GateRow => ({
  ...served(name, send),
  begun,
  closed: true,
})
