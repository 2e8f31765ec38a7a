// A carrier over Redis servers of a test, with pings so close that tests need not wait for them, and a deadline that a machine
// with much else to do keeps.
import { createClient } from '@redis/client'
import type { About, Difference } from '../../../src/cluster/about.ts'
import type { Carrier } from '../../../src/cluster/carrier.ts'
import { createRedisCarrier, type RedisSettings } from '../../../src/cluster/redis/open.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { systemRandom } from '../../../src/std/random.ts'

export interface OpenOptions extends Partial<RedisSettings> {
  /** Of servers; `url` says it otherwise. */
  readonly ports?: readonly number[]
  readonly node?: string
  readonly slot?: number
  readonly notices?: string[]
  readonly about?: About
  readonly differs?: (differences: readonly Difference[]) => void
}

export function redisCarrier(options: OpenOptions): Carrier {
  const {
    ports = [],
    node = 'a',
    slot = 0,
    notices = [],
    about = {},
    differs = () => {},
    ...settings
  } = options
  return createRedisCarrier(createClient, {
    clock: systemClock,
    random: systemRandom,
    node,
    slot,
    about,
    differs,
    notice: text => notices.push(text),
    settings: {
      url: ports.map(port => `redis://127.0.0.1:${port}`),
      username: '',
      password: [],
      caFile: '',
      prefix: 'rc',
      partitions: 64,
      timeoutMs: 5_000,
      pingMs: 100,
      acks: 'master',
      ...settings,
    },
  })
}
