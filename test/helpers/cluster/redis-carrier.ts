// A carrier over Redis servers of a test, with periods so short that tests need not wait for them.
import { createClient } from '@redis/client'
import type { Carrier } from '../../../src/cluster/carrier.ts'
import { createRedisCarrier, type RedisSettings } from '../../../src/cluster/redis/open.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { systemRandom } from '../../../src/std/random.ts'

export interface OpenOptions extends Partial<RedisSettings> {
  readonly ports: readonly number[]
  readonly node?: string
  readonly slot?: number
  readonly notices?: string[]
}

export function redisCarrier({
  ports,
  node = 'a',
  slot = 0,
  notices = [],
  ...settings
}: OpenOptions): Carrier {
  return createRedisCarrier(createClient, {
    clock: systemClock,
    random: systemRandom,
    node,
    slot,
    notice: text => notices.push(text),
    settings: {
      kind: 'servers',
      places: ports.map(port => ({ host: '127.0.0.1', port })),
      isTls: false,
      masterName: '',
      username: '',
      password: undefined,
      ca: undefined,
      prefix: 'rc',
      partitions: 64,
      timeoutMs: 5_000,
      pingMs: 100,
      acks: 'master',
      ...settings,
    },
  })
}
