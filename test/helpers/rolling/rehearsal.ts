// A rolling restart rehearsed: nodes over one Redis behind a proxy, publishers and clients of every protocol at the proxy, and each
// node restarted in turn under load. What clients saw goes to the judge.
import { deepEqual, equal, ok } from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { judge } from '../cluster/judge.ts'
import { NumberedPublisher } from '../cluster/numbered-publisher.ts'
import type { Proxy as Site } from '../proxies.ts'
import { startRedis } from '../redis/server.ts'
import { until } from '../until.ts'
import { type Listener, type RollingNode, startRollingNodes } from './nodes.ts'
import type { Path, Rolling } from './protocol.ts'
import type { ReturningClient } from './returning-client.ts'
import type { Backend } from './sites.ts'

export interface RollingOptions {
  readonly protocols: readonly Rolling[]
  readonly behind: (t: TestContext, backends: readonly Backend[]) => Promise<Site>
  /** Of each protocol. */
  readonly clients: number
  readonly channels: number
  /** Of all publishers together. */
  readonly messagesPerSecond: number
  readonly returnsPerSecond: number
  readonly deadlineMs?: number
  /** Nodes over one Redis if nothing is said. */
  readonly startNodes?: StartNodes
  /** So many times each node is restarted: once if nothing is said. */
  readonly times?: number
}

export type StartNodes = (
  t: TestContext,
  listeners: readonly Listener[],
  environment: Readonly<Record<string, string>>,
) => Promise<readonly RollingNode[]>

export interface RollingReport {
  readonly clients: number
  readonly messages: number
  readonly messagesPerSecond: number
  readonly deliveries: number
  readonly reconnects: number
  readonly longestAbsenceMs: number
  /** By protocol. */
  readonly absences: Readonly<Record<string, number>>
  /** What clients without positions were not there for. */
  readonly missedWhileAway: number
  /** By channel: the longest time in which its publisher got nothing through. */
  readonly pauses: Readonly<Record<string, number>>
  readonly words: Readonly<Record<string, number>>
  readonly refusals: Readonly<Record<string, number>>
}

/** One of so many clients says nothing of where it is, where its protocol leaves that open. */
const plainEvery = 4
const names = ['A', 'B', 'C']

export async function rehearseRolling(t: TestContext, options: RollingOptions): Promise<RollingReport> {
  const endings: (() => void)[] = []
  // In front of what stops the nodes.
  t.after(() => endings.forEach(end => void end()))
  const nodes = await startNodes(t, options)
  const site = await options.behind(t, backendsOf(options, nodes))
  const deadlineMs = options.deadlineMs ?? 60_000

  const clients = options.protocols.flatMap(protocol => clientsOf(protocol, options, site.address))
  endings.push(...clients.map(client => () => client.stop()))
  for (const client of clients) client.connect()
  await everyone(clients, 'to be there', ({ isOpen }) => isOpen, deadlineMs)
  const publishers = options.protocols.flatMap(protocol => publishersOf(protocol, options, site.address))
  endings.push(...publishers.map(publisher => () => publisher.stop()))
  const startedMs = performance.now()
  const running = Promise.all(publishers.map(publisher => publisher.run()))
  // Awaited at the end; until then its failure is no unhandled one.
  running.catch(() => {})
  await hearsMore(clients, publishers, deadlineMs)
  for (const node of Array<typeof nodes>(options.times ?? 1)
    .fill(nodes)
    .flat()) {
    const marks = clients.map(client => markOf(client, publishers))
    await Promise.race([node.restart(), running])
    await everyone(clients, 'to be back', ({ isOpen }) => isOpen, deadlineMs)
    await hearsMore(clients, publishers, deadlineMs)
    for (const mark of marks) assertUpToClose(mark)
  }
  for (const publisher of publishers) publisher.finish()
  await running
  const tookMs = performance.now() - startedMs
  await everyone(clients, 'to have the last', client => client.last >= lastOf(client, publishers), deadlineMs)
  assertNothingLost(clients, publishers)
  for (const end of endings) end()
  return report(clients, publishers, tookMs)
}

function startNodes(
  t: TestContext,
  { protocols, returnsPerSecond, startNodes: start = startOverRedis }: RollingOptions,
): Promise<readonly RollingNode[]> {
  const doors = protocols.flatMap(({ name, paths }) =>
    paths.flatMap(({ door }) => (door === undefined ? [] : [{ name, door }])),
  )
  return start(t, [{ name: 'admin' }, ...protocols.map(({ name }) => ({ name })), ...doors], {
    RINGCAST_ONLY: protocols.map(({ name }) => name).join(),
    // It holds whatever an absence may take.
    RINGCAST_HISTORY_SIZE: '20000',
    RINGCAST_HISTORY_BYTES_MAX: '67108864',
    RINGCAST_RETURNS_PER_SECOND: String(returnsPerSecond),
    ...Object.assign({}, ...protocols.map(({ environment }) => environment)),
  })
}

const startOverRedis: StartNodes = async (t, listeners, environment) => {
  const { port } = await startRedis(t)
  return startRollingNodes(t, {
    names,
    listeners,
    environment: { RINGCAST_CLUSTER_URL: `redis://127.0.0.1:${port}`, ...environment },
  })
}

function backendsOf({ protocols }: RollingOptions, nodes: readonly RollingNode[]): readonly Backend[] {
  const backend = (name: string, { path, isExact = false, door }: Path): Backend => ({
    name: `${name}_${path.replaceAll(/\W/g, '')}`,
    path,
    isExact,
    servers: nodes.map(node => node.address({ name, door })),
  })
  return [
    backend('admin', { path: '/v1/' }),
    ...protocols.flatMap(protocol => backendsFor(protocol, path => backend(protocol.name, path))),
  ]
}

/** A file of nginx has all blocks of its upstream that it has; what it leaves out has a block of its own. */
function backendsFor({ paths, nginx }: Rolling, backend: (path: Path) => Backend): readonly Backend[] {
  return paths.map((path, index) => {
    const made = backend(path)
    return index === 0 && nginx !== undefined ? { ...made, nginx: nginx(made.name) } : made
  })
}

function clientsOf(
  protocol: Rolling,
  { clients, channels }: RollingOptions,
  site: string,
): readonly ReturningClient[] {
  return Array.from({ length: clients }, (_, number) =>
    protocol.client(
      {
        name: `${protocol.name} ${number}`,
        channel: protocol.channel(number % channels),
        site,
        hasPositions: !protocol.hasPlain || number % plainEvery !== 0,
      },
      number,
    ),
  )
}

/** One for each channel, so that its numbers are all that comes there. */
function publishersOf(
  protocol: Rolling,
  { protocols, channels, messagesPerSecond }: RollingOptions,
  site: string,
): readonly NumberedPublisher[] {
  const everyMs = (1_000 * channels * protocols.length) / messagesPerSecond
  return Array.from({ length: channels }, (_, index) => {
    const channel = protocol.channel(index)
    const doors = [protocol.door(site)]
    return new NumberedPublisher({ name: `${channel}-`, channel, count: Infinity, everyMs, doors })
  })
}

async function everyone(
  clients: readonly ReturningClient[],
  what: string,
  isSo: (client: ReturningClient) => boolean,
  deadlineMs: number,
): Promise<void> {
  const isOver = () => clients.every(isSo) || clients.some(({ hasGivenUp }) => hasGivenUp)
  await until(`everybody ${what}`, isOver, deadlineMs).catch(error => {
    const late = clients.filter(client => !isSo(client)).map(textOf)
    throw new Error(`${error.message}; ${late.length} are not: ${late.slice(0, 10).join('; ')}`)
  })
  deepEqual(clients.filter(({ hasGivenUp }) => hasGivenUp).map(textOf), [], 'somebody gave up for good')
}

function textOf({ name, isOpen, last, words }: ReturningClient): string {
  return `${name}: ${isOpen ? 'open' : 'away'}, has ${last}, heard ${words.slice(-3).join(', ')}`
}

/** Everybody hears something that was published from here on. */
function hearsMore(
  clients: readonly ReturningClient[],
  publishers: readonly NumberedPublisher[],
  deadlineMs: number,
): Promise<void> {
  const known = new Map(publishers.map(({ channel, acknowledged }) => [channel, acknowledged.size]))
  return everyone(
    clients,
    'to hear more',
    ({ channel, last }) => last > (known.get(channel) ?? 0) + 1,
    deadlineMs,
  )
}

function lastOf({ channel }: ReturningClient, publishers: readonly NumberedPublisher[]): number {
  return publishers.find(each => each.channel === channel)?.acknowledged.size ?? 0
}

interface Mark {
  readonly client: ReturningClient
  /** Of its life when a node was told to stop. */
  readonly life: number
  /** Acknowledged by then. */
  readonly floor: number
}

function markOf(client: ReturningClient, publishers: readonly NumberedPublisher[]): Mark {
  return { client, life: client.lives.length - 1, floor: lastOf(client, publishers) }
}

/** A life that a stop ended has everything that was acknowledged before. */
function assertUpToClose({ client, life, floor }: Mark): void {
  const last = client.lives[life]?.at(-1) ?? 0
  ok(last >= floor, `${client.name} was sent ${last} before its close, and ${floor} was acknowledged`)
}

function assertNothingLost(
  clients: readonly ReturningClient[],
  publishers: readonly NumberedPublisher[],
): void {
  const counting = clients.filter(({ hasPositions }) => hasPositions)
  deepEqual(judge(counting, publishers, { historyHoldsAll: true, renumbers: false }), [])
  const gaps = counting.filter(({ seen }) => seen.some(({ kind }) => kind === 'gap'))
  deepEqual(gaps.map(textOf), [], 'somebody was told a gap')
  for (const client of counting) {
    const all = client.lives.flat()
    // Nothing is missing and nothing comes twice, whatever the judge forgives.
    equal(
      all.findIndex((number, index) => number !== index + 1),
      -1,
      `${client.name} has ${all}`,
    )
    equal(all.length, lastOf(client, publishers), client.name)
  }
  for (const { name, lives } of clients) {
    for (const life of lives) {
      const from = life[0] ?? 0
      equal(
        life.findIndex((number, index) => number !== from + index),
        -1,
        `${name} has ${life}`,
      )
    }
    const all = lives.flat()
    equal(new Set(all).size, all.length, `${name} was sent something twice`)
  }
  for (const { name, waits } of clients) {
    for (const { toldMs, awayMs } of waits)
      ok(awayMs >= toldMs - 5, `${name}: ${awayMs} ms away, told ${toldMs}`)
  }
}

function report(
  clients: readonly ReturningClient[],
  publishers: readonly NumberedPublisher[],
  tookMs: number,
): RollingReport {
  const messages = publishers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
  const absences: Record<string, number> = {}
  for (const { name, absences: own } of clients) {
    const [protocol = ''] = name.split(' ')
    absences[protocol] = Math.round(Math.max(absences[protocol] ?? 0, ...own))
  }
  const plain = clients.filter(({ hasPositions }) => !hasPositions)
  return {
    clients: clients.length,
    messages,
    messagesPerSecond: Math.round((messages * 1_000) / tookMs),
    deliveries: clients.reduce((sum, { lives }) => sum + lives.flat().length, 0),
    reconnects: clients.reduce((sum, { lives }) => sum + lives.length - 1, 0),
    longestAbsenceMs: Math.max(...Object.values(absences)),
    absences,
    missedWhileAway: plain.reduce((sum, client) => {
      return sum + lastOf(client, publishers) - client.lives.flat().length
    }, 0),
    pauses: Object.fromEntries(publishers.map(({ channel, pauseMs }) => [channel, Math.round(pauseMs)])),
    words: counted(clients.flatMap(({ words }) => words)),
    refusals: Object.fromEntries(publishers.flatMap(({ refusals }) => [...refusals])),
  }
}

function counted(words: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(words, word => word)].map(([word, all]) => [word, all.length]))
}
