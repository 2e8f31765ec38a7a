// What is odd about TLS itself, at the public door (issue 15): handshakes that are junk, never end or come in pieces, renegotiation
// without an end, and who leaves half. Each costs its sender, and a healthy client is served meanwhile.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { clientHello } from '../../helpers/client-hello.ts'
import { type GripStage, startGrip } from '../../helpers/grip-stage.ts'
import { RawClient, type TlsPlace } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

const mega = 1_000_000
const never = 3_600_000

interface TlsScene {
  readonly stage: GripStage
  readonly origin: RawOrigin
  readonly place: TlsPlace
  /** A client that knows nothing of TLS. */
  knock(bytes: string | Uint8Array): RawClient
  count(name: string): Promise<number>
}

async function openScene(t: TestContext): Promise<TlsScene> {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1, isTls: true })
  const { place } = stage
  if (typeof place === 'string' || !('ca' in place)) throw new Error('no door over TLS')
  const { host, port } = place
  return {
    stage,
    origin,
    place,
    knock(bytes) {
      const client = new RawClient({ host, port })
      t.after(() => client.leave())
      return client.send(bytes)
    },
    count: async name => Number((await stage.daemon.statistics())[0]?.['net grip']?.[name]),
  }
}

async function isServed({ stage }: TlsScene): Promise<void> {
  const client = stage.get('/plain')
  equal((await client.answer()).status, 200)
  client.leave()
}

async function endWell({ stage: { daemon } }: TlsScene): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

const none = async (scene: TlsScene) =>
  until('all connections to be gone', async () => (await scene.count('connections')) === 0)

test('handshakes that never end are bounded, and hold up nobody', async t => {
  const scene = await openScene(t)
  await isServed(scene)
  const before = scene.stage.residentBytes()
  const hello = clientHello()
  const begun = ['', hello.subarray(0, 3), hello.subarray(0, 200), hello]
  const clients = Array.from({ length: 400 }, (_, n) => scene.knock(begun[n % begun.length] ?? ''))
  await until('all to be there', async () => (await scene.count('connections')) >= clients.length)
  for (let count = 0; count < 20; count++) await isServed(scene)
  const grown = Math.round((scene.stage.residentBytes() - before) / mega)
  t.diagnostic(`${clients.length} handshakes: grown by ${grown} MB`)
  ok(grown < 100)
  // Half of them leave in the middle of it, and half only stop to send.
  for (const [n, client] of clients.entries()) client[n % 8 < 4 ? 'leave' : 'endSending']()
  await none(scene)
  await endWell(scene)
})

test('what is no handshake is closed, whatever it is', async t => {
  const scene = await openScene(t)
  const hello = clientHello()
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(hello)
    bytes[at] = value
    return bytes
  }
  const junk = [
    encodeRequest({ method: 'GET', target: '/' }),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n',
    // SSL 2.0.
    Buffer.concat([Buffer.from('802e0100020015000000100100800200800300800400', 'hex'), Buffer.alloc(26)]),
    // A record longer than there may be, of a kind that there is not, of an older version; a message of another length.
    Buffer.concat([Buffer.from('160301ffff', 'hex'), randomBytes(66_000)]),
    changed(0, 99),
    changed(1, 2),
    changed(5, 99),
    changed(6, 255),
    Buffer.from('150301000202280a', 'hex'),
    Buffer.concat([hello, Buffer.from('GET / HTTP/1.1\r\nHost: t\r\n\r\n')]),
    Buffer.concat([hello, hello]),
  ]
  const random = Array.from({ length: 60 }, () => {
    const bytes = Buffer.from(hello)
    for (const [at, value] of randomBytes(8).entries()) bytes[(at * 199 + value) % bytes.length] = value
    return bytes
  })
  for (const bytes of junk) {
    const client = scene.knock(bytes)
    await client.ended()
    equal(/HTTP/.test(client.text), false, 'nothing is said in the clear')
  }
  equal(await scene.count('handshakesFailed'), junk.length)
  // Some of these are handshakes that others may go on with: they end with their client.
  const clients = random.map(bytes => scene.knock(bytes))
  await isServed(scene)
  for (const client of clients) client.leave()
  await none(scene)
  deepEqual(
    scene.origin.requests.filter(({ line }) => !line.includes('/plain')),
    [],
  )
  await endWell(scene)
})

test('who negotiates again and again is cut, and others are not', async t => {
  const scene = await openScene(t)
  const socket = connectTls({ ...scene.place, maxVersion: 'TLSv1.2' })
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  const closed = new Promise(resolve => socket.once('close', resolve))
  let done = 0
  const again = () => {
    socket.renegotiate({ rejectUnauthorized: false }, error => {
      if (error !== null || ++done > 100) socket.destroy()
      else again()
    })
  }
  again()
  await closed
  t.diagnostic(`${done} negotiations`)
  ok(done < 10)
  await isServed(scene)
  await none(scene)
  await endWell(scene)
})

test('who says that it has ended is gone, by an alert or without one', async t => {
  const scene = await openScene(t)
  const { origin, stage } = scene
  const held = 'HTTP/1.1 200 OK\r\nGrip-Hold: stream\r\nGrip-Channel: c\r\nContent-Length: 5\r\n\r\nopen\n'
  origin.script({ path: '/stream', answers: [{ pieces: [held] }] })
  origin.script({ path: '/never', answers: [{ pieces: [''], delayMs: never }] })
  for (const [round, leave] of (['endSending', 'leave'] as const).entries()) {
    const [stream, asking] = [stage.get('/stream'), stage.get('/never')]
    await stream.received('open\n')
    await until('the other to be asked for', async () => (await stage.count('asking')) === 1)
    await until('the origin to have it', () => origin.received('/never').length === round + 1)
    for (const client of [stream, asking]) client[leave]()
    await until(
      'both to be gone',
      async () => (await stage.count('holds')) + (await stage.count('asking')) === 0,
    )
    await none(scene)
  }
  await until('the calls to be given up', () =>
    origin.received('/never').every(({ leftAtMs }) => leftAtMs !== undefined),
  )
  await endWell(scene)
})

test('a request in records of one byte is one request', async t => {
  const scene = await openScene(t)
  const body = randomBytes(4_000)
  const request = encodeRequest({ method: 'POST', target: '/pieces', body })
  const clients = await Promise.all(Array.from({ length: 10 }, () => scene.stage.connect().connected()))
  for (const client of clients) for (const byte of request) client.send(Buffer.of(byte))
  for (const client of clients) equal((await client.answer('POST')).status, 200)
  const received = scene.origin.received('/pieces')
  equal(received.length, clients.length)
  for (const each of received) deepEqual(each.body, body)
  await endWell(scene)
})
