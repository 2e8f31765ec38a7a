// The head of a request, copied out of the library's before that is taken back.
import type { Request } from './uws.ts'

/** RFC 9110 section 5.6.2. The library takes anything for a method, so what follows a body may look like a request. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Lists that may come in several lines (RFC 9110 section 5.3). Of other headers the first line counts. */
const listed = /^(?:connection|upgrade|content-length|sec-websocket-protocol)$/

export interface Head {
  /** Name, value, name, value: there are few, and a map for each request costs more than looking through them. */
  readonly headers: readonly string[]
  /** The body has the length that was announced; `chunked`: its pieces are the client's; `none`: nothing said so. */
  readonly framing: 'none' | 'length' | 'chunked'
  /** As the length says; 0 where it says nothing. */
  readonly bytesToCome: number
  /** Framed in a way that the library cannot be trusted with (README, rule 8). */
  readonly isSuspect: boolean
}

/** Of a request that is over. */
export const noHead: Head = { headers: [], framing: 'none', bytesToCome: 0, isSuspect: false }

export function readHead(request: Request, method: string): Head {
  const headers: string[] = []
  let lengths = 0
  let bytesToCome = 0
  let isChunked = false
  request.forEach((name, value) => {
    // An empty one is none, yet the library takes it for one (RFC 9112 section 6.3).
    if (name === 'content-length') {
      lengths += value === '' ? 2 : 1
      bytesToCome = Math.max(bytesToCome, Number(value))
    } else if (name === 'transfer-encoding') isChunked = true
    const at = indexOfName(headers, name)
    if (at < 0) headers.push(name, value)
    else if (listed.test(name)) headers[at + 1] += `, ${value}`
  })
  const bodyWithoutLength = lengths === 0 && (method === 'POST' || method === 'PUT' || method === 'PATCH')
  const isToken = method === 'POST' || method === 'GET' || token.test(method)
  return {
    headers,
    framing: isChunked ? 'chunked' : bytesToCome > 0 ? 'length' : 'none',
    bytesToCome,
    isSuspect: isChunked || lengths > 1 || bodyWithoutLength || !isToken,
  }
}

/** Of names and values in turn; below 0: there is none of the name. */
export function indexOfName(headers: readonly string[], name: string): number {
  for (let at = 0; at < headers.length; at += 2) if (headers[at] === name) return at
  return -1
}
