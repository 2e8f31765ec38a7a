// A Redis Cluster: primaries that share the slots evenly, each with as many replicas as wanted, and the moving of a slot from one to
// another, step by step as operators' tools do it.
import { type Relay, startRelay } from '../cluster/relay.ts'
import { freePorts } from '../proxies.ts'
import { until } from '../until.ts'
import type { Reply } from './resp.ts'
import { type Ending, type RedisOptions, type RedisServer, startServer } from './server.ts'

export interface ClusterOptions {
  readonly primaries?: number
  /** Of each primary. */
  readonly replicas?: number
  readonly config?: RedisOptions['config']
  /** In front of each member stands a relay, whose address the cluster tells. */
  readonly relayed?: boolean
}

const slotCount = 16_384
const nodeTimeoutMs = 2_000

export interface Partition {
  readonly primary: RedisServer
  readonly replicas: readonly RedisServer[]
  /** As the cluster names the primary. */
  readonly id: string
}

export interface RedisCluster {
  readonly partitions: readonly Partition[]
  readonly servers: readonly RedisServer[]
  /** By server; none where it was not asked for. */
  readonly relays: readonly Relay[]
  /** Where clients find each server, by server. */
  readonly ports: readonly number[]
  /** The partition that had the key's slot at the start. */
  partitionOf(key: string): Promise<Partition>
  /** All that is in the slot, and the slot itself. */
  moveSlot(slot: number, from: Partition, to: Partition): Promise<void>
  /** Every server that runs says that all slots are served. */
  whole(): Promise<void>
}

export async function startRedisCluster(t: Ending, options: ClusterOptions = {}): Promise<RedisCluster> {
  const { primaries = 3, replicas = 0 } = options
  const members = await Promise.all(
    Array.from({ length: primaries * (1 + replicas) }, () => startMember(t, options)),
  )
  const servers = members.map(({ server }) => server)
  const ids = await Promise.all(servers.map(async server => String(await server.call('CLUSTER', 'MYID'))))
  const share = Math.ceil(slotCount / primaries)
  const boundsOf = (index: number) => [index * share, Math.min(slotCount, (index + 1) * share) - 1] as const
  // Distinct from the start: members that meet with the same one would settle it while the test runs.
  await Promise.all(servers.map((server, index) => server.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)))
  await Promise.all(
    servers
      .slice(0, primaries)
      .map((server, index) => server.call('CLUSTER', 'ADDSLOTSRANGE', ...boundsOf(index))),
  )
  const [first] = servers
  for (const server of servers.slice(1))
    await first?.call('CLUSTER', 'MEET', '127.0.0.1', server.port, server.port + 1)
  await until('all members to know each other', () => each(servers, knows(servers.length)))
  await Promise.all(
    servers
      .slice(primaries)
      .map((server, index) => server.call('CLUSTER', 'REPLICATE', ids[index % primaries] ?? '')),
  )
  const partitions = servers.slice(0, primaries).map(
    (primary, index): Partition => ({
      primary,
      id: ids[index] ?? '',
      replicas: servers.slice(primaries).filter((_, own) => own % primaries === index),
    }),
  )
  const cluster: RedisCluster = {
    partitions,
    servers,
    relays: members.flatMap(({ relay }) => relay ?? []),
    ports: members.map(({ server, relay }) => (relay ?? server).port),
    async partitionOf(key) {
      const slot = Number(await first?.call('CLUSTER', 'KEYSLOT', key))
      const found = partitions[Math.floor(slot / share)]
      if (found === undefined) throw new RangeError(`no partition has slot ${slot}`)
      return found
    },
    moveSlot: (slot, from, to) => moveSlot(servers, slot, from, to),
    async whole() {
      await until('the cluster to be whole', () => each(servers, isWhole))
    },
  }
  await until('the replicas to be connected', () =>
    each(servers.slice(primaries), async server => {
      return (await server.info('replication', 'master_link_status')) === 'up'
    }),
  )
  await cluster.whole()
  return cluster
}

interface Member {
  readonly server: RedisServer
  readonly relay: Relay | undefined
}

/** The second port, the next one, is for the members among themselves. */
async function startMember(t: Ending, { config = {}, relayed = false }: ClusterOptions): Promise<Member> {
  const [port = 0] = await freePorts(2)
  const relay = relayed ? await startRelay(t, port) : undefined
  const lines = [
    `port ${port}`,
    `cluster-port ${port + 1}`,
    ...(relay === undefined
      ? []
      : [`cluster-announce-port ${relay.port}`, `cluster-announce-bus-port ${port + 1}`]),
    'save ""',
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    `cluster-node-timeout ${nodeTimeoutMs}`,
    'repl-diskless-sync-delay 0',
    ...Object.entries(config).map(([name, value]) => `${name} ${value}`),
  ]
  return { server: await startServer(t, { program: 'redis-server', port, lines, place: {} }), relay }
}

async function each(
  servers: readonly RedisServer[],
  holds: (server: RedisServer) => Promise<boolean>,
): Promise<boolean> {
  const all = await Promise.all(servers.map(server => (server.running ? holds(server) : true)))
  return all.every(one => one)
}

async function isWhole(server: RedisServer): Promise<boolean> {
  return /cluster_state:ok/.test(String(await server.call('CLUSTER', 'INFO')))
}

function knows(count: number): (server: RedisServer) => Promise<boolean> {
  return async server => {
    const lines = String(await server.call('CLUSTER', 'NODES'))
      .trim()
      .split('\n')
    return lines.length === count && lines.every(line => !/handshake|noaddr|disconnected/.test(line))
  }
}

const pageOfKeys = 100
const migrateMs = 5_000

async function moveSlot(
  servers: readonly RedisServer[],
  slot: number,
  { primary: from, id: fromId }: Partition,
  { primary: to, id: toId }: Partition,
): Promise<void> {
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  for (;;) {
    const keys = await from.call('CLUSTER', 'GETKEYSINSLOT', slot, pageOfKeys)
    const names = Array.isArray(keys) ? keys.map((key: Reply) => String(key)) : []
    if (names.length === 0) break
    await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, migrateMs, 'KEYS', ...names)
  }
  // The one that has it now says so first; what the others are told they would hear by themselves, later.
  const others = servers.filter(server => server !== to && server.running)
  await to.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId)
  for (const server of others) {
    if ((await server.role()) === 'master') {
      await server.call('CLUSTER', 'SETSLOT', slot, 'NODE', toId)
    }
  }
}
