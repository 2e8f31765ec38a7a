// Ends that a client cannot hear at once, or does not wait for.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { startDaemon } from '../../helpers/daemon.ts'
import { clientIdOf, Tracker, WireClient } from '../../helpers/pushwire/wire-client.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { handshake, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

const one = { workers: 1, environment: { RINGCAST_ONLY: 'pushwire', RINGCAST_PUSHWIRE_CHANNELS: '[]' } }

test('a client that reads nothing and is replaced finds the goodbye and the code behind what it was sent', async t => {
  const daemon = await startDaemon(one)
  t.after(() => daemon.process.kill('SIGKILL'))
  const address = daemon.address('pushwire')
  const slow = await new RawWebSocket(new RawClient(address)).open(handshake('/rps'))
  const auth = { op: 'auth', client_id: clientIdOf(1), capabilities: ['chat'] }
  slow.send(opcode.text, JSON.stringify({ channel: 'system', payload: auth }))
  await slow.frame(0)
  slow.client.pause()
  const tracker = new Tracker()
  const publisher = new WireClient(address, 'socket', {
    clientId: clientIdOf(2),
    channels: ['chat'],
    tracker,
  })
  await until('the publisher to be let in', () => publisher.isLive)
  const payload = 'x'.repeat(100_000)
  // Until its socket is full, whatever the kernel keeps for it.
  await until('it to be behind', async () => {
    for (let left = 20; left > 0; left--)
      publisher.send({ channel: 'chat', payload: `${payload}${left}${Math.random()}` })
    const [worker] = await daemon.statistics()
    return (worker?.['hub']?.['parked'] ?? 0) > 0
  })
  const newer = new WireClient(address, 'stream', {
    clientId: clientIdOf(1),
    channels: ['chat'],
    tracker: new Tracker(),
  })
  await until('the newer one to be let in', () => newer.isLive)
  await until('the older one to be ended', async () => {
    const [worker] = await daemon.statistics()
    return worker?.['pushwire']?.['ended.replaced'] === 1
  })
  slow.client.resume()
  const end = await slow.closed()
  equal(end?.[0], 4_409)
  const last = slow.frames.filter(({ code }) => code === opcode.text).at(-1)
  deepEqual(JSON.parse(last?.payload.toString() ?? '').payload, { op: 'goodbye', reason: 'replaced' })
  ok(!newer.isClosed)
  newer.leave()
  publisher.leave()
  equal(await daemon.stop(), 0)
})

test('streams whose clients do not wait for their beginning give back their places', async t => {
  const daemon = await startDaemon({ ...one, workers: 3 })
  t.after(() => daemon.process.kill('SIGKILL'))
  for (let number = 0; number < 60; number++) {
    const client = new RawClient(daemon.address('pushwire'))
    client.send(`GET /rps/sse?client_id=${clientIdOf(number)}&channels=chat,demo HTTP/1.1\r\nhost: t\r\n\r\n`)
    await client.connected()
    if (number % 2 === 0) await new Promise(resolve => setImmediate(resolve))
    client.leave()
  }
  await until('nothing to be left', async () => {
    const workers = await daemon.statistics()
    const requests = workers.reduce((sum, worker) => sum + Number(worker['net pushwire']?.['requests']), 0)
    return (
      requests === 60 &&
      workers.every(
        ({ pushwire, hub }) =>
          pushwire?.['places'] === 0 && pushwire['sessions'] === 0 && hub?.['subscribers'] === 0,
      )
    )
  })
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})
