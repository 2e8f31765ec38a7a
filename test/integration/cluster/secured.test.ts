// Redis behind TLS, with a user of its own who may do what the page of the cluster lists and nothing else.
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createAuthority } from '../../helpers/certificates.ts'
import { startNodes } from '../../helpers/cluster/nodes.ts'
import { launch } from '../../helpers/daemon.ts'
import { protocols } from '../../helpers/protocols/ground.ts'
import { opened } from '../../helpers/protocols/protocol.ts'
import { startRedis } from '../../helpers/redis/server.ts'
import { until } from '../../helpers/until.ts'

const secret = 'cluster-secret-4d8a17'
/** The line of the page that a reader copies, from behind the user's name on. */
const page = readFileSync(join(import.meta.dirname, '../../../src/cluster/README.md'), 'utf8')
const rights = /^user \S+ on >\S+ (.+)$/m.exec(page)?.[1] ?? ''

test('two nodes speak TLS as a user who has the rights that the page lists', async t => {
  ok(rights.includes('~rc:*'), 'the page has no line for the user')
  const authority = createAuthority(t)
  const certificate = authority.issue('IP:127.0.0.1')
  const caFile = `${certificate.certPath}.ca`
  writeFileSync(caFile, authority.cert)
  const redis = await startRedis(t, {
    tls: { ...certificate, ca: authority.cert },
    users: [`ringcast on >${secret} ${rights}`, 'default off'],
  })
  const environment = {
    RINGCAST_CLUSTER_USERNAME: 'ringcast',
    RINGCAST_CLUSTER_PASSWORD: secret,
    RINGCAST_CLUSTER_CA_FILE: caFile,
    RINGCAST_DRAIN_SPREAD_MS: '0',
  }
  const url = `rediss://127.0.0.1:${redis.port}`
  const nodes = await startNodes(t, { url, environment })
  const [first, second] = nodes
  ok(first && second)
  const readers = await Promise.all(
    protocols.map(({ name, read }) => opened(read(second.daemon.address(name), 'secured'))),
  )
  equal((await first.admin.publish({ channel: 'secured', data: { n: 1 } })).status, 200)
  for (const reader of readers) {
    deepEqual(
      (await reader.next(1)).map(text => JSON.parse(text).n),
      [1],
    )
    reader.leave()
  }
  const client = await redis.client({ user: 'ringcast', password: secret, ca: authority.cert })
  await rejects(client.call('SET', 'other', '1'), /NOPERM/)
  await rejects(client.call('FLUSHALL'), /NOPERM/)
})

test('a wrong password is told, and no secret with it', async t => {
  const redis = await startRedis(t, { password: secret })
  const daemon = launch({
    workers: 1,
    environment: {
      RINGCAST_CLUSTER_MODE: 'redis',
      RINGCAST_CLUSTER_URL: `redis://127.0.0.1:${redis.port}`,
      RINGCAST_CLUSTER_PASSWORD: 'wrong-secret-91c2e0',
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const said = await until('the outage to be told', () =>
    daemon.log.find(line => line['code'] === 'broker-away'),
  )
  ok(/WRONGPASS|password|log in/i.test(JSON.stringify(said)), JSON.stringify(said))
  ok(!JSON.stringify(daemon.log).includes('wrong-secret'))
})
