// Client modules of the playground, and a server for them that answers always alike.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { TestContext } from 'node:test'
import type { PlayClient, PlayTarget } from '../../src/frontends/play.ts'

/** What one subscription heard, a word and what came with it each. */
export function hear(t: TestContext, client: PlayClient | undefined, target: PlayTarget): string[] {
  const heard: string[] = []
  const leave = client?.subscribe(target, {
    opened: position => heard.push(`opened ${position}`),
    received: (text, position) => heard.push(`${text} ${position}`),
    missed: position => heard.push(`missed ${position}`),
    closed: why => heard.push(`closed ${why}`),
  })
  t.after(() => leave?.())
  return heard
}

interface Place {
  readonly url: string
  asked(): number
}

/** A server whose every answer this is, and which refuses every handshake. */
export async function serve(t: TestContext, status: number, body: Uint8Array | string): Promise<Place> {
  let count = 0
  const server = createServer((_, response) => {
    count++
    response.writeHead(status).end(body)
  })
  server.on('upgrade', (_, socket) => {
    count++
    socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { url: `http://127.0.0.1:${String(Object(server.address()).port)}`, asked: () => count }
}
