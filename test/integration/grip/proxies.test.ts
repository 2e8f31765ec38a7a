// nginx and HAProxy in front: by the shipped files, and as people configure it who never thought of us, with HTTP/1.0
// towards us.
import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type GripNode, startGripNode, untilHeld } from '../../helpers/grip/node.ts'
import {
  type Proxy as Front,
  isMissing,
  type ProxyKind,
  shipped,
  startNginx,
  startSite,
} from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'

/** Beyond what uWebSockets.js keeps a connection for: 10 s. */
const quietMs = 11_000

/** Long before a poll is over by itself. */
const soonMs = 30_000

interface Given {
  readonly kind: ProxyKind
  readonly text: (node: string) => string
}

/** The file as shipped, but for the node's address. */
const sampleFor = (path: string) => (node: string) => shipped(path).replaceAll('127.0.0.1:7999', node)

const nginx = (node: string) =>
  `server { listen 80;
    location / {
      proxy_pass http://${node}; proxy_set_header Host $host;
      proxy_buffering off; proxy_read_timeout 75s;
    }
  }`

const fronts: Readonly<Record<string, Given>> = {
  'nginx with HTTP/1.0, its default': { kind: 'nginx', text: nginx },
  'deploy/nginx/ringcast-grip.conf': {
    kind: 'nginx',
    text: sampleFor('nginx/ringcast-grip.conf'),
  },
  'deploy/haproxy/ringcast-grip.cfg': {
    kind: 'haproxy',
    text: sampleFor('haproxy/ringcast-grip.cfg'),
  },
}

const origin = createServer(answer)
let node: GripNode

before(async () => {
  origin.listen(0, '127.0.0.1')
  await once(origin, 'listening')
  // Kept by one worker alone, so that its connections can be counted.
  node = await startGripNode(`* 127.0.0.1:${Object(origin.address()).port}\n`, { workers: 1 })
})
after(async () => {
  await node.stop()
  origin.closeAllConnections()
  origin.close()
})

/** `/stream/CHANNEL` and `/poll/CHANNEL` hold; other paths tell what came. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, kind, channel = ''] = request.url?.split('/') ?? []
  if (kind === 'stream' || kind === 'poll') {
    response.setHeader('content-type', 'text/event-stream')
    response.setHeader('grip-hold', kind === 'stream' ? 'stream' : 'response')
    response.setHeader('grip-channel', channel)
    return void response.end(kind === 'stream' ? 'data: open\n\n' : 'nothing\n')
  }
  let size = 0
  request.on('data', piece => {
    size += piece.length
  })
  const { host } = request.headers
  request.on('end', () => response.end(`${request.method} ${request.url} ${host} ${size}\n`))
}

for (const [title, front] of Object.entries(fronts)) {
  describe(title, { skip: isMissing(front.kind), concurrency: true }, () => {
    const scene = { ...front, channel: title.replaceAll(/\W/g, '') }
    playPlain(scene)
    playStreams(scene)
  })
}

// Side by side, for each of them waits.
describe('over a silence of more than ten seconds', { concurrency: true }, () => {
  for (const [title, front] of Object.entries(fronts)) {
    const channel = `${title.replaceAll(/\W/g, '')}-poll`
    test(`${title} answers long-polls on one connection`, { skip: isMissing(front.kind) }, t =>
      playPolls(t, { ...front, channel }),
    )
  }

  test('nginx keeps its connections to us', { skip: isMissing('nginx') }, async t => {
    // Nobody else's connections are counted.
    const own = await startGripNode('* test\n', { workers: 1 })
    t.after(() => own.stop())
    const { address } = await startNginx(t, sampleFor('nginx/ringcast-grip.conf')(own.client))
    const client = clientOf(t, address)
    for (const wait of [0, quietMs, 0]) {
      await new Promise(resolve => setTimeout(resolve, wait))
      equal((await client.send(encodeRequest({ method: 'GET', target: '/' })).answer()).status, 200)
    }
    equal((await own.daemon.statistics(1))[0]?.['net grip']?.['accepted'], 1)
  })
})

interface Scene extends Given {
  readonly channel: string
}

async function startFront(t: TestContext, { kind, text }: Given): Promise<Front> {
  const proxy = await (kind === 'nginx' ? startNginx : siteOf)(t, text(node.client))
  if (kind === 'haproxy') await untilUp(proxy)
  return proxy
}

function playPlain(scene: Scene): void {
  test('passes plain requests, and bodies of megabytes', async t => {
    const { address } = await startFront(t, scene)
    const host = scene.kind === 'nginx' ? 'site' : 'site:8'
    const ask = async (method: string, target: string, body?: Uint8Array) => {
      const client = clientOf(t, address)
      client.send(encodeRequest({ method, target, headers: [['host', 'site:8']], body }))
      const { status, body: said } = await client.answer(method)
      client.leave()
      return [status, String(said)]
    }
    deepEqual(await ask('GET', '/a?b=c%20d'), [200, `GET /a?b=c%20d ${host} 0\n`])
    for (const size of [1, 100_000, 1_000_000]) {
      const expected = [200, `POST /a ${host} ${size}\n`]
      deepEqual(await ask('POST', '/a', Buffer.alloc(size, 'x')), expected)
    }
    deepEqual(await ask('HEAD', '/a'), [200, ''])
  })
}

function playStreams(scene: Scene): void {
  const { kind, channel } = scene
  test('passes each event of a stream at once, and its end', async t => {
    const { address } = await startFront(t, scene)
    const client = clientOf(t, address)
    client.send(encodeRequest({ method: 'GET', target: `/stream/${channel}` }))
    equal((await client.head()).status, 200)
    equal(await event(client), 'data: open\n\n')
    for (let number = 0; number < 20; number++) {
      await node.publish(channel, { 'http-stream': { content: `data: ${number}\n\n` } })
      equal(await event(client), `data: ${number}\n\n`)
    }
    await node.publish(channel, { 'http-stream': { action: 'close' } })
    equal(await event(client), '')
  })

  test('tells us that a client of a hold has left', async t => {
    const { address } = await startFront(t, scene)
    const left = `${channel}-left`
    for (const hold of ['poll', 'stream']) {
      const client = clientOf(t, address)
      client.send(encodeRequest({ method: 'GET', target: `/${hold}/${left}` }))
      await untilHeld(node, left)
      client.leave()
      await until(
        'us to know',
        async () => {
          // HAProxy hears of it only from what it writes to a client of a stream; a keep-alive would do.
          if (kind === 'haproxy' && hold === 'stream')
            await node.publish(left, { 'http-stream': { content: '\n' } })
          return (await node.subscribers(left)) === 0
        },
        soonMs,
      )
    }
  })
}

async function playPolls(t: TestContext, scene: Scene): Promise<void> {
  const { address } = await startFront(t, scene)
  const { channel } = scene
  const client = clientOf(t, address)
  for (const text of ['one', 'two', 'three']) {
    client.send(encodeRequest({ method: 'GET', target: `/poll/${channel}` }))
    await untilHeld(node, channel)
    await node.publish(channel, { 'http-response': { body: `${text}\n` } })
    const { status, body } = await client.answer()
    deepEqual([status, String(body)], [200, `${text}\n`])
    if (text === 'two') await new Promise(resolve => setTimeout(resolve, quietMs))
  }
}

describe('health checks of HAProxy', { skip: isMissing('haproxy') }, () => {
  test('reach the origin, whose absence takes the node out', async t => {
    const seen: string[] = []
    const own = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.end()
    }).listen(0, '127.0.0.1')
    await once(own, 'listening')
    const { port } = Object(own.address())
    const close = () => {
      own.closeAllConnections()
      own.close()
    }
    t.after(close)
    const { client, stop } = await startGripNode(`* 127.0.0.1:${port}\n`)
    t.after(stop)
    // The check itself is as shipped, and comes more often than every two seconds.
    const text = sampleFor('haproxy/ringcast-grip.cfg')(client)
    equal(text.includes(' check '), true)
    const proxy = await siteOf(t, text.replace(' check ', ' check inter 100ms '))
    await untilUp(proxy)
    await until('a check', () => seen.includes('OPTIONS /'))
    close()
    await until('it to be taken out', async () => (await statusAt(proxy)) === 503)
    own.listen(port, '127.0.0.1')
    await untilUp(proxy)
  })

  test('that ask for * are refused, as by the original', async t => {
    const client = clientOf(t, node.client).send('OPTIONS * HTTP/1.0\r\n\r\n')
    equal((await client.answer('OPTIONS')).status, 502)
  })
})

const siteOf = (t: TestContext, text: string): Promise<Front> => startSite(t, 'haproxy', text)

async function statusAt({ address }: Front): Promise<number> {
  const response = await fetch(`http://${address}/`)
  await response.arrayBuffer()
  return response.status
}

async function untilUp(proxy: Front): Promise<void> {
  await until('the node to be taken in', async () => (await statusAt(proxy)) === 200)
}

function clientOf(t: TestContext, address: string): RawClient {
  const client = new RawClient(address)
  t.after(() => client.leave())
  return client
}

/** The next one of a chunked body; empty behind the last. */
const event = async (client: RawClient): Promise<string> => String((await client.chunk()) ?? '')
