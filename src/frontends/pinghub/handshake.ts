// The opening handshake as the original judges it: looser than RFC 6455 about whether a WebSocket is meant, then step
// by step, and which step fails decides the answer.

/** As much of an `Exchange` as is judged. */
export interface Asking {
  readonly method: string
  header(name: string): string | undefined
}

export type HandshakeFault = 'handshake-faulty' | 'handshake-method' | 'origin-refused'

/** 16 bytes in base64. */
const key = /^[A-Za-z0-9+/]{21}[AQgw]==$/

/**
 * Anywhere in the headers, whatever stands around it. The original minds the case here, and so answers some sound
 * handshakes with its page.
 */
export function meansSocket(request: Asking): boolean {
  return (
    /upgrade/i.test(request.header('connection') ?? '') && /websocket/i.test(request.header('upgrade') ?? '')
  )
}

/** The first that applies; undefined: the handshake is sound. */
export function faultOf(
  request: Asking,
  allowsOrigin: (origin: string | undefined) => boolean,
): HandshakeFault | undefined {
  if (!lists(request.header('connection'), 'upgrade')) return 'handshake-faulty'
  if (!lists(request.header('upgrade'), 'websocket')) return 'handshake-faulty'
  if (request.method !== 'GET') return 'handshake-method'
  if (!lists(request.header('sec-websocket-version'), '13')) return 'handshake-faulty'
  if (!allowsOrigin(request.header('origin'))) return 'origin-refused'
  if (!key.test(request.header('sec-websocket-key') ?? '')) return 'handshake-faulty'
  // The library would take a body for frames.
  const hasBody = /[^0]/.test(request.header('content-length') ?? '')
  return hasBody || request.header('transfer-encoding') !== undefined ? 'handshake-faulty' : undefined
}

function lists(header: string | undefined, word: string): boolean {
  return header?.split(',').some(part => part.trim().toLowerCase() === word) === true
}
