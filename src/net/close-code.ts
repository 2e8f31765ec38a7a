// Close codes of WebSockets (RFC 6455 section 7.4): which can be sent, how they are counted, and what the library means
// where it closed a connection without one.

/** By class, for statistics. */
export interface CloseCounters {
  /** 1000, 1001, and a close frame without a code. */
  closesNormal: number
  /** 1006: no close frame came. */
  closesLost: number
  /** The client broke a rule: of the protocol, in UTF-8, of size, of ours. */
  closesRefused: number
  /** 1011 to 1014: this end failed, restarts or is overloaded. */
  closesServer: number
  /** 3000 to 4999: codes of libraries and applications. */
  closesPrivate: number
}

export function createCloseCounters(): CloseCounters {
  return { closesNormal: 0, closesLost: 0, closesRefused: 0, closesServer: 0, closesPrivate: 0 }
}

export function countClose(counters: CloseCounters, code: number): void {
  if (code >= 3000) counters.closesPrivate++
  else if (code === 1000 || code === 1001 || code === 1005) counters.closesNormal++
  else if (code === 1006) counters.closesLost++
  else if (code >= 1011) counters.closesServer++
  else counters.closesRefused++
}

/**
 * The code itself where it can be sent (RFC 6455 section 7.4.1, and the registry of close codes), or 1005, for which
 * the library sends a frame without one. All others are a mistake of the caller and become 1011.
 */
export function sendableCode(code: number): number {
  const registered = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014)
  if (Number.isInteger(code) && (registered || (code >= 3000 && code <= 4999))) return code
  return code === 1005 ? 1005 : 1011
}

/** As long as a close frame allows, without half a character: a client must fail on invalid UTF-8. */
export function sendableReason(reason: string): string {
  const bytes = Buffer.from(reason)
  return bytes.length <= reasonBytesMax ? reason : bytes.toString('utf8', 0, reasonLength(bytes))
}

/** So many of the bytes of a reason fit, without half a character. */
export function reasonLength(bytes: Uint8Array): number {
  if (bytes.length <= reasonBytesMax) return bytes.length
  let end = reasonBytesMax
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}

/** A control frame carries 125 bytes, two of them the code. */
const reasonBytesMax = 123

/** How the library says why it dropped a client. It sends no close frame then, and calls all of them 1006. */
const dropped: ReadonlyMap<string, number> = new Map([
  ['Received invalid WebSocket frame', 1002],
  ['Received invalid UTF-8', 1007],
  ['Received too big message', 1009],
  // So it calls 1012 to 1014 and 3000 to 3999 from a client, too, and answers them with an empty close frame.
  ['Received invalid close payload', 1005],
])

/** What a client sent, or why it was dropped: the reason of a drop is the library's, and none of the client's. */
export function readClose(code: number, text: string): { code: number; reason: string } {
  return code === 1006 ? { code: dropped.get(text) ?? 1006, reason: '' } : { code, reason: text }
}
