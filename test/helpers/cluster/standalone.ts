// One Redis, with a replica where a test wants one, and a relay in front of it for each node: what a fail-over does without anybody
// who decides it is done by hand, step by step.
import { demote, inStep, promote } from '../redis/pair.ts'
import { type Ending, type RedisOptions, type RedisServer, startRedis } from '../redis/server.ts'
import { until } from '../until.ts'
import { type Relay, startRelay } from './relay.ts'

export interface Standalone {
  readonly redis: RedisServer
  /** By node. */
  readonly relays: readonly Relay[]
  url(index: number): string
}

export async function startStandalone(t: Ending, nodes = 2, options: RedisOptions = {}): Promise<Standalone> {
  const redis = await startRedis(t, options)
  return { redis, ...(await relaysTo(t, redis, nodes)) }
}

export interface WithReplica extends Standalone {
  readonly replica: RedisServer
  /** Between the two. */
  readonly replication: Relay
}

/** The replica has everything that the other one has. */
export async function startWithReplica(
  t: Ending,
  nodes = 2,
  options: RedisOptions = {},
): Promise<WithReplica> {
  const redis = await startRedis(t, options)
  const replication = await startRelay(t, redis.port)
  const replica = await startRedis(t, { ...options, replicaOf: replication.port })
  await until('the replica to be in step', async () => (await inStep(redis)) === 1)
  return { redis, replica, replication, ...(await relaysTo(t, redis, nodes)) }
}

/** So many bytes that the replica has not are more than one publication. */
const tailBytes = 4_000

/** The replica does not hear of what is written from here on; resolves when it lacks something. */
export async function losesTail({ redis, replica, replication }: WithReplica): Promise<void> {
  // After a restart the other one may have another past yet, whose numbers say nothing of this one's.
  const pastOf = (server: RedisServer) => server.info('replication', 'master_replid')
  await until('the replica to follow', async () => {
    const isUp = (await replica.info('replication', 'master_link_status')) === 'up'
    return isUp && (await pastOf(replica)) === (await pastOf(redis))
  })
  replication.cut()
  const offsetOf = async (server: RedisServer) =>
    Number(await server.info('replication', 'master_repl_offset'))
  await until('a tail that the replica lacks', async () => {
    return (await offsetOf(redis)) > (await offsetOf(replica)) + tailBytes
  })
}

/** The replica takes the place of the other, which becomes its replica; the nodes find it in the same place. */
export async function failsOver({ redis, replica, relays }: WithReplica): Promise<void> {
  for (const relay of relays) relay.cut()
  await promote(replica)
  await demote(redis, replica)
  for (const relay of relays) {
    relay.turnTo(replica.port)
    relay.mend()
  }
}

async function relaysTo(t: Ending, redis: RedisServer, nodes: number) {
  const relays = await Promise.all(Array.from({ length: nodes }, () => startRelay(t, redis.port)))
  return { relays, url: (index: number) => `redis://127.0.0.1:${relays[index]?.port}` }
}
