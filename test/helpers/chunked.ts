// Takes the chunked framing off a response, as a client would.

export interface Chunked {
  /** Data of the chunks so far. */
  readonly body: Buffer
  /** The last chunk was seen: the response is complete. */
  readonly complete: boolean
}

/** Of one whole response, head included. Throws where the framing is broken. */
export function readChunked(bytes: Buffer): Chunked {
  const parts: Buffer[] = []
  let at = bytes.indexOf('\r\n\r\n') + 4
  if (at === 3) return { body: Buffer.alloc(0), complete: false }
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) break
    const line = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`no chunk size at byte ${at}: ${JSON.stringify(line)}`)
    const size = Number.parseInt(line, 16)
    const start = lineEnd + 2
    if (size === 0) return { body: Buffer.concat(parts), complete: bytes.length >= start + 2 }
    parts.push(bytes.subarray(start, start + size))
    // The library ends a chunk when it begins the next.
    at = start + size + 2
  }
  return { body: Buffer.concat(parts), complete: false }
}
