// The carrier over Redis keeps what every carrier must, on a real server.
import { test } from 'node:test'
import { carrierCases } from '../../helpers/cluster/carrier-cases.ts'
import { playCarrierCase } from '../../helpers/cluster/carrier-scene.ts'
import { redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { startRedis } from '../../helpers/redis/server.ts'

test('the carrier over one Redis server', async t => {
  const redis = await startRedis(t, { appendOnly: true })
  for (const [index, each] of carrierCases.entries()) {
    await t.test(each.name, () =>
      playCarrierCase(
        each,
        {
          open: node => redisCarrier({ ports: [redis.port], node }),
          async changeTerm() {
            await redis.stop()
            await redis.restartFromDisk()
          },
          async cut() {
            await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
          },
        },
        `case${index}`,
      ),
    )
  }
})
