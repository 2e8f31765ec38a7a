// The metrics port against the running daemon: six lines for whoever connects, over all workers, whatever they send.
import { deepEqual, equal, match } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Daemon, launch, startDaemon } from '../../helpers/daemon.ts'
import { joinPath, messagesOf, Publisher } from '../../helpers/pinghub/clients.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { opcode } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

const alone = { RINGCAST_ONLY: 'pinghub' }

async function metricsOf(daemon: Daemon, said = ''): Promise<string> {
  const client = new RawClient(daemon.address('pinghub metrics'))
  return (await client.send(said).ended()).toString('latin1')
}

/** The period of the meters, which begins when their port is there. */
const tickMs = 5_000
const timesMax = 10

/** A daemon with three clients, to which all was said before the first tick. A machine that was too slow says nothing. */
async function startInTime(t: TestContext) {
  for (let times = 1; times <= timesMax; times++) {
    const daemon = await startDaemon({ workers: 3, environment: alone })
    t.after(() => daemon.process.kill('SIGKILL'))
    const address = daemon.address('pinghub')
    // Connections go round the workers: the one channel has clients at several.
    const sockets = [
      await joinPath(address, '/a'),
      await joinPath(address, '/b'),
      await joinPath(address, '/c'),
    ]
    const [talker] = sockets
    for (let count = 0; count < 10; count++) talker?.send(opcode.text, 'x')
    for (let count = 0; count < 5; count++) talker?.send(opcode.text, '')
    const publisher = new Publisher(address)
    for (let count = 0; count < 20; count++) await publisher.post('/a', 'x')
    for (let count = 0; count < 3; count++) await publisher.post('/a', '')
    for (let count = 0; count < 9; count++) await publisher.post('/nowhere', count < 7 ? 'x' : '')
    await messagesOf(sockets[0] ?? (await joinPath(address, '/a')), 35)
    const text = await metricsOf(daemon)
    const start = daemon.log.find(line => line['protocol'] === 'pinghub metrics')
    if (Date.now() - Number(start?.['time']) < tickMs) return { daemon, address, sockets, publisher, text }
    equal(await daemon.stop(), 0)
  }
  throw new Error(`a daemon was not told all within ${tickMs} ms, ${timesMax} times`)
}

/** Pinghub, test table 36, over three workers. */
test('rates are those of the original at its first tick, and gauges count all workers', async t => {
  const { daemon, address, sockets, publisher, text } = await startInTime(t)
  const quiet =
    'drops5m.value 0.000\npostmsgs5m.value 0.000\nsends5m.value 0.000\nwebsocketmsgs5m.value 0.000\n'
  equal(text, `channels.value 3\n${quiet}websockets.value 3\n`)
  const late = [await joinPath(address, '/a'), await joinPath(address, '/a')]
  const ticked = await until('the first tick', async () => {
    const text = await metricsOf(daemon, 'GET / HTTP/1.1\r\n\r\n')
    return text.includes('postmsgs5m.value 0.000') ? undefined : text
  })
  equal(
    ticked,
    'channels.value 3\ndrops5m.value 1.800\npostmsgs5m.value 6.400\nsends5m.value 7.000\nwebsocketmsgs5m.value 2.000\nwebsockets.value 5\n',
  )
  for (const { client } of [...sockets, ...late]) client.leave()
  await until('all to be gone', async () =>
    /^channels.value 0\n[\s\S]*websockets.value 0\n$/.test(await metricsOf(daemon)),
  )
  publisher.leave()
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})

test('an address in use is told, and the node does not start', async t => {
  const daemon = await startDaemon({ workers: 1, environment: alone })
  t.after(() => daemon.process.kill('SIGKILL'))
  for (const [variable, protocol] of [
    ['RINGCAST_PINGHUB_METRICS_LISTEN', 'pinghub metrics'],
    ['RINGCAST_PINGHUB_LISTEN', 'pinghub'],
  ] as const) {
    const address = daemon.address(protocol)
    const second = launch({ workers: 1, environment: { ...alone, [variable]: address } })
    equal(await second.ended, 1)
    match(second.errors.join('\n'), new RegExp(`pinghub cannot listen on ${address}.*${variable}`))
  }
  equal(await daemon.stop(), 0)
})

test('settings that would let strangers in, or cut every client, refuse to start', async () => {
  for (const [environment, sentence] of [
    [{ RINGCAST_PINGHUB_SUBSCRIBE: undefined }, /RINGCAST_PINGHUB_SUBSCRIBE is required in production/],
    [{ RINGCAST_PINGHUB_PUBLISH: undefined }, /RINGCAST_PINGHUB_PUBLISH is required in production/],
    [{ RINGCAST_PINGHUB_ORIGINS: 'example.com' }, /'example.com', which is no origin/],
    [{ RINGCAST_PINGHUB_PONG_MS: '27000' }, /not longer than RINGCAST_PINGHUB_PING_MS/],
    [{ RINGCAST_PINGHUB_METRICS_LISTEN: 'unix:/tmp/metrics' }, /metrics are told over TCP alone/],
  ] as const) {
    const daemon = launch({ workers: 1, environment: { ...alone, ...environment } })
    equal(await daemon.ended, 1)
    match(daemon.errors.join('\n'), sentence)
  }
})

test('there may be no metrics port', async t => {
  const daemon = await startDaemon({
    workers: 1,
    environment: { ...alone, RINGCAST_PINGHUB_METRICS_LISTEN: 'off' },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  equal(daemon.address('pinghub metrics'), 'undefined')
  equal(await daemon.stop(), 0)
})
