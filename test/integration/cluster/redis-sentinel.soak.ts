// A master that Sentinels watch: whoever takes its place is found, and what it has goes on under a new epoch.
import { notEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Keys } from '../../../src/cluster/redis/keys.ts'
import { asked, place } from '../../helpers/cluster/carrier-scene.ts'
import { HeardCarrier } from '../../helpers/cluster/heard-carrier.ts'
import { redisCarrier } from '../../helpers/cluster/redis-carrier.ts'
import { appendedOf, judgeLoad, startLoad } from '../../helpers/cluster/redis-load.ts'
import { channelName } from '../../helpers/mesh.ts'
import { startWatched } from '../../helpers/redis/pair.ts'
import { until } from '../../helpers/until.ts'

const channel = channelName('news')
const stream = new Keys('rc', 64).of('history', channel)

test('the master that Sentinels name is found, and after a fail-over the new one, with replicas that acknowledge', async t => {
  const watched = await startWatched(t, 2)
  const { primary, replicas, sentinels, name } = watched
  const url = [`redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${name}`]
  const heard = new HeardCarrier(redisCarrier({ url, acks: 'replica', timeoutMs: 1_500 }))
  t.after(() => heard.close())
  await heard.ready()
  const before = await place(heard, channel, 'before')
  // One Sentinel that is gone hinders nobody.
  await sentinels[2]?.kill()
  await sentinels[2]?.start()
  const load = startLoad(heard, channel)
  await until('some are appended', () => appendedOf(load.outcomes) > 50)
  await primary.kill()
  await until('it is noticed', () => !heard.ups.has(0))
  await until('the lane came back', () => heard.ups.has(0))
  const count = appendedOf(load.outcomes)
  await until('more are appended', () => appendedOf(load.outcomes) > count + 20)
  await load.stop()
  const where = await asked(heard, channel)
  notEqual(where.epoch, before.epoch)
  ok(where.previous?.epoch === before.epoch)
  const named = await watched.named()
  const master = replicas.find(({ port }) => port === named)
  ok(master !== undefined)
  judgeLoad(load.outcomes, await master.call('XRANGE', stream, '-', '+'))
})

test('a name that no Sentinel knows, and Sentinels that are not there, are told', async t => {
  const { sentinels } = await startWatched(t, 1)
  const [sentinel] = sentinels
  const heard = new HeardCarrier(
    redisCarrier({ url: [`redis+sentinel://127.0.0.1:${sentinel?.port}/theirs`] }),
  )
  t.after(() => heard.close())
  await until('it is told', () => heard.reasons.some(reason => /knows no master called theirs/.test(reason)))
  for (const each of sentinels) await each.kill()
  await until('it is told', () =>
    heard.reasons.some(reason => /Sentinel at .* refuses connections/.test(reason)),
  )
})
