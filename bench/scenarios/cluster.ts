// What does it cost to have two machines? One node alone, beside two nodes over one Redis: published at the one, subscribed at
// the other. 2,000 channels with one subscriber each, once at a pace at which every publish wakes everybody on its way, once
// with publishers that each send again as soon as they are answered, which is the most that holds.
import { joined, missing, solo } from '../cluster/programs.ts'
import type { PartResult } from '../load/crew.ts'
import { payloadTemplate } from '../load/payload.ts'
import type { PublisherPlan } from '../load/publisher.ts'
import { meterCpu } from '../machine.ts'
import type { Column, MakeQuestion, Question, Size } from '../question.ts'
import { publishRequest, streamRequest } from '../requests.ts'
import type { Target } from '../targets.ts'

interface Lengths {
  readonly rate: number
  readonly pacedMs: number
  readonly mostMs: number
  readonly warmMs: number
}

const sizes = {
  full: { rate: 1_000, pacedMs: 5_000, mostMs: 5_000, warmMs: 5_000 },
  quick: { rate: 1_000, pacedMs: 2_000, mostMs: 2_000, warmMs: 3_000 },
  smallest: { rate: 400, pacedMs: 100, mostMs: 50, warmMs: 50 },
} as const satisfies Record<Size, Lengths>

const payloadBytes = 100
const digits = 4
const prefix = 'c'

/** Both divide the number of channels. */
const pacedPublishers = 8
const mostPublishers = 40

const parts = [
  { key: 'most', says: 'most' },
  { key: 'paced', says: 'paced' },
] as const

const columns: readonly Column[] = parts.flatMap(({ key, says }) => [
  { figure: `${key}NodesUs`, head: `${says}: µs CPU of nodes per publish`, digits: 1 },
  { figure: `${key}PublishingUs`, head: 'publishing', digits: 1 },
  { figure: `${key}FollowingUs`, head: 'following', digits: 1 },
  { figure: `${key}BrokerUs`, head: 'broker', digits: 1 },
  { figure: `${key}Rate`, head: 'publishes/s', digits: 0 },
  { figure: `${key}P50Ms`, head: 'p50 ms', digits: 1 },
  { figure: `${key}P99Ms`, head: 'p99 ms', digits: 1 },
  { figure: `${key}Load`, head: 'load', digits: 2 },
])

export const cluster: MakeQuestion = (size, seed) =>
  askOfNodes('cluster', size, seed, size === 'smallest' ? 80 : 2_000)

export function askOfNodes(name: string, size: Size, seed: number, channels: number): Question {
  const { rate, pacedMs, mostMs, warmMs } = sizes[size]
  const counted = `${channels.toLocaleString('en')} channel${channels === 1 ? '' : 's'}`
  return {
    name,
    asks: `What do two nodes cost where one did, with ${counted} of one subscriber each?`,
    parameters: { channels, payloadBytes, rate, pacedPublishers, pacedMs, mostPublishers, mostMs },
    programs: [solo, joined],
    missing,
    crews: 1,
    columns,
    aims: [
      {
        says: `${counted}, the most that holds, two nodes beside one: µs CPU of nodes per publish`,
        program: joined.name,
        figure: 'mostNodesUs',
        base: { program: solo.name, figure: 'mostNodesUs' },
        bound: { atMost: 2 },
      },
    ],
    async round(target, [crew]) {
      const { port } = target
      const names = Array.from(
        { length: channels },
        (_, at) => `${prefix}${String(at).padStart(digits, '0')}`,
      )
      await crew.connect(
        port,
        channels,
        names.map(name => streamRequest(name, port)),
      )
      const most = { publishers: mostPublishers, rate: 0, timed: true }
      const paced = { publishers: pacedPublishers, rate: rate / pacedPublishers, timed: true }
      const planFor = (publishers: number) => planOf(target, names, publishers, seed)
      // How many messages fit into a time, and whose comes first in a channel, is chance: a short part makes the checksum.
      const { content } = await crew.run(planFor(1), { publishers: 1, rate: 50, ms: 200, timed: false })
      await crew.run(planFor(mostPublishers), { ...most, ms: warmMs })
      const pacedMeters = metersOf(target)
      const pacedResult = await crew.run(planFor(pacedPublishers), { ...paced, ms: pacedMs }, pacedMeters)
      const mostMeters = metersOf(target)
      const mostResult = await crew.run(planFor(mostPublishers), { ...most, ms: mostMs }, mostMeters)
      await crew.disconnect()
      return {
        figures: {
          ...figuresOf('most', mostResult, mostMeters),
          ...figuresOf('paced', pacedResult, pacedMeters),
        },
        checksum: content,
      }
    },
  }
}

function planOf(target: Target, names: readonly string[], publishers: number, seed: number): PublisherPlan {
  const [first = ''] = names
  const request = publishRequest(first, target.publishPort, payloadBytes)
  const at = request.head.lastIndexOf(`"${first}"`) + 1 + prefix.length
  return {
    host: '127.0.0.1',
    port: target.publishPort,
    template: payloadTemplate(payloadBytes, seed),
    ...request,
    // One channel may have many publishers; of many each has one.
    ...(names.length > 1 && { names: { channels: names.length, publishers, at, digits } }),
  }
}

interface Meters {
  before(): void
  after(): void
  readonly ms: { readonly publishing: number; readonly following: number; readonly broker: number }
}

/** A node alone publishes and follows: all of its time is told as the publishing node's. */
function metersOf({ pid, beside }: Target): Meters {
  const publishing = meterCpu(pid)
  const following = beside && meterCpu(beside.following)
  const broker = beside && meterCpu(beside.broker)
  const all = [publishing, following, broker].filter(meter => meter !== undefined)
  return {
    before: () => all.forEach(meter => meter.before()),
    after: () => all.forEach(meter => meter.after()),
    get ms() {
      return { publishing: publishing.ms, following: following?.ms ?? 0, broker: broker?.ms ?? 0 }
    },
  }
}

function figuresOf(key: 'most' | 'paced', result: PartResult, { ms }: Meters): Record<string, number> {
  const us = (each: number) => (each * 1_000) / result.published
  return {
    [`${key}NodesUs`]: us(ms.publishing + ms.following),
    [`${key}PublishingUs`]: us(ms.publishing),
    [`${key}FollowingUs`]: us(ms.following),
    [`${key}BrokerUs`]: us(ms.broker),
    [`${key}Rate`]: (result.published / result.wallMs) * 1_000,
    [`${key}P50Ms`]: result.p50Ms,
    [`${key}P99Ms`]: result.p99Ms,
    [`${key}Load`]: result.loadShare,
  }
}
