// A client of pushwire at two nodes over one Redis: its private streams go with it, it is reached from either node, and one
// connection has its id.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ClusterNode, startNodes } from '../../helpers/cluster/nodes.ts'
import { clientIdOf, Tracker, type Transport, WireClient } from '../../helpers/pushwire/wire-client.ts'
import { type RedisServer, startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const channels = [
  { name: 'system', system: true },
  { name: 'own', scope: 'client' },
  { name: 'all', scope: 'client', handler: 'broadcast' },
]

let redis: RedisServer | undefined
let nodes: readonly ClusterNode[] = []
const clients: WireClient[] = []
const endings: (() => unknown)[] = []

before(async () => {
  const ending = { after: (end: () => unknown) => void endings.push(end) }
  redis = await startRedis(ending)
  nodes = await startNodes(ending, {
    url: `redis://127.0.0.1:${redis.port}`,
    environment: {
      RINGCAST_ONLY: 'pushwire',
      RINGCAST_DRAIN_SPREAD_MS: '0',
      RINGCAST_PUSHWIRE_CHANNELS: JSON.stringify(channels),
    },
  })
})

after(async () => {
  for (const client of clients) client.leave()
  for (const { admin } of nodes) admin.leave()
  // Redis last.
  for (const end of endings.reverse()) await end()
})

function nodeOf(turn: number): ClusterNode {
  const node = nodes[turn % nodes.length]
  ok(node)
  return node
}

async function connect(
  turn: number,
  clientId: string,
  tracker: Tracker,
  transport: Transport = 'socket',
): Promise<WireClient> {
  const coming = { clientId, channels: ['own', 'all'], tracker }
  const client = new WireClient(nodeOf(turn).daemon.address('pushwire'), transport, coming)
  clients.push(client)
  await until('it to be let in', () => client.isLive || client.isClosed)
  ok(client.isLive, `${client.status} ${client.code} ${JSON.stringify(client.said)}`)
  return client
}

async function send(turn: number, clientId: string, payload: unknown): Promise<number> {
  const path = `/v1/pushwire/clients/${clientId}/frames`
  const answer = await nodeOf(turn).admin.ask(path, { method: 'POST', body: { channel: 'own', payload } })
  equal(answer.status, 200, answer.text)
  return answer.json().cursor
}

/** Payloads, in the order in which they came. */
function gotOf({ got }: Tracker): unknown[] {
  return got.map(({ payload }) => payload)
}

for (const [number, transport] of (['socket', 'stream'] as const).entries()) {
  test(`a client goes on at the other node where its private stream was, by ${transport}`, async () => {
    const clientId = clientIdOf(number)
    const tracker = new Tracker()
    const first = await connect(0, clientId, tracker, transport)
    // At the node that does not hold the connection, too.
    const cursor = await send(1, clientId, 1)
    equal(await send(0, clientId, 2), cursor + 1)
    await until('both', () => tracker.got.length === 2)
    first.leave()
    await send(0, clientId, 3)
    await send(1, clientId, 4)
    await connect(1, clientId, tracker, transport)
    await send(0, clientId, 5)
    await until('the rest', () => tracker.got.length === 5)
    deepEqual([gotOf(tracker), tracker.gaps, tracker.faults], [[1, 2, 3, 4, 5], 0, []])
  })
}

test('what a client acknowledged at one node does not come at the other', async () => {
  const clientId = clientIdOf(10)
  const tracker = new Tracker()
  const first = await connect(0, clientId, tracker)
  const cursors = [await send(1, clientId, 1), await send(1, clientId, 2), await send(1, clientId, 3)]
  await until('all three', () => tracker.got.length === 3)
  first.send({ channel: 'system', payload: { op: 'ack', channel: 'own', cursor: cursors[1] } })
  await until('the broker to keep the last one alone', async () => {
    const keys = await redis?.call('KEYS', `*:h:*own*${clientId}`)
    return Array.isArray(keys) && (await redis?.call('XLEN', String(keys[0]))) === 1
  })
  first.leave()
  // From in front of everything: what is not kept is told as a gap.
  const again = new Tracker()
  again.cursors.set('own', (cursors[0] ?? 0) - 1)
  await connect(1, clientId, again)
  await until('the last one', () => again.got.length > 0)
  deepEqual([gotOf(again), again.gaps, again.faults], [[3], 1, []])
})

test('the newest connection of an id stays, at whichever node it is', async () => {
  const clientId = clientIdOf(20)
  const tracker = new Tracker()
  const connections: WireClient[] = []
  for (const turn of [0, 1, 0, 0, 1, 0, 1, 1]) {
    const older = connections.at(-1)
    connections.push(await connect(turn, clientId, tracker))
    await until('the older one to be closed', () => older?.isClosed !== false)
    if (older !== undefined) deepEqual([older.isReplaced, older.code], [true, 4_409])
  }
  await send(0, clientId, 'still there')
  await until('a frame', () => tracker.got.length === 1)
  const last = connections.at(-1)
  deepEqual([last?.isClosed, tracker.faults], [false, []])
})

test('of those that come to both nodes at the same time one stays', async () => {
  const clientId = clientIdOf(21)
  const coming = { clientId, channels: ['own'], tracker: new Tracker() }
  const connections = Array.from({ length: 10 }, (_, turn) => {
    return new WireClient(nodeOf(turn).daemon.address('pushwire'), 'socket', coming)
  })
  clients.push(...connections)
  await until('all others to be replaced', () => connections.filter(each => each.isClosed).length === 9)
  const [left] = connections.filter(each => !each.isClosed)
  await until('it to be let in', () => left?.isLive === true)
  ok(connections.every(each => each === left || each.code === 4_409))
  await send(0, clientId, 1)
  await until('a frame', () => coming.tracker.got.length === 1)
})

test('either node knows of the client, and ends it', async () => {
  const clientId = clientIdOf(22)
  const client = await connect(1, clientId, new Tracker())
  const path = `/v1/pushwire/clients/${clientId}`
  for (const turn of [0, 1]) {
    await until('its connection to be counted', async () => {
      const { status, text } = await nodeOf(turn).admin.ask(path)
      return status === 200 && JSON.parse(text).connections === 1
    })
  }
  equal((await nodeOf(0).admin.ask(path, { method: 'DELETE' })).status, 200)
  await until('it to be closed', () => client.isClosed)
  equal(client.code, 1_008)
  equal((await nodeOf(0).admin.ask(`/v1/pushwire/clients/${clientIdOf(99)}`)).status, 404)
})

async function broadcast(turn: number, payload: unknown): Promise<number> {
  const answer = await nodeOf(turn).admin.ask('/v1/pushwire/broadcast/all', {
    method: 'POST',
    body: { payload },
  })
  equal(answer.status, 200, answer.text)
  return answer.json().clients
}

test('a broadcast in client scope reaches the clients of both nodes once, in order, and counts those of its own', async () => {
  const trackers = Array.from({ length: 12 }, () => new Tracker())
  for (const [turn, tracker] of trackers.entries())
    await connect(turn, clientIdOf(30 + turn), tracker, turn % 3 === 0 ? 'stream' : 'socket')
  const wanted = Array.from({ length: 20 }, (_, n) => `by ${n % 2}: ${n}`)
  // Clients of other tests may be there yet.
  for (const [n, payload] of wanted.entries()) ok((await broadcast(n, payload)) >= 6)
  await until('all to be there', () => trackers.every(({ got }) => got.length >= wanted.length))
  for (const tracker of trackers) {
    deepEqual([tracker.faults, tracker.gaps, tracker.got.length], [[], 0, wanted.length])
    for (const by of ['by 0', 'by 1']) {
      const ofOne = (payload: unknown) => String(payload).startsWith(by)
      deepEqual(gotOf(tracker).filter(ofOne), wanted.filter(ofOne))
    }
  }
})

test('a client hears what another one of the other node broadcasts, and resumes behind it anywhere', async () => {
  const [sender, reader] = [new Tracker(), new Tracker()]
  const sending = await connect(0, clientIdOf(50), sender)
  const first = await connect(1, clientIdOf(51), reader)
  const say = (payload: string) => sending.send({ channel: 'all', payload })
  say('a')
  await until('it to be there', () => reader.got.length === 1 && sender.got.length === 1)
  // An older connection of the id is there yet, at the other node: both give the stream what comes meanwhile.
  const second = await connect(0, clientIdOf(51), reader)
  say('b')
  await until('the older one to be closed', () => first.isClosed)
  say('c')
  await until('all to be there', () => reader.got.length === 3 && sender.got.length === 3)
  second.leave()
  await connect(1, clientIdOf(51), reader)
  say('d')
  await until('the last to be there', () => reader.got.length === 4 && sender.got.length === 4)
  for (const tracker of [sender, reader])
    deepEqual([gotOf(tracker), tracker.faults, tracker.gaps], [['a', 'b', 'c', 'd'], [], 0])
})

test('clients miss no broadcast untold where all nodes were cut off from Redis for a moment', async () => {
  const trackers = [new Tracker(), new Tracker()]
  const readers: WireClient[] = []
  for (const [turn, tracker] of trackers.entries())
    readers.push(await connect(turn, clientIdOf(60 + turn), tracker))
  let sent = 0
  const taken: string[] = []
  const send = async (turn: number) => {
    const payload = `${turn}: ${sent++}`
    const { status } = await nodeOf(turn).admin.ask('/v1/pushwire/broadcast/all', {
      method: 'POST',
      body: { payload },
    })
    if (status === 200) taken.push(payload)
    return status === 200
  }
  for (let n = 0; n < 10; n++) await send(n % 2)
  // All connections of all workers, which come back by themselves.
  await redis?.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await until('both nodes to take them again', async () => {
    const answers = [await send(0), await send(1), await send(0), await send(1)]
    return answers.every(Boolean)
  })
  await until('the last to be there', () => trackers.every(each => gotOf(each).includes(taken.at(-1))))
  for (const [turn, tracker] of trackers.entries()) {
    const missing = taken.filter(payload => !gotOf(tracker).includes(payload))
    const isTold = readers[turn]?.said.some(({ op }) => op === 'resume_required')
    ok(missing.length === 0 || isTold, missing.join())
    deepEqual(tracker.faults, [])
  }
})
