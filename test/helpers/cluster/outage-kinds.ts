// What may happen to a broker, for rehearsals: each kind by what it does to a Redis that stands alone, and to one partition of a Redis
// Cluster. Every kind ends with a broker that serves.
import { type RedisCluster, startRedisCluster } from '../redis/cluster.ts'
import { promote } from '../redis/pair.ts'
import type { Ending } from '../redis/server.ts'
import { until } from '../until.ts'
import type { Stage } from './outage.ts'
import { failsOver, losesTail, startWithReplica, type WithReplica } from './standalone.ts'

export type OutageKind =
  | 'stopped'
  | 'restarted-empty'
  | 'restarted-from-disk'
  | 'paused'
  | 'slow'
  | 'lost-tail'
  | 'old-one-alone'
  | 'node-cut-off'

export interface Ground {
  readonly name: string
  url(index: number): string
  readonly kinds: Readonly<Partial<Record<OutageKind, (stage: Stage) => Promise<void>>>>
}

/** So long that each publisher was refused several times. */
const refusals = 20
/** One way. */
const slowMs = 40
const aloneMs = 10_000

export async function standaloneGround(t: Ending, nodes: number): Promise<Ground> {
  const pair = await startWithReplica(t, nodes, { appendOnly: true })
  const { redis, relays, url } = pair
  return {
    name: 'redis',
    url,
    kinds: {
      async stopped({ refused }) {
        await redis.stop()
        await refused(refusals)
        await redis.restartFromDisk()
      },
      async 'restarted-empty'({ refused }) {
        await redis.kill()
        await refused(refusals)
        await redis.restartEmpty()
      },
      async 'restarted-from-disk'({ refused }) {
        await redis.kill()
        await refused(refusals)
        await redis.restartFromDisk()
      },
      async paused({ refused }) {
        redis.pause()
        await refused(refusals)
        redis.resume()
      },
      async slow({ more }) {
        for (const relay of relays) relay.delay(slowMs, slowMs)
        await more(500)
        for (const relay of relays) relay.delay(0, 0)
      },
      async 'lost-tail'() {
        await losesTail(pair)
        await failsOver(pair)
      },
      'old-one-alone': stage => oldOneAlone(pair, stage),
      async 'node-cut-off'({ more }) {
        relays.at(-1)?.cut()
        // The other node's publishers alone go on: three times as much is less than what they have.
        await more(200)
        relays.at(-1)?.mend()
      },
    },
  }
}

/** There are two that take writes, and the nodes are with the old one for a while, until it is told. */
async function oldOneAlone(pair: WithReplica, { more }: Stage): Promise<void> {
  pair.replication.cut()
  await promote(pair.replica)
  const from = performance.now()
  await until('the old one to be alone long enough', () => performance.now() - from > aloneMs)
  await more(1)
  await failsOver(pair)
}

export async function clusterGround(t: Ending): Promise<Ground> {
  const cluster = await startRedisCluster(t, { replicas: 1, relayed: true, config: { appendonly: 'yes' } })
  const { partitions, relays } = cluster
  const [partition] = partitions
  const primary = partition?.primary
  const replica = partition?.replicas[0]
  if (primary === undefined || replica === undefined) throw new Error('a cluster without partitions')
  return {
    name: 'redis-cluster',
    url: () => cluster.ports.map(port => `redis://127.0.0.1:${port}`).join(','),
    kinds: {
      async stopped({ refused }) {
        await primary.stop()
        await refused(refusals)
        await primary.restartFromDisk()
        await cluster.whole()
      },
      async 'restarted-empty'({ refused }) {
        // All, or its replica would have what it lacks.
        await Promise.all([primary.kill(), replica.kill()])
        await refused(refusals)
        await Promise.all([primary.restartEmpty(), replica.restartEmpty()])
        await cluster.whole()
      },
      async 'restarted-from-disk'({ refused }) {
        await primary.kill()
        await refused(refusals)
        await primary.restartFromDisk()
        await cluster.whole()
      },
      async paused({ refused }) {
        primary.pause()
        await refused(refusals)
        primary.resume()
        await cluster.whole()
      },
      async slow({ more }) {
        for (const relay of relays) relay.delay(slowMs, slowMs)
        await more(500)
        for (const relay of relays) relay.delay(0, 0)
      },
      'lost-tail': stage => lostTail(cluster, stage),
      async 'node-cut-off'({ nodes, more }) {
        const pid = nodes.at(-1)?.daemon.pid
        for (const relay of relays) relay.cut(pid)
        await more(500)
        for (const relay of relays) relay.mend(pid)
      },
    },
  }
}

/** The replica hears of nothing for a while, and takes the place of the killed primary with what it has. */
async function lostTail({ partitions, relays, whole }: RedisCluster, { more }: Stage): Promise<void> {
  const [partition] = partitions
  const replica = partition?.replicas[0]
  relays[0]?.cut(replica?.pid)
  await more(100)
  await partition?.primary.kill()
  await until('the replica to take its place', async () => (await replica?.role()) === 'master')
  relays[0]?.mend(replica?.pid)
  await partition?.primary.restartFromDisk()
  await whole()
}
