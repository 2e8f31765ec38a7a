// An origin of WebSockets over HTTP that says back what it is told, joins its clients to a channel, and closes when it is asked to.
import { once } from 'node:events'
import { createServer } from 'node:http'

export interface EchoOrigin {
  /** `host:port`. */
  readonly address: string
  /** Events that clients' ends came by, in order. */
  readonly ends: readonly string[]
  /** Serves this text for GET. */
  serve(path: string, type: string, text: string): void
  stop(): void
}

/** Clients of a session hear what is published there. */
export const echoChannel = 'echo'

export async function startEchoOrigin(): Promise<EchoOrigin> {
  const ends: string[] = []
  const pages = new Map<string, { readonly type: string; readonly text: string }>()
  const server = createServer((request, response) => {
    const page = pages.get(request.url ?? '')
    if (request.method === 'GET' && page !== undefined) {
      return void response.writeHead(200, { 'content-type': page.type }).end(page.text)
    }
    const pieces: Buffer[] = []
    request.on('data', piece => pieces.push(piece))
    request.on('end', () => {
      response.setHeader('content-type', 'application/websocket-events')
      response.setHeader('sec-websocket-extensions', 'grip; message-prefix=""')
      const answers = eventsOf(Buffer.concat(pieces)).map(event => answerTo(event, ends))
      response.end(Buffer.concat(answers))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${Object(server.address()).port}`,
    ends,
    serve: (path, type, text) => void pages.set(path, { type, text }),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Event {
  readonly type: string
  readonly content: Buffer | undefined
}

function answerTo({ type, content }: Event, ends: string[]): Buffer {
  const text = content?.toString() ?? ''
  if (type === 'OPEN') {
    const order = { type: 'subscribe', channel: echoChannel }
    return Buffer.from(`OPEN\r\n${textEvent(`c:${JSON.stringify(order)}`)}`)
  }
  if (type === 'CLOSE' || type === 'DISCONNECT') {
    ends.push(type)
    return Buffer.from(type === 'CLOSE' ? 'CLOSE\r\n' : '')
  }
  if (text === 'close me') return Buffer.from('CLOSE 5\r\n\u000b\u00b9bye\r\n', 'latin1')
  return Buffer.from(type === 'TEXT' ? textEvent(`echo ${text}`) : '')
}

function textEvent(text: string): string {
  return `TEXT ${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

function eventsOf(body: Buffer): readonly Event[] {
  const events: Event[] = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at)
    const [type = '', size] = body.toString('latin1', at, end).split(' ')
    at = end + 2
    const content = size === undefined ? undefined : body.subarray(at, at + Number.parseInt(size, 16))
    if (content !== undefined) at += content.length + 2
    events.push({ type, content })
  }
  return events
}
