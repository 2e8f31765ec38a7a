// What every carrier must keep, as a table of cases that each carrier's own test plays: see the port.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { Appended, AppendOutcome } from '../../../src/cluster/carrier.ts'
import { nextOffset, type Offset } from '../../../src/engine/words/position.ts'
import { batchCases } from './carrier-cases-batches.ts'
import { besideCases } from './carrier-cases-beside.ts'
import { outageCases } from './carrier-cases-outages.ts'
import { sequenceCases } from './carrier-cases-sequences.ts'
import { append, asked, type CarrierCase, jump, place, stretch } from './carrier-scene.ts'
import { notAway } from './heard-carrier.ts'

const orderCases: readonly CarrierCase[] = [
  {
    name: 'what is appended once a subscription is confirmed is delivered, to all nodes, with one position',
    async play(scene) {
      const [a, b] = [await scene.carrier('a'), await scene.carrier('b')]
      const channel = scene.channel()
      await Promise.all([a.subscribe(channel), b.subscribe(channel)])
      const { epoch, offset, duplicate } = await place(a, channel, 'one')
      equal(duplicate, false)
      for (const heard of [a, b]) {
        await heard.heard(1)
        deepEqual(heard.deliveries, [{ channel, epoch, offset, text: 'one' }])
      }
    },
  },
  {
    name: 'what is appended to others is not delivered, nor what comes after the end of a subscription',
    async play(scene) {
      const a = await scene.carrier()
      const [channel, other] = [scene.channel('c'), scene.channel('d')]
      await a.subscribe(channel, other)
      a.carrier.unsubscribe(a.carrier.laneOf(other), [other])
      await place(a, other, 'unheard')
      await place(a, channel, 'heard')
      await a.heard(1)
      // The same lane's order would have brought it; other lanes are asked for something first.
      await asked(a, other)
      deepEqual(
        a.deliveries.map(({ text }) => text),
        ['heard'],
      )
    },
  },
  {
    name: 'offsets rise by one, in the order of the batch and of the batches, and deliveries keep that order',
    async play(scene) {
      const [a, b] = [await scene.carrier('a'), await scene.carrier('b')]
      const channel = scene.channel()
      await b.subscribe(channel)
      const wanted = Array.from({ length: 60 }, (_, n) => `p${n}`)
      const outcomes: AppendOutcome[] = []
      for (let at = 0; at < wanted.length; at += 20)
        outcomes.push(...(await a.append(...wanted.slice(at, at + 20).map(text => append(channel, text)))))
      const places = outcomes.map(outcome => notAway<Appended>(outcome))
      const first = places[0]?.offset ?? 0
      deepEqual(
        places.map(({ offset }) => offset - first),
        wanted.map((_, n) => n),
      )
      await b.heard(wanted.length)
      deepEqual(b.textsOf(channel), wanted)
      deepEqual(
        b.deliveries.map(({ offset }) => offset),
        places.map(({ offset }) => offset),
      )
    },
  },
  {
    name: 'two nodes that append at once get different places, and both hear one order',
    async play(scene) {
      const nodes = [await scene.carrier('a'), await scene.carrier('b')]
      const channel = scene.channel()
      await Promise.all(nodes.map(node => node.subscribe(channel)))
      await Promise.all(
        nodes.map(async (node, n) => {
          for (let turn = 0; turn < 10; turn++)
            await node.append(append(channel, `${n}a${turn}`), append(channel, `${n}b${turn}`))
        }),
      )
      await Promise.all(nodes.map(node => node.heard(40)))
      deepEqual(nodes[0]?.deliveries, nodes[1]?.deliveries)
      const offsets = nodes[0]?.deliveries.map(({ offset }) => offset) ?? []
      deepEqual(
        offsets.map(offset => offset - (offsets[0] ?? 0)),
        offsets.map((_, n) => n),
      )
    },
  },
  {
    name: 'who asks for a channel that is unknown makes its record, far above what it ever saw',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      const reached = 2 ** 45
      const where = await asked(a, channel, reached)
      ok(where.first >= reached + jump, `${where.first}`)
      equal(where.next, where.first)
      equal(where.previous, undefined)
      deepEqual(await asked(a, channel, 0), where)
      deepEqual(await place(a, channel, 'one'), {
        epoch: where.epoch,
        offset: where.first,
        duplicate: false,
        elsewhere: 0,
      })
      deepEqual(await asked(a, channel), { ...where, next: nextOffset(where.first) })
    },
  },
  {
    name: 'an append to a channel that is unknown begins it above what its node ever saw',
    async play(scene) {
      const a = await scene.carrier()
      const [channel, other] = [scene.channel('c'), scene.channel('d')]
      const { offset } = await place(a, channel, 'one', { reached: 2 ** 45 })
      ok(offset >= 2 ** 45 + jump)
      const { epoch } = await asked(a, channel)
      notEqual((await asked(a, other)).epoch, epoch)
    },
  },
  {
    name: 'a stretch has what is kept from its place up to the end that was asked for, and not that one',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      await a.append(...['a', 'b', 'c', 'd'].map(text => append(channel, text)))
      const where = await asked(a, channel)
      const { first, next } = where
      deepEqual(await stretch(a, channel, where, first, next), [first, ['a', 'b', 'c', 'd']])
      deepEqual(await stretch(a, channel, where, first + 1, first + 3), [first + 1, ['b', 'c']])
      deepEqual(await stretch(a, channel, where, next, next), [next, []])
    },
  },
  {
    name: 'a stretch of which some is gone says the oldest that is kept, or the end',
    async play(scene) {
      const a = await scene.carrier()
      const [kept, none] = [scene.channel('kept'), scene.channel('none')]
      for (const text of ['a', 'b', 'c', 'd']) {
        await place(a, kept, text, { historySize: 2 })
        await place(a, none, text, { historySize: 0 })
      }
      const where = await asked(a, kept)
      deepEqual(await stretch(a, kept, where, where.first, where.next), [where.first + 2, ['c', 'd']])
      deepEqual(await stretch(a, kept, where, where.first, where.first + 1), [where.first + 2, []])
      const other = await asked(a, none)
      deepEqual(await stretch(a, none, other, other.first, other.next), [other.next, []])
    },
  },
  {
    name: 'a stretch has at most a thousand entries, or a mebibyte, and one at least',
    async play(scene) {
      const a = await scene.carrier()
      const [many, large] = [scene.channel('many'), scene.channel('large')]
      for (let at = 0; at < 1_010; at += 10) {
        const batch = Array.from({ length: 10 }, (_, n) => append(many, `${at + n}`, { historySize: 2_000 }))
        await a.append(...batch)
      }
      const where = await asked(a, many)
      const [from, entries] = await stretch(a, many, where, where.first, where.next)
      equal(from, where.first)
      ok(entries.length > 0 && entries.length <= 1_000, `${entries.length}`)
      equal(entries.at(-1), `${entries.length - 1}`)
      const text = 'x'.repeat(700_000)
      for (let n = 0; n < 3; n++) await place(a, large, text)
      const at = await asked(a, large)
      const [, some] = await stretch(a, large, at, at.first, at.next)
      ok(some.length >= 1 && some.length <= 2, `${some.length}`)
    },
  },
  {
    name: 'a stretch of an epoch that the channel does not have is none',
    async play(scene) {
      const a = await scene.carrier()
      const [channel, other] = [scene.channel('c'), scene.channel('d')]
      await place(a, channel, 'one')
      const { first, next } = await asked(a, channel)
      const { epoch } = await asked(a, other)
      equal(await a.read(channel, epoch, first, next), 'other-epoch')
    },
  },
  {
    name: 'a comparison names those of which epoch or next offset are others, and makes no record',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      await a.append(append(channel, 'one'), append(channel, 'two'))
      const { epoch, next } = await asked(a, channel)
      const unknown = await asked(a, scene.channel('unknown'))
      const known = { channel, epoch, next }
      deepEqual(
        await a.compare([
          known,
          { ...known, next: (next - 1) as Offset }, // a whole number still
          known,
          { ...known, epoch: unknown.epoch },
        ]),
        [1, 3],
      )
      const never = scene.channel('never')
      if (a.carrier.laneOf(never) !== a.carrier.laneOf(channel)) return
      deepEqual(await a.compare([{ ...known, channel: never }]), [0])
      equal(await a.inspect(never), undefined)
    },
  },
  {
    name: 'a key that was used, on any node, gets the first place and delivers nothing',
    async play(scene) {
      const [a, b] = [await scene.carrier('a'), await scene.carrier('b')]
      const channel = scene.channel()
      await b.subscribe(channel)
      const first = await place(a, channel, 'one', { key: 'k' })
      await place(a, channel, 'two')
      const again = await place(b, channel, 'three', { key: 'k' })
      deepEqual(again, { ...first, duplicate: true })
      const other = await place(b, channel, 'four', { key: 'another' })
      equal(other.offset, first.offset + 2)
      // A key is of its channel.
      equal((await place(b, scene.channel('d'), 'five', { key: 'k' })).duplicate, false)
      await b.heard(3)
      deepEqual(b.textsOf(channel), ['one', 'two', 'four'])
    },
  },
  {
    name: 'two drafts of one batch with the same key are one',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      const batch = ['one', 'two'].map(text => append(channel, text, { key: 'k' }))
      const [first, second] = (await a.append(...batch)).map(outcome => notAway<Appended>(outcome))
      deepEqual(second, { ...first, duplicate: true })
    },
  },
]

export const carrierCases: readonly CarrierCase[] = [
  ...orderCases,
  ...batchCases,
  ...besideCases,
  ...sequenceCases,
  ...outageCases,
]
