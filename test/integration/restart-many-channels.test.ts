// Laws 9 and 14 on a real daemon: a restart with more channels than a worker remembers without subscribers. A stop takes
// the subscribers first, and after the next start none is there yet: neither makes a channel one that nobody uses.
import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { variableOf } from '../../src/settings/names.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { numbered, type Streaming, streaming, streamingOf } from '../helpers/protocols/streaming.ts'
import { freePorts } from '../helpers/proxies.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { encodeRequest } from '../helpers/raw-http.ts'
import { ResumingClient } from '../helpers/resuming-client.ts'
import { until } from '../helpers/until.ts'

const channels = Array.from({ length: 300 }, (_, index) => `channel-${index}`)
const idleChannelsMax = 50
const deadlineMs = 120_000

/** A node that can be started again on the same addresses, with what it left. */
interface Node {
  address(protocol: Streaming): string
  start(): Promise<Daemon>
}

async function nodeOf(t: TestContext, workers: number): Promise<Node> {
  const folder = mkdtempSync(join(tmpdir(), 'many-channels-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const ports = await freePorts(streaming.length)
  const addresses = new Map(streaming.map(({ name }, index) => [name, `127.0.0.1:${ports[index]}`]))
  const listens = [...addresses].map(([name, address]) => [variableOf(name, 'listen'), address] as const)
  const environment = {
    RINGCAST_ONLY: [...addresses.keys()].join(','),
    ...Object.fromEntries(listens),
    RINGCAST_STATE_DIR: folder,
    RINGCAST_HISTORY_SIZE: '10',
    RINGCAST_ENGINE_IDLE_CHANNELS_MAX: String(idleChannelsMax),
    RINGCAST_DRAIN_SPREAD_MS: '200',
  }
  const start = async () => {
    const daemon = await startDaemon({ workers, environment })
    t.after(() => daemon.process.kill('SIGKILL'))
    return daemon
  }
  return { address: ({ name }) => addresses.get(name) ?? '', start }
}

/** Protocols take turns. */
function clientsOf(t: TestContext, node: Node): readonly ResumingClient[] {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const clients = channels.map((channel, index) => {
    const protocol = streamingOf(index)
    return new ResumingClient(node.address(protocol), channel, protocol, agent, 250)
  })
  t.after(() => {
    for (const client of clients) client.stop()
    agent.destroy()
  })
  return clients
}

async function publish(node: Node, channel: string, number: number, key?: string): Promise<void> {
  const protocol = streamingOf(number)
  const client = new RawClient(node.address(protocol))
  client.send(encodeRequest(protocol.publication(channel, numbered(number), key)))
  equal((await client.answer()).status, protocol.taken)
  client.leave()
}

/** One message for each channel: its number there, and `by` more. */
async function publishAll(node: Node, by: number, keyed: boolean): Promise<void> {
  for (const [index, channel] of channels.entries()) {
    await publish(node, channel, index + by, keyed ? `key-${index}` : undefined)
  }
}

for (const workers of [1, 3]) {
  const whose = workers === 1 ? 'one worker' : `${workers} workers`
  test(`300 channels of ${whose} that may remember ${idleChannelsMax} idle ones: after a restart none has a gap, and keys are known`, async t => {
    const node = await nodeOf(t, workers)
    const first = await node.start()
    const clients = clientsOf(t, node)
    await until('all clients', () => clients.every(({ connections }) => connections === 1), deadlineMs)
    await publishAll(node, 0, true)
    await until(
      'the first messages',
      () => clients.every(({ received }) => received.length === 1),
      deadlineMs,
    )
    equal(await first.stop(), 0)

    const second = await node.start()
    equal(second.log.find(({ msg }) => msg === 'restored')?.['channels'], channels.length)
    // Names that nobody subscribes to, more than are remembered.
    for (let n = 0; n < 4 * idleChannelsMax; n++) await publish(node, `other-${n}`, n)
    await until('all clients again', () => clients.every(({ connections }) => connections === 2), deadlineMs)
    await publishAll(node, 1_000, true)
    await publishAll(node, 2_000, false)
    await until('the last messages', () => clients.every(({ received }) => received.length > 1), deadlineMs)
    equal(clients.filter(({ gaps }) => gaps > 0).length, 0)
    deepEqual(
      clients.map(({ received }) => received),
      channels.map((_, index) => [index, index + 2_000]),
    )
    equal(await second.stop(), 0)
  })
}
