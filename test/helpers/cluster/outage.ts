// An outage rehearsed with whole nodes: publishers that repeat what was refused, subscribers of every protocol with streams on every
// node, and something that happens to the broker meanwhile. What they saw goes to the judge.
import { deepEqual } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { streaming } from '../protocols/streaming.ts'
import { until } from '../until.ts'
import { judge, type Rules } from './judge.ts'
import { type ClusterNode, type NodesOptions, startNodes } from './nodes.ts'
import { adminDoor, type Door, NumberedPublisher, protocolDoor } from './numbered-publisher.ts'
import { RecordingSubscriber } from './recording-subscriber.ts'

export interface OutageOptions extends NodesOptions, Partial<Rules> {
  /** Published in all, by one publisher at each node to each channel. */
  readonly messages: number
  readonly channels?: number
  readonly everyMs?: number
  /** Whoever loses its connection comes back at the next node, and what one node refuses the next is asked for. */
  readonly roaming?: boolean
  /** Happens when a quarter is acknowledged. The nodes are there, in their order. */
  happens(stage: Stage): Promise<void>
}

export interface Stage {
  readonly nodes: readonly ClusterNode[]
  readonly publishers: readonly NumberedPublisher[]
  readonly subscribers: readonly RecordingSubscriber[]
  /** Acknowledged so far. */
  acknowledged(): number
  /** So many more are acknowledged, or all: on a slow machine what happens may take longer than publishing. */
  more(count: number): Promise<void>
  /** So many more answers refuse. */
  refused(count: number): Promise<void>
}

export interface OutageReport {
  /** By subscriber: publications, and gaps. */
  readonly delivered: readonly number[]
  readonly gaps: readonly number[]
  /** The longest time in which a publisher got nothing through. */
  readonly pauseMs: number
  readonly refusals: Readonly<Record<string, number>>
  readonly reconnects: number
}

/** Ends what hangs: thousands of publications take a minute where many other programs run. */
const patienceMs = 300_000

/** Publications are kept as long as any run takes. */
const environment = {
  RINGCAST_HISTORY_SIZE: '20000',
  RINGCAST_HISTORY_BYTES_MAX: '67108864',
  RINGCAST_DRAIN_SPREAD_MS: '0',
}

export async function rehearse(t: TestContext, options: OutageOptions): Promise<OutageReport> {
  const { messages, channels = 2, everyMs = 8, historyHoldsAll = true, renumbers = false } = options
  const clients: { stop(): void }[] = []
  // In front of what stops the nodes: whoever comes back at once would hold up a node that drains.
  t.after(() => clients.forEach(client => void client.stop()))
  const nodes = await startNodes(t, { ...options, environment: { ...environment, ...options.environment } })
  const names = Array.from({ length: channels }, (_, index) => `outage-${index}`)
  const subscribers = names.flatMap(channel =>
    nodes.flatMap((_, index) => subscribersAt(around(nodes, index, options), channel)),
  )
  clients.push(...subscribers)
  await until('all subscribers to be there', () => subscribers.every(({ connections }) => connections > 0))
  const each = Math.ceil(messages / (nodes.length * channels))
  const publishers = nodes.flatMap((node, index) =>
    names.map((channel, own) => {
      const doors = around(nodes, index, options).flatMap(each => doorsAt(each, index + own))
      return new NumberedPublisher({ name: `${node.name}${own}-`, channel, count: each, everyMs, doors })
    }),
  )
  clients.push(...publishers)
  const acknowledged = () => publishers.reduce((sum, publisher) => sum + publisher.acknowledged.size, 0)
  const more = async (count: number) => {
    const aim = Math.min(acknowledged() + count, each * publishers.length)
    await until(`${count} more publications`, () => acknowledged() >= aim, patienceMs)
  }
  const refusals = () => publishers.reduce((sum, publisher) => sum + publisher.refusedCount, 0)
  const refused = async (count: number) => {
    const aim = refusals() + count
    await until(`${count} more refusals`, () => refusals() >= aim)
  }
  const running = Promise.all(publishers.map(publisher => publisher.run()))
  const happening = more(messages / 4).then(() =>
    options.happens({ nodes, publishers, subscribers, acknowledged, more, refused }),
  )
  await Promise.all([running, happening])
  await allThere(subscribers, publishers)
  const violations = judge(subscribers, publishers, { historyHoldsAll, renumbers })
  deepEqual(violations, [])
  return report(subscribers, publishers)
}

/** The node, and those to which its clients go from there. */
function around(nodes: readonly ClusterNode[], index: number, { roaming }: OutageOptions): ClusterNode[] {
  return roaming === true ? [...nodes.slice(index), ...nodes.slice(0, index)] : nodes.slice(index, index + 1)
}

function subscribersAt(nodes: readonly ClusterNode[], channel: string): RecordingSubscriber[] {
  return streaming.map(protocol => {
    const address = (turn: number) => nodes[turn % nodes.length]?.daemon.address(protocol.name) ?? ''
    const name = `${protocol.name} at ${nodes[0]?.name}`
    return new RecordingSubscriber({ name, channel, protocol, address })
  })
}

/** The door of operators first, or that of a protocol: whoever is refused takes the next one. */
function doorsAt({ daemon }: ClusterNode, turn: number): Door[] {
  const doors = [
    adminDoor(daemon.address('admin')),
    ...streaming.map(protocol => protocolDoor(daemon.address(protocol.name), protocol)),
  ]
  return [...doors.slice(turn % doors.length), ...doors.slice(0, turn % doors.length)]
}

/** The last publication comes behind everything that happened, so that nobody waits for what is lost. */
async function allThere(
  subscribers: readonly RecordingSubscriber[],
  publishers: readonly NumberedPublisher[],
): Promise<void> {
  const lacking = () =>
    subscribers.flatMap(({ name, channel, reached }) => {
      const own = publishers.filter(publisher => publisher.channel === channel)
      const lacked = own.filter(publisher => (reached.get(publisher.name) ?? 0) < publisher.count)
      return lacked.map(
        publisher => `${name} of ${channel} has ${publisher.name}${reached.get(publisher.name) ?? 0}`,
      )
    })
  const has = () => lacking().length === 0
  await until('every subscriber to have the last publications', has, patienceMs).catch(error => {
    throw new Error(`${error.message}: ${lacking().join('; ')}`)
  })
}

function report(
  subscribers: readonly RecordingSubscriber[],
  publishers: readonly NumberedPublisher[],
): OutageReport {
  const refusals: Record<string, number> = {}
  for (const [refusal, count] of publishers.flatMap(publisher => [...publisher.refusals])) {
    refusals[refusal] = count + (refusals[refusal] ?? 0)
  }
  return {
    delivered: subscribers.map(subscriber => subscriber.count('delivery')),
    gaps: subscribers.map(subscriber => subscriber.count('gap')),
    pauseMs: Math.round(Math.max(...publishers.map(({ pauseMs }) => pauseMs))),
    refusals,
    reconnects: subscribers.reduce((sum, { connections }) => sum + connections - 1, 0),
  }
}
