// The carrier over Redis keeps what every carrier must, on real servers: one that stands alone, one behind TLS whose user may do
// what the README lists and nothing else, and a Redis Cluster of three.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Carrier } from '../../../src/cluster/carrier.ts'
import { createAuthority } from '../../helpers/certificates.ts'
import { carrierCases } from '../../helpers/cluster/carrier-cases.ts'
import { playCarrierCase } from '../../helpers/cluster/carrier-scene.ts'
import { redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { startRedisCluster } from '../../helpers/redis/cluster.ts'
import { type RedisServer, startRedis } from '../../helpers/redis/server.ts'

const readme = join(import.meta.dirname, '../../../src/cluster/README.md')

/** The user as the README has it for the prefix `rc`, without its name. */
function userOfReadme(): string {
  const [, rule] = /^user ringcast (on .*)$/m.exec(readFileSync(readme, 'utf8')) ?? []
  if (rule === undefined) throw new Error('the README lists no user')
  return rule
}

async function playAll(
  t: TestContext,
  servers: readonly RedisServer[],
  open: (node: string) => Carrier,
): Promise<void> {
  const stage = {
    open,
    async changeTerm() {
      await Promise.all(servers.map(server => server.stop()))
      await Promise.all(servers.map(server => server.restartFromDisk()))
    },
    async cut() {
      for (const server of servers) await server.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    },
  }
  for (const [index, each] of carrierCases.entries())
    await t.test(each.name, () => playCarrierCase(each, stage, `case${index}`))
}

test('the carrier over one Redis server', async t => {
  const redis = await startRedis(t, { appendOnly: true })
  await playAll(t, [redis], node => redisCarrier({ ports: [redis.port], node }))
})

test('the carrier over TLS, as a user that may do what is needed and nothing else', async t => {
  const authority = createAuthority(t)
  const { certPath, keyPath } = authority.issue('IP:127.0.0.1')
  const caFile = join(dirname(certPath), 'authority.pem')
  writeFileSync(caFile, authority.cert)
  const redis = await startRedis(t, {
    appendOnly: true,
    tls: { certPath, keyPath, ca: authority.cert },
    users: [`app ${userOfReadme().replace('PASSWORD', 'open-sesame')}`],
  })
  const url = [`rediss://127.0.0.1:${redis.port}`]
  const user = { username: 'app', password: ['open-sesame'], caFile }
  await playAll(t, [redis], node => redisCarrier({ url, node, ...user }))
})

test('the carrier over a Redis Cluster', async t => {
  const cluster = await startRedisCluster(t, { config: { appendonly: 'yes' } })
  const ports = cluster.servers.map(({ port }) => port)
  await playAll(t, cluster.servers, node => redisCarrier({ ports, node, partitions: 8 }))
})
