// HTTP/1.1 as it stands on the wire: heads and chunks out of bytes, requests into bytes. Pure; raw-client.ts waits and asks.

/** In the order of the wire, and as often as each stands there. */
export type Headers = readonly (readonly [name: string, value: string])[]

export interface Head {
  /** `HTTP/1.1 200 OK` */
  readonly line: string
  readonly status: number
  /** Names in lower case. */
  readonly headers: Headers
  /** The whole head as it came, without its last empty line. */
  readonly text: string
}

export interface Answer extends Head {
  readonly body: Buffer
}

/** Ends a head. */
export const headEnd = '\r\n\r\n'

export function parseHead(text: string): Head {
  const [line = '', ...fields] = text.split('\r\n')
  const headers = fields.map(field => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const
  })
  return { line, status: Number(line.split(' ')[1]), headers, text }
}

/** Of equal names the last. */
export function headerOf({ headers }: Pick<Head, 'headers'>, name: string): string | undefined {
  return headers.findLast(([each]) => each === name)?.[1]
}

export interface RequestParts {
  readonly method: string
  readonly target: string
  readonly headers?: Headers
  readonly body?: string | Uint8Array | undefined
  /** In place of the body's own length. */
  readonly length?: number
}

/** With a Host where the headers have none, and with the body's length unless it comes in chunks. */
export function encodeRequest({ method, target, headers = [], body, length }: RequestParts): Buffer {
  const content = Buffer.from(body ?? '')
  const has = (name: string) => headers.some(([each]) => each === name)
  const fields = [
    ...(has('host') ? [] : [['host', 't']]),
    ...headers,
    ...(body === undefined || has('transfer-encoding')
      ? []
      : [['content-length', String(length ?? content.length)]]),
  ]
  const lines = [`${method} ${target} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)]
  return Buffer.concat([Buffer.from(lines.join('\r\n') + headEnd, 'latin1'), content])
}

/** Where the data of a chunk stands. */
export interface ChunkPlace {
  /** 0: there is none, and the body is over. */
  readonly size: number
  readonly dataAt: number
}

/**
 * The chunk that begins at `at`; undefined: its size is not there yet. The line end behind a chunk's data comes with the
 * next chunk, for that is when the library writes it. Throws where the framing is broken.
 */
export function chunkAt(bytes: Buffer, at: number, isFirst: boolean): ChunkPlace | undefined {
  const sizeAt = isFirst ? at : at + 2
  const between = bytes.toString('latin1', at, sizeAt)
  if (!'\r\n'.startsWith(between)) throw new Error(`no line end at byte ${at}: ${JSON.stringify(between)}`)
  const lineEnd = bytes.indexOf('\r\n', sizeAt)
  if (lineEnd === -1) return undefined
  const line = bytes.toString('latin1', sizeAt, lineEnd)
  if (!/^[0-9a-f]+$/i.test(line))
    throw new Error(`no chunk size at byte ${sizeAt}: ${JSON.stringify(line.slice(0, 200))}`)
  return { size: Number.parseInt(line, 16), dataAt: lineEnd + 2 }
}

export interface Chunked {
  /** Data of the chunks so far. */
  readonly body: Buffer
  /** The last chunk was seen: the response is complete. */
  readonly complete: boolean
}

/** Takes the chunked framing off one whole response, head included. Throws where the framing is broken. */
export function readChunked(bytes: Buffer): Chunked {
  const parts: Buffer[] = []
  let at = bytes.indexOf(headEnd) + headEnd.length
  if (at < headEnd.length) return { body: Buffer.alloc(0), complete: false }
  for (;;) {
    const place = chunkAt(bytes, at, parts.length === 0)
    if (place === undefined) return { body: Buffer.concat(parts), complete: false }
    const { size, dataAt } = place
    if (size === 0) return { body: Buffer.concat(parts), complete: bytes.length >= dataAt + 2 }
    parts.push(bytes.subarray(dataAt, dataAt + size))
    at = dataAt + size
  }
}
