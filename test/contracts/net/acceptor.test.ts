// An acceptor listens exclusively, hands connections over in turn, and serves nothing itself.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type Acceptor, type AcceptorOptions, openAcceptor } from '../../../src/net/acceptor.ts'
import { openServer, type Server } from '../../../src/net/server.ts'
import { loadUws } from '../../../src/net/uws.ts'
import type { Address } from '../../../src/std/address.ts'
import { openTestNet } from '../../helpers/net.ts'
import { freePort } from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const request = 'GET / HTTP/1.1\r\nhost: t\r\n\r\n'

async function open(
  t: TestContext,
  wanted: Address = { host: '127.0.0.1', port: 0 },
  options: AcceptorOptions = {},
): Promise<Acceptor> {
  const acceptor = openAcceptor(await loadUws(), wanted, options)
  ok(typeof acceptor !== 'string')
  t.after(() => acceptor.close())
  return acceptor
}

async function openNamed(t: TestContext, name: string): Promise<Server> {
  const server = openServer(await openTestNet(), exchange =>
    exchange.reply({ status: 200, body: `by ${name}` }),
  )
  t.after(() => server.close())
  return server
}

/** Who served a fresh connection. */
async function ask({ address }: Acceptor): Promise<string> {
  const client = new RawClient(address).send(request)
  await client.answers(1)
  client.leave()
  return /by (\w+)/.exec(client.text)?.[1] ?? String(client.statuses[0])
}

describe('acceptor', () => {
  test('tells the port it was given', async t => {
    const acceptor = await open(t)
    equal(acceptor.address.host, '127.0.0.1')
    ok(acceptor.address.port > 0)
  })

  test('a second one on the port is refused, in this process too', async t => {
    const acceptor = await open(t)
    equal(openAcceptor(await loadUws(), acceptor.address), 'the address is in use or not allowed')
  })

  test('an address that is not of this machine is refused', async () => {
    equal(typeof openAcceptor(await loadUws(), { host: '192.0.2.1', port: 0 }), 'string')
  })

  test('a closed one frees its port', async t => {
    const { address, close } = await open(t)
    close()
    const again = openAcceptor(await loadUws(), address)
    ok(typeof again !== 'string')
    again.close()
  })

  test('that pauses refuses connections, and listens on the same port again', async t => {
    const path = `${mkdtempSync(join(tmpdir(), 'acceptor-'))}/a.sock`
    t.after(() => rmSync(dirname(path), { recursive: true }))
    for (const wanted of [
      { host: '127.0.0.1', port: await freePort() },
      { host: '', port: 0, path },
    ]) {
      const acceptor = await open(t, wanted)
      acceptor.add((await openNamed(t, 'a')).descriptor)
      acceptor.pause()
      acceptor.pause()
      const refused = new RawClient(acceptor.address)
      await refused.ended()
      equal(refused.failure, 'ECONNREFUSED')
      deepEqual([acceptor.listen(), acceptor.listen()], [undefined, undefined])
      equal(await ask(acceptor), 'a')
    }
  })

  test('that pauses says so where another took its port meanwhile', async t => {
    const acceptor = await open(t, { host: '127.0.0.1', port: await freePort() })
    acceptor.pause()
    const other = await open(t, acceptor.address)
    equal(acceptor.listen(), 'the address is in use or not allowed')
    other.close()
    equal(acceptor.listen(), undefined)
  })

  test('that pauses keeps a port that the kernel chose, which nobody knows yet', async t => {
    const acceptor = await open(t)
    acceptor.pause()
    equal(typeof openAcceptor(await loadUws(), acceptor.address), 'string')
    equal(acceptor.listen(), undefined)
  })

  test('without children it lets requests wait, and cuts each without an answer once a child is there', async t => {
    const acceptor = await open(t)
    const clients = [new RawClient(acceptor.address), new RawClient(acceptor.address)]
    for (const client of clients) client.send(request)
    await until('both to wait', () => acceptor.counters.waiting === 2)
    const gone = new RawClient(acceptor.address).send(request)
    await until('a third', () => acceptor.counters.waiting === 3)
    gone.leave()
    await until('it to be gone', () => acceptor.counters.waiting === 2)
    acceptor.add((await openNamed(t, 'a')).descriptor)
    equal(acceptor.counters.waiting, 0)
    for (const client of clients) {
      await client.ended()
      deepEqual([client.text, client.failure], ['', undefined])
    }
    equal(await ask(acceptor), 'a')
  })

  test('cuts who connected before there was a child and asks after, for its connection stays here', async t => {
    const acceptor = await open(t, undefined, { unserved: () => ({ status: 503 }) })
    const client = new RawClient(acceptor.address)
    // Connections are accepted in order: once the second is answered, the first is here.
    const later = new RawClient(acceptor.address).send(request)
    await later.answers(1)
    acceptor.add((await openNamed(t, 'a')).descriptor)
    await client.send(request).ended()
    deepEqual([client.text, acceptor.counters.waiting], ['', 0])
    equal(await ask(acceptor), 'a')
  })

  test('lets so many requests wait as it may, and cuts one more at once', async t => {
    const acceptor = await open(t, undefined, { waitingMax: 2 })
    const clients = [new RawClient(acceptor.address), new RawClient(acceptor.address)]
    for (const client of clients) client.send(request)
    await until('both to wait', () => acceptor.counters.waiting === 2)
    const third = new RawClient(acceptor.address).send(request)
    await third.ended()
    deepEqual([third.text, acceptor.counters.waiting, acceptor.counters.waitingExceeded], ['', 2, 1])
    deepEqual(
      clients.map(({ closed }) => closed),
      [false, false],
    )
    for (const client of clients) client.leave()
  })

  test('that closes cuts what waits', async t => {
    const acceptor = await open(t)
    const client = new RawClient(acceptor.address).send(request)
    await until('it to wait', () => acceptor.counters.waiting === 1)
    acceptor.close()
    await client.ended()
    equal(client.text, '')
  })

  test('without children it answers what it was told to answer, and closes', async t => {
    const acceptor = await open(t, undefined, {
      unserved: path => (path === '/health' ? { status: 503, body: 'not yet' } : undefined),
    })
    const client = new RawClient(acceptor.address).send(request.replace('/', '/health'))
    await client.ended()
    match(client.text, /^HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*\r\n\r\nnot yet$/)
    const head = new RawClient(acceptor.address).send(request.replace('GET /', 'HEAD /health'))
    await head.ended()
    match(head.text, /^HTTP\/1\.1 503 [\s\S]*\r\n\r\n$/)
  })

  test('connections go round robin over three children, exactly', async t => {
    const acceptor = await open(t)
    const servers = await Promise.all(['a', 'b', 'c'].map(name => openNamed(t, name)))
    for (const server of servers) acceptor.add(server.descriptor)
    const order: string[] = []
    for (let i = 0; i < 30; i++) order.push(await ask(acceptor))
    const turn = order.slice(0, 3)
    deepEqual([...turn].sort(), ['a', 'b', 'c'])
    deepEqual(
      order,
      Array.from({ length: 30 }, (_, i) => turn[i % 3]),
    )
  })

  test('a child added twice counts once; a removed one gets nothing more, and its connections stay', async t => {
    const acceptor = await open(t)
    const [a, b] = [await openNamed(t, 'a'), await openNamed(t, 'b')]
    acceptor.add(a.descriptor)
    acceptor.add(a.descriptor)
    acceptor.add(b.descriptor)
    const kept = [new RawClient(acceptor.address), new RawClient(acceptor.address)]
    for (const client of kept) await client.send(request).answers(1)
    acceptor.remove(a.descriptor)
    acceptor.remove(a.descriptor)
    for (let i = 0; i < 4; i++) equal(await ask(acceptor), 'b')
    for (const client of kept) await client.send(request).answers(2)
    deepEqual(kept.map(client => /by (\w)/.exec(client.text)?.[1]).sort(), ['a', 'b'])
    acceptor.remove(b.descriptor)
    const last = new RawClient(acceptor.address).send(request)
    await until('it to wait', () => acceptor.counters.waiting === 1)
    acceptor.add(a.descriptor)
    await last.ended()
    deepEqual(last.statuses, [])
    for (const client of kept) client.leave()
  })
})

describe('server', () => {
  test('counts its connections', async t => {
    const served = await serve(t, exchange => exchange.reply({ status: 204 }))
    const client = served.connect()
    await until('one connection', () => served.server.connections() === 1)
    client.leave()
    await until('no connection', () => served.server.connections() === 0)
  })

  test('closing it closes every connection, pending and held ones too', async t => {
    const gone: string[] = []
    const served = await serve(t, exchange => {
      exchange.onAborted(() => gone.push('pending'))
      if (exchange.path === '/held') {
        const consumer = { drained() {}, closed: () => void gone.push('held') }
        exchange.hold({ status: 200 }, Buffer.from('first'), consumer)
      }
    })
    const clients = ['/held', '/pending'].map(path => served.connect().send(request.replace('/', path)))
    await clients[0]?.received('first')
    await until('both requests', () => served.server.counters.requests === 2)
    clients.push(served.connect())
    await until('three connections', () => served.server.connections() === 3)
    served.server.close()
    deepEqual(gone.sort(), ['held', 'pending'])
    for (const client of clients) await client.ended()
    equal(served.server.connections(), 0)
  })

  test('what arrives after it closed is cut at its first request, or by a second call', async t => {
    let handled = 0
    const served = await serve(t, () => handled++)
    served.server.close()
    const client = served.connect().send(request)
    await client.ended()
    deepEqual([client.statuses, handled], [[], 0])
    const late = served.connect()
    await until('the late connection', () => served.server.connections() === 1)
    served.server.close()
    await late.ended()
  })
})
