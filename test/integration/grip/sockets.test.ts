// WebSockets of a whole node, as people have them: a browser in front, a library's WebSocket behind, a client that floods, one that
// does not read, and the node's stop.
import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, Socket } from 'node:net'
import { after, before, describe, type TestContext, test } from 'node:test'
import { isChromiumMissing, startChromium } from '../../helpers/chromium.ts'
import { type GripNode, startGripNode } from '../../helpers/grip/node.ts'
import { SocketClient } from '../../helpers/grip/socket-client.ts'
import { OriginSocket } from '../../helpers/origin-socket.ts'
import { frame, handshake, opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

/** Echoes what it hears, with `e:` in front, and chooses the first subprotocol. */
class Origin {
  readonly ends: OriginSocket[] = []
  readonly #sockets: Socket[] = []
  readonly #server: Server = createServer()

  async begin(): Promise<number> {
    this.#server.on('upgrade', (request, socket) => {
      if (!(socket instanceof Socket)) return
      const { rawHeaders, headers } = request
      const pairs = rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
      )
      const [chosen = ''] = (headers['sec-websocket-protocol'] ?? '').split(',')
      const end = new OriginSocket(socket, pairs, { headers: [['Sec-WebSocket-Protocol', chosen]] })
      socket.on('data', bytes => end.hear(bytes)).on('end', () => socket.end())
      this.ends.push(end)
      this.#sockets.push(socket)
    })
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port // it listens on a port
  }

  get last(): OriginSocket | undefined {
    return this.ends.at(-1)
  }

  /** Without a word. */
  cut(): void {
    this.#sockets.at(-1)?.destroy()
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

const protocols = ['chat', 'other']

const openClient = (t: TestContext, { client }: GripNode, path: string): Promise<SocketClient> =>
  SocketClient.open(t, client, path, path.startsWith('/n/') ? protocols : [])

/** A client that reads nothing behind its 101. */
async function deaf(t: TestContext, { client }: GripNode, path: string): Promise<Socket> {
  const [host = '', port] = client.split(':')
  const socket = connect(Number(port), host)
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  socket.write(handshake(path))
  await once(socket, 'data')
  socket.pause()
  return socket
}

const origin = new Origin()
let node: GripNode
before(async () => {
  const port = await origin.begin()
  node = await startGripNode(`*,path_beg=/n/ 127.0.0.1:${port},sub=implicit\n* test\n`, {
    environment: { RINGCAST_ENGINE_OUTBOX_AGE_MS_MAX: '2000' },
  })
})
after(async () => {
  origin.end()
  await node.stop()
})

const message = (content: string) => ({ 'ws-message': { content } })

describe('a native origin', () => {
  test('is spoken to frame by frame, and what is published comes beside it', async t => {
    const client = await openClient(t, node, '/n/x')
    equal(client.socket.protocol, 'chat')
    client.socket.send('hello')
    await client.gets('e:hello')
    await node.publish('implicit', message('published'))
    await client.gets('e:hello', 'published')
    client.socket.close(4321, 'bye')
    await client.gets('e:hello', 'published', 'close 4321 bye')
    deepEqual(origin.last?.heard, ['text:hello', 'close:4321 bye'])
  })

  test('that goes is told by 1011', async t => {
    const client = await openClient(t, node, '/n/x')
    origin.cut()
    await client.gets('close 1011')
  })

  test('sees the end of a client that goes', async t => {
    const client = await deaf(t, node, '/n/x')
    const end = origin.last
    client.destroy()
    await until('the origin to see it', () => end?.isOver)
    deepEqual(end?.heard, [])
  })
})

describe('a client', () => {
  test('that is a browser reads and speaks', { skip: isChromiumMissing() }, async t => {
    const browser = await startChromium()
    t.after(() => browser.stop())
    const page = await browser.open(`http://${node.client}/`)
    const words = page.evaluate(`new Promise(done => {
      const words = []
      const socket = new WebSocket('ws://${node.client}/n/browser', 'chat')
      socket.onopen = () => socket.send(socket.protocol)
      socket.onmessage = ({ data }) => {
        words.push(data)
        socket.close(4000, 'enough')
      }
      socket.onclose = ({ code, reason, wasClean }) => done([...words, code, reason, wasClean])
    })`)
    deepEqual(await words, ['e:chat', 4000, 'enough', true])
  })

  test('that floods pings and reads nothing is answered within bounds, and nobody waits for it', async t => {
    const flood = await deaf(t, node, '/ws?channel=flooded')
    const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(opcode.ping, 'x'.repeat(125))))
    for (let times = 0; times < 200; times++) flood.write(pings)
    const client = await openClient(t, node, '/ws?channel=beside')
    for (let times = 0; times < 20; times++) {
      client.socket.send(`${times}`)
      await until('its echo', () => client.got.length === times + 1)
    }
  })

  test('that does not read is cut, and the others have every message', async t => {
    const silent = await deaf(t, node, '/ws?channel=busy')
    const client = await openClient(t, node, '/ws?channel=busy')
    const content = 'x'.repeat(100_000)
    let sent = 0
    await until('it to be cut', async () => {
      // More than its kernel keeps for it; then time does the rest.
      if (sent < 200) await node.publish('busy', message(`${sent++} ${content}`))
      return (await node.subscribers('busy')) === 1
    })
    const numbers = () => client.got.map(text => Number.parseInt(text, 10))
    await until('all messages', () => client.got.length === sent)
    deepEqual(
      numbers(),
      Array.from({ length: sent }, (_, at) => at),
    )
    silent.resume()
    await once(silent, 'close')
  })
})

test('a stop closes all with 1012, subscribed to something or not', async t => {
  const own = await startGripNode(`*,path_beg=/n/ 127.0.0.1:${await originPort()}\n* test\n`)
  const clients = [await openClient(t, own, '/n/x'), await openClient(t, own, '/ws?channel=a')]
  await own.stop()
  for (const client of clients) {
    await until('the client to be closed', () => client.got.length > 0)
    match(client.got.join(), /^close 1012 retry=\d+$/)
  }
})

async function originPort(): Promise<number> {
  const second = new Origin()
  after(() => second.end())
  return second.begin()
}
