// What every carrier must keep beside the order: looks, trims, counts, patterns.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import type { Appended } from '../../../src/cluster/carrier.ts'
import { nextOffset } from '../../../src/engine/words/position.ts'
import { until } from '../until.ts'
import { append, asked, type CarrierCase, place, stretch } from './carrier-scene.ts'
import { notAway } from './heard-carrier.ts'

export const besideCases: readonly CarrierCase[] = [
  {
    name: 'bytes of every kind travel and are kept as they are',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel('naïve ✓ {x}:y *')
      await a.subscribe(channel)
      const bytes = Uint8Array.from({ length: 512 }, (_, n) => n % 256)
      const got: Uint8Array[] = []
      const [outcome] = await a.append(append(channel, '', { envelope: bytes }))
      const { epoch, offset } = notAway<Appended>(outcome ?? 'unknown')
      const answer = await a.read(channel, epoch, offset, offset + 1)
      if (typeof answer === 'string') throw new Error(answer)
      got.push(...answer.envelopes)
      deepEqual(
        got.map(each => Buffer.from(each).toString('hex')),
        [Buffer.from(bytes).toString('hex')],
      )
      await a.heard(1)
      equal(a.deliveries[0]?.channel, channel)
    },
  },
  {
    name: 'who inspects is told where a channel is and how much of it is kept',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      equal(await a.inspect(channel), undefined)
      for (const text of ['a', 'b', 'c']) await place(a, channel, text, { historySize: 2 })
      const where = await asked(a, channel)
      deepEqual(await a.inspect(channel), { ...where, kept: 2 })
    },
  },
  {
    name: 'what is trimmed goes, and what was not given yet is nothing to it',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      await a.append(...['a', 'b', 'c'].map(text => append(channel, text)))
      const where = await asked(a, channel)
      a.carrier.trim(channel, where.next)
      deepEqual(await stretch(a, channel, where, where.first, where.next), [where.first, ['a', 'b', 'c']])
      a.carrier.trim(channel, nextOffset(where.first))
      deepEqual(await stretch(a, channel, where, where.first, where.next), [where.first + 2, ['c']])
      deepEqual(await asked(a, channel), where)
    },
  },
  {
    name: 'subscribers are counted over all other nodes, and a node that ends takes its own with it',
    async play(scene) {
      const [a, b, c] = [await scene.carrier('a'), await scene.carrier('b'), await scene.carrier('c')]
      const channel = scene.channel()
      equal(await a.elsewhere(channel), 0)
      a.carrier.count(channel, 1)
      b.carrier.count(channel, 20)
      c.carrier.count(channel, 300)
      await until('a counts 320', async () => (await a.elsewhere(channel)) === 320)
      await until('b counts 301', async () => (await b.elsewhere(channel)) === 301)
      await until('an append counts 320', async () => (await place(a, channel, 'one')).elsewhere === 320)
      b.carrier.count(channel, 0)
      await until('a counts 300', async () => (await a.elsewhere(channel)) === 300)
      await c.close()
      await until('a counts 0', async () => (await a.elsewhere(channel)) === 0)
    },
  },
  {
    name: 'what fits a pattern that is watched comes once, in whatever channel, and until it is unwatched',
    async play(scene) {
      const [a, b] = [await scene.carrier('a'), await scene.carrier('b')]
      const [one, two, other] = [scene.channel('x1'), scene.channel('x2'), scene.channel('y')]
      const pattern = scene.channel('x*')
      await a.watch(pattern)
      await a.watch(scene.channel('*1'))
      const first = await place(b, one, 'one')
      await place(b, other, 'other')
      await place(b, two, 'two')
      await until('it is matched', () => a.matches.length >= 2)
      deepEqual(a.matches.map(({ text }) => text).sort(), ['one', 'two'])
      const { epoch, offset } = first
      deepEqual(
        a.matches.find(({ text }) => text === 'one'),
        { channel: one, epoch, offset, text: 'one' },
      )
      deepEqual([...a.deliveries, ...b.matches], [])
      for (let lane = 0; lane < a.carrier.lanes; lane++) a.carrier.unwatch(lane, pattern)
      await asked(a, two)
      await place(b, two, 'three')
      await place(b, one, 'four')
      await until('it is matched', () => a.matches.some(({ text }) => text === 'four'))
      ok(!a.matches.some(({ text }) => text === 'three'))
    },
  },
]
