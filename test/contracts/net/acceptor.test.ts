// An acceptor listens exclusively, hands connections over in turn, and serves nothing itself.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { type Acceptor, openAcceptor } from '../../../src/net/acceptor.ts'
import { openServer, type Server } from '../../../src/net/server.ts'
import { loadUws } from '../../../src/net/uws.ts'
import { openTestNet } from '../../helpers/net.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const request = 'GET / HTTP/1.1\r\nhost: t\r\n\r\n'

async function open(t: TestContext): Promise<Acceptor> {
  const acceptor = openAcceptor(await loadUws(), { host: '127.0.0.1', port: 0 })
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

  test('without children it answers 503 itself and closes', async t => {
    const client = new RawClient((await open(t)).address).send(request)
    await client.ended()
    match(client.text, /^HTTP\/1\.1 503 Service Unavailable\r\n/)
    match(client.text, /\r\nretry-after: 1\r\n/)
  })

  test('a client that leaves before the 503 harms nobody', async t => {
    const acceptor = await open(t)
    for (let i = 0; i < 20; i++) {
      const client = new RawClient(acceptor.address).send(request)
      client.leave()
    }
    equal(await ask(acceptor), '503')
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
    equal(await ask(acceptor), '503')
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

  test('what arrives after it closed is refused, and closed by a second call', async t => {
    let handled = 0
    const served = await serve(t, () => handled++)
    served.server.close()
    const client = served.connect().send(request)
    await client.ended()
    deepEqual([client.statuses, handled], [[503], 0])
    const late = served.connect()
    await until('the late connection', () => served.server.connections() === 1)
    served.server.close()
    await late.ended()
  })
})
