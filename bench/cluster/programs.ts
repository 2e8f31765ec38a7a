// One node alone, and two nodes over one Redis: published at the one, subscribed at the other. Every node has one worker.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type RedisServer, startRedis } from '../../test/helpers/redis/server.ts'
import { daemon, type Program, type Target } from '../targets.ts'

/** Debian has it as redis-server. */
export const missing = (process.env['PATH'] ?? '')
  .split(':')
  .some(path => existsSync(join(path, 'redis-server')))
  ? false
  : 'redis-server is not installed'

export const solo = daemon(1)

const name = 'two nodes, Redis'

export const joined: Program = {
  name,
  async start(main) {
    const endings: (() => unknown)[] = []
    // Whatever started last ends first: nodes before their broker, which they would miss.
    const end = async () => {
      for (const ending of endings.splice(0).reverse()) await ending()
    }
    try {
      const redis = await startRedis({ after: (ending: () => unknown) => void endings.push(ending) })
      endings.push(endWithUs(redis))
      const start = async (): Promise<Target> => {
        const environment = {
          RINGCAST_CLUSTER_MODE: 'redis',
          RINGCAST_CLUSTER_URL: `redis://127.0.0.1:${redis.port}`,
        }
        const node = await daemon(1, { environment }).start(main)
        endings.push(() => node.stop())
        return node
      }
      const [publishing, following] = await both([start(), start()])
      return {
        ...following,
        name,
        pid: publishing.pid,
        publishPort: publishing.publishPort,
        beside: { following: following.pid, broker: redis.pid },
        stop: end,
      }
    } catch (error) {
      await end()
      throw error
    }
  },
}

/** Waits also for the one whose neighbour failed, so that it is ended, too. */
async function both(starting: readonly [Promise<Target>, Promise<Target>]): Promise<[Target, Target]> {
  await Promise.allSettled(starting)
  return Promise.all(starting)
}

/** A bench may end without a word; what is called here stops the watch over it. */
function endWithUs(redis: RedisServer): () => void {
  const kill = () => {
    if (redis.running) process.kill(redis.pid, 'SIGKILL')
  }
  process.on('exit', kill)
  return () => process.off('exit', kill)
}
