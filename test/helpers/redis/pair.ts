// A primary of Redis with replicas, one of which takes its place when a test says so, or when three Sentinels do.

import { freePort } from '../proxies.ts'
import { until } from '../until.ts'
import { type Ending, type RedisOptions, type RedisServer, startRedis, startServer } from './server.ts'

export interface Replicated {
  readonly primary: RedisServer
  readonly replicas: readonly RedisServer[]
}

/** Everything that the primary has, they have too. */
export async function startReplicated(
  t: Ending,
  replicas = 1,
  options: RedisOptions = {},
): Promise<Replicated> {
  const primary = await startRedis(t, options)
  const started = Array.from({ length: replicas }, () =>
    startRedis(t, { ...options, replicaOf: primary.port }),
  )
  const pair = { primary, replicas: await Promise.all(started) }
  await until('the replicas to be in step', async () => (await inStep(primary)) === replicas)
  return pair
}

/** So many replicas are connected and have everything. */
export async function inStep(primary: RedisServer): Promise<number> {
  const text = String(await primary.call('INFO', 'replication'))
  const offset = /master_repl_offset:(\d+)/.exec(text)?.[1]
  return [...text.matchAll(/^slave\d+:.*state=online,offset=(\d+)/gm)].filter(([, own]) => own === offset)
    .length
}

/** From here on it takes writes, with another past than its primary's. */
export async function promote(replica: RedisServer): Promise<void> {
  await replica.call('REPLICAOF', 'NO', 'ONE')
}

/** What it has had and the primary has not is gone when this resolves. */
export async function demote(server: RedisServer, primary: RedisServer): Promise<void> {
  await server.call('REPLICAOF', '127.0.0.1', primary.port)
  await until('the link to the new primary', async () => {
    return (await server.info('replication', 'master_link_status')) === 'up'
  })
}

export interface Watched extends Replicated {
  /** As the Sentinels call it. */
  readonly name: string
  readonly sentinels: readonly RedisServer[]
  /** Port of the primary that the first Sentinel names now. */
  named(): Promise<number>
}

/** Each of the Sentinels knows the others and the replicas. A primary that is silent for a second is down. */
export async function startWatched(t: Ending, replicas = 2, options: RedisOptions = {}): Promise<Watched> {
  const pair = await startReplicated(t, replicas, options)
  const name = 'ours'
  const sentinels = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const port = await freePort()
      const lines = [
        `port ${port}`,
        `sentinel monitor ${name} 127.0.0.1 ${pair.primary.port} 2`,
        `sentinel down-after-milliseconds ${name} 1000`,
        `sentinel failover-timeout ${name} 10000`,
        ...(options.password === undefined ? [] : [`sentinel auth-pass ${name} ${options.password}`]),
      ]
      return startServer(t, { program: 'redis-sentinel', port, lines, place: {} })
    }),
  )
  await until('the Sentinels to know each other', async () => {
    const views = await Promise.all(sentinels.map(each => viewOf(each, name)))
    return views.every(
      view => view.get('num-other-sentinels') === '2' && view.get('num-slaves') === `${replicas}`,
    )
  })
  return {
    ...pair,
    name,
    sentinels,
    async named() {
      const [first] = sentinels
      const answer = await first?.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)
      return Array.isArray(answer) ? Number(answer[1]) : 0
    },
  }
}

async function viewOf(sentinel: RedisServer, name: string): Promise<ReadonlyMap<string, string>> {
  const fields = await sentinel.call('SENTINEL', 'MASTER', name)
  const words = Array.isArray(fields) ? fields.map(String) : []
  return new Map(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? '']] : [])))
}
