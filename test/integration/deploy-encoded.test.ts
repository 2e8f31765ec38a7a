// Whoever may listen by a proxy with a configuration that we ship can publish by it in no way: by no spelling of a path, no
// request inside of another one, no WebSocket, and no credential of his own.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import {
  publishesTo,
  requestTo,
  type Sample,
  samples,
  settingsOf,
  startSample,
} from '../helpers/deploy-samples.ts'
import { encodedTargets } from '../helpers/encoded-paths.ts'
import { isMissing } from '../helpers/proxies.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { handshake, opcode, RawWebSocket } from '../helpers/raw-websocket.ts'
import { until } from '../helpers/until.ts'

/** At once. */
const clients = 8

/** The lines by which a sample drops what publishers show: without them its paths alone must hold. */
const drops = /^.*(?:X-Client-|(?:set_header|del-header|unset) Authorization).*\n/gm

/** One node for all tests of a sample, since its start is what takes the time. */
class Behind {
  readonly #sample: Sample
  #daemon: Daemon | undefined
  #shards: readonly number[] = []
  #earlier: Gains = nothing

  constructor(sample: Sample) {
    this.#sample = sample
    before(async () => {
      const settings = await settingsOf(sample)
      this.#shards = settings.shards
      this.#daemon = await startDaemon(settings)
    })
    after(async () => {
      equal(await this.daemon.stop(), 0)
      deepEqual(this.daemon.errors, [])
    })
  }

  get daemon(): Daemon {
    ok(this.#daemon)
    return this.#daemon
  }

  get address(): string {
    return this.daemon.address(this.#sample.protocol)
  }

  /** The proxy, with the sample as it is shipped or changed. */
  async site(t: TestContext, change?: (text: string) => string): Promise<string> {
    this.#earlier = await this.#counts()
    return startSample(t, this.#sample, { address: this.address, shards: this.#shards }, change)
  }

  /** What only who may publish can have, since the proxy began. */
  async gained(): Promise<Gains> {
    const { publications, tokens } = await this.#counts()
    return { publications: publications - this.#earlier.publications, tokens: tokens - this.#earlier.tokens }
  }

  async #counts(): Promise<Gains> {
    const all = await this.daemon.statistics()
    const sum = (room: string, key: string) =>
      all.reduce((total, worker) => total + (worker[room]?.[key] ?? 0), 0)
    return { publications: sum('shard', 'publications'), tokens: sum('pushy', 'tokensMinted') }
  }
}

interface Gains {
  readonly publications: number
  readonly tokens: number
}

const nothing: Gains = { publications: 0, tokens: 0 }

/** The status; undefined: closed without one. */
async function statusOf(address: string, bytes: Buffer): Promise<number | undefined> {
  const client = new RawClient(address).send(bytes)
  await until('an answer or the end', () => client.closed || client.statuses.length > 0)
  client.leave()
  return client.statuses[0]
}

/** What is behind a request has been read when this is answered. */
const goodbye = 'GET /nowhere HTTP/1.1\r\nhost: site\r\nconnection: close\r\n\r\n'

async function firstAndLast(address: string, bytes: Buffer): Promise<number | undefined> {
  const client = new RawClient(address).send(bytes).send(goodbye)
  await client.ended()
  client.leave()
  return client.statuses[0]
}

/** Sends all, and counts the first answers. `ends`: the last request of a connection is one that ends it. */
async function play(t: TestContext, address: string, requests: readonly Buffer[], ends = false) {
  const counts = new Map<string, number>()
  const left = requests.values()
  const one = async () => {
    for (const bytes of left) {
      const status = String(await (ends ? firstAndLast(address, bytes) : statusOf(address, bytes)))
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: clients }, one))
  t.diagnostic([...counts].map(([status, count]) => `${status}: ${count}`).join(', '))
}

/** Requests to what is open, framed so that one reader might take their body for another request. */
function hiding({ open, publish, protocol }: Sample): readonly Buffer[] {
  const method = protocol === 'pinghub' ? 'GET' : 'POST'
  return open.flatMap(path => {
    const target = path.endsWith('/') ? `${path}c` : path
    return publishesTo(publish, protocol).flatMap(publication => {
      const hidden = publication.toString('latin1')
      const rest = `0\r\n\r\n${hidden}`
      const framings: readonly (readonly [Record<string, string>, string])[] = [
        [{}, hidden],
        ...['\xa00', '0\xff', '\xff', '\xff0\x80', '', '+0', '0, 0', '0 '].map(
          value => [{ 'content-length': value }, hidden] as const,
        ),
        ...[`\xa0${hidden.length}`, `${hidden.length}\xff`].map(
          value => [{ 'content-length': value }, hidden] as const,
        ),
        [{ 'Content-Length': '\xff0' }, hidden],
        ...[
          'chunked\xff',
          '\xffchunked',
          'chunked',
          'xchunked',
          '\x0bchunked',
          'identity',
          'chunked, identity',
        ].flatMap(value => [
          [{ 'transfer-encoding': value }, rest] as const,
          [{ 'transfer-encoding': value, 'content-length': '' }, rest] as const,
          [{ 'transfer-encoding': value, 'content-length': '\xff' }, rest] as const,
        ]),
        [{ 'transfer-encoding': 'chunked', 'content-length': '' }, `0\r\n${hidden}`],
        [{ 'transfer-encoding ': 'chunked' }, rest],
        [{ 'transfer-encoding\xff': 'chunked' }, rest],
        [{ ': x\r\ncontent-length': '0' }, hidden],
      ]
      return framings.map(([headers, body]) => {
        const bytes = requestTo(method, target, { 'content-length': String(body.length), ...headers }, body)
        return headers['content-length'] === '' ? withoutLength(bytes) : bytes
      })
    })
  })
}

const withoutLength = (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replace('content-length: \r\n', ''), 'latin1')

for (const sample of samples) {
  const { file, kind, protocol, open, closed, publish, rightly } = sample
  const skip = isMissing(kind)
  describe(`${kind} with deploy/${file}`, { skip }, () => {
    const behind = new Behind(sample)

    test('lets nobody publish by encoded paths', async t => {
      const site = await behind.site(t, text => text.replace(drops, ''))
      equal(await statusOf(site, rightly[0]), rightly[1])
      const targets = encodedTargets(open, closed)
      await play(
        t,
        site,
        targets.flatMap(target => publishesTo(target, protocol)),
      )
      deepEqual(await behind.gained(), nothing)
      // Past the proxy the same requests do publish.
      const past = publishesTo(publish, protocol)
      for (const bytes of past) ok([200, 204].includes((await statusOf(behind.address, bytes)) ?? 0))
      deepEqual(await behind.gained(), { ...nothing, publications: past.length })
    })

    test('lets nobody publish by a request inside of another one', async t => {
      const site = await behind.site(t, text => text.replace(drops, ''))
      await play(t, site, hiding(sample), true)
      deepEqual(await behind.gained(), nothing)
      equal(await statusOf(site, rightly[0]), rightly[1])
    })

    test('lets nobody publish by WebSockets', async t => {
      const site = await behind.site(t)
      let opened = 0
      for (const target of [...open, ...closed, ...open.map(path => `${path}c`)]) {
        const client = new RawClient(site).send(handshake(target))
        await until('an answer or the end', () => client.closed || client.statuses.length > 0)
        if (client.statuses[0] === 101) {
          opened++
          const socket = new RawWebSocket(client)
          socket.send(opcode.text, 'x').send(opcode.binary, 'y').send(opcode.text, '')
          // The empty one is answered once the others were heard.
          equal((await socket.frame(0)).payload.length, 0, target)
        }
        client.leave()
      }
      equal(opened > 0, protocol === 'pinghub', `${opened} were opened`)
      deepEqual(await behind.gained(), nothing)
    })

    test('passes on nothing that publishers show', async t => {
      const heads: IncomingHttpHeaders[] = []
      const port = await record(t, heads)
      const shards = Array<number>((await settingsOf(sample)).workers).fill(port)
      const site = await startSample(t, sample, { address: `127.0.0.1:${port}`, shards })
      const shown = 'authorization: Bearer secret\r\nx-client-id: app\r\nX-CLIENT-Secret: secret\r\n\r\n'
      for (const path of open) {
        const target = path.endsWith('/') ? `${path}c` : path
        await statusOf(site, Buffer.from(`GET ${target} HTTP/1.1\r\nhost: site\r\n${shown}`))
      }
      // A check of health is the proxy's own.
      const passed = heads.filter(({ host }) => host !== 'localhost')
      equal(passed.length, open.length)
      const names = protocol === 'pushy' ? ['x-client-id', 'x-client-secret'] : ['authorization']
      for (const head of passed) for (const name of names) equal(head[name], undefined, name)
      // It is what subscribers show, too, where the protocol has tokens in it.
      if (protocol === 'pushy') for (const head of passed) equal(head.authorization, 'Bearer secret')
    })
  })
}

/** In the node's place, a server that keeps the heads of what it is asked. */
async function record(t: TestContext, heads: IncomingHttpHeaders[]): Promise<number> {
  const server = createServer((request, response) => {
    heads.push(request.headers)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port // a TCP server that listens has one
}

test('the list of targets holds what has led astray', () => {
  const targets = encodedTargets(['/sse', '/channels/'], ['/publish/c'])
  for (const target of [
    '/publish/c%2F..%2F..%2Fsse',
    '/publish/c/../../sse',
    '/channels%2f..%2fpublish%2fc',
  ]) {
    ok(targets.includes(target), target)
  }
})
