// The playground of GRIP: its client in Node.js over the admin listener, and what else that mount brings to the proxy.
import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { publish, subscribe } from '../../../src/frontends/grip/play.ts'
import type { PlayTarget } from '../../../src/frontends/play.ts'
import type { PlayData } from '../../../src/playground/entry.ts'
import { type Daemon, startDaemon } from '../../helpers/daemon.ts'
import { development } from '../../helpers/development.ts'
import { hear } from '../../helpers/play-clients.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest, headerOf } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'

const size = 5_000_000

let daemon: Daemon
let origin: Server
let admin: string

before(async () => {
  origin = createServer((request, response) => {
    if (request.url === '/big') return void response.end(Buffer.alloc(size, 'x'))
    let length = 0
    request.on('data', piece => {
      length += piece.length
    })
    request.on('end', () => response.end(`${request.method} ${request.url} ${length}\n`))
  }).listen(0, '127.0.0.1')
  await once(origin, 'listening')
  daemon = await startDaemon({
    workers: 2,
    environment: {
      ...development,
      RINGCAST_ONLY: 'grip',
      RINGCAST_GRIP_ROUTES_TEXT: `* test\n*,path_beg=/o/,path_rem=2 127.0.0.1:${Object(origin.address()).port}\n`,
    },
  })
  admin = daemon.address('admin')
})
after(async () => {
  await daemon.stop()
  origin.closeAllConnections()
  origin.close()
})

async function target(channel: string): Promise<PlayTarget> {
  const response = await fetch(`http://${admin}/play/data?channel=${encodeURIComponent(channel)}`)
  const { protocols } = (await response.json()) as PlayData // what the node makes it of
  const { path = '', credentials = {} } = protocols.find(({ name }) => name === 'grip') ?? {}
  return { url: `http://${admin}${path}`, channel, credentials }
}

async function ask(method: string, path: string, body?: string) {
  const { url } = await target('any')
  const client = new RawClient(admin)
  client.send(
    encodeRequest({ method, target: new URL(url + path).pathname, headers: [['host', admin]], body }),
  )
  const answer = await client.answer(method)
  client.leave()
  return answer
}

describe('the playground of GRIP', () => {
  test('its client is told that it is held, hears what is published, and of the end', async t => {
    const place = await target('a/b ☺')
    const client = { subscribe, publish }
    const [one, other] = [hear(t, client, place), hear(t, client, place)]
    await until('both to be held', () => one.length === 1 && other.length === 1)
    deepEqual(await publish(place, '{"n":1}'), { ok: true, status: 200, text: 'Published\n' })
    await until('both to have heard of one', () => one.length === 2 && other.length === 2)
    deepEqual(await publish(place, 'grüß Gott'), { ok: true, status: 200, text: 'Published\n' })
    await until('both to have heard', () => one.length === 3 && other.length === 3)
    const all = ['opened undefined', '{"n":1} undefined', 'grüß Gott undefined']
    deepEqual([one, other], [all, all])
    // Past the playground, at the control address itself.
    const control = daemon.log.find(line => line.msg === 'listening' && line['door'] === 'control')
    const past = await fetch(`http://${control?.['address']}/publish/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${place.credentials['secret']}` },
      body: JSON.stringify({
        items: [{ channel: 'a/b ☺', formats: { 'http-stream': { action: 'close' } } }],
      }),
    })
    equal(past.status, 200)
    await until('the end at both', () => one.length === 4 && other.length === 4)
    equal(one.at(-1), 'closed the server ended the stream')
  })

  test('its mount passes to origins what the proxy would', async () => {
    const get = await ask('GET', '/o/x')
    deepEqual([get.status, String(get.body)], [200, 'GET /x 0\n'])
    const post = await ask('POST', '/o/x', 'y'.repeat(100_000))
    deepEqual([post.status, String(post.body)], [200, 'POST /x 100000\n'])
    const head = await ask('HEAD', '/o/x')
    deepEqual([head.status, head.body.length], [200, 0])
    const big = await ask('GET', '/o/big')
    deepEqual([big.status, big.body.length], [200, size])
    const missing = await ask('GET', '/nothing')
    deepEqual([missing.status, String(missing.body)], [404, 'no such test resource\n'])
    const poll = await ask('GET', '/control/')
    match(String(headerOf(poll, 'content-type')), /^text\/plain/)
  })

  test('pages of others are not let in', async () => {
    const { url } = await target('any')
    const response = await fetch(`${url}/`, { headers: { origin: 'https://evil.example' } })
    equal(response.status, 403)
  })
})
