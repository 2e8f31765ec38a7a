// The opening handshake of a WebSocket, judged by RFC 6455 section 4.2.1: the library itself looks at the length of the
// key alone.

/** As much of an `Exchange` as a handshake is judged by. */
interface Asking {
  readonly method: string
  header(name: string): string | undefined
}

interface Mistake {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** 16 bytes in base64. */
const key = /^[A-Za-z0-9+/]{21}[AQgw]==$/

/** Whether the request asks for a WebSocket, rightly or not. With another method the header means nothing. */
export function asksForSocket(request: Asking): boolean {
  return request.method === 'GET' && lists(request.header('upgrade'), 'websocket')
}

/** The subprotocols that a WebSocket's client offers, the one it likes best first. */
export function protocolsOf(request: Asking): readonly string[] {
  const names = (request.header('sec-websocket-protocol') ?? '').split(',').map(name => name.trim())
  return names.filter(name => name !== '')
}

/** The answer to a faulty handshake; undefined: it is sound. */
export function mistakeOf(request: Asking): Mistake | undefined {
  if (request.header('sec-websocket-version') !== '13') {
    const headers = { upgrade: 'websocket', connection: 'upgrade', 'sec-websocket-version': '13' }
    return { status: 426, headers, body: 'this server speaks version 13 of WebSocket\n' }
  }
  if (!lists(request.header('connection'), 'upgrade')) return badRequest('connection does not list upgrade')
  if (!key.test(request.header('sec-websocket-key') ?? '')) {
    return badRequest('sec-websocket-key is not 16 bytes in base64')
  }
  // The library would take a body for frames.
  const bytes = request.header('content-length') ?? ''
  if (/[^0]/.test(bytes) || request.header('transfer-encoding') !== undefined) {
    return badRequest('the request has a body')
  }
  return undefined
}

function badRequest(why: string): Mistake {
  return {
    status: 400,
    headers: { 'content-type': 'text/plain' },
    body: `this is no handshake of a WebSocket: ${why}\n`,
  }
}

function lists(header: string | undefined, word: string): boolean {
  return header?.split(',').some(part => part.trim().toLowerCase() === word) === true
}
