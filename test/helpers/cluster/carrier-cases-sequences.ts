// What every carrier must keep of the order that publishers say (law 16): judged in one step with the append.
import { deepEqual, equal } from 'node:assert/strict'
import type { Appended, AppendOutcome, AppendSequence } from '../../../src/cluster/carrier.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { append, asked, type CarrierCase } from './carrier-scene.ts'
import { type HeardCarrier, notAway } from './heard-carrier.ts'

function sequence(
  id: string | undefined,
  after?: string,
  options: Partial<AppendSequence> = {},
): AppendSequence {
  return { id, after, seenMs: 60_000, isLoose: false, ...options }
}

/** What became of one. */
async function outcome(
  heard: HeardCarrier,
  channel: ChannelName,
  said: AppendSequence | undefined,
  key?: string,
): Promise<AppendOutcome | undefined> {
  const [first] = await heard.append(append(channel, said?.id ?? '-', { sequence: said, key }))
  return first
}

export const sequenceCases: readonly CarrierCase[] = [
  {
    name: 'an id that was seen, by any node, is told so, and nothing is appended',
    async play(scene) {
      const [a, b] = [await scene.carrier('a'), await scene.carrier('b')]
      const channel = scene.channel()
      notAway<Appended>((await outcome(a, channel, sequence('1'))) ?? 'unknown')
      const { next } = await asked(a, channel)
      equal(await outcome(b, channel, sequence('1')), 'seen')
      equal(await outcome(b, channel, sequence('1', 'x')), 'seen')
      equal((await asked(b, channel)).next, next)
      // An id is of its channel.
      equal(typeof (await outcome(b, scene.channel('d'), sequence('1'))), 'object')
    },
  },
  {
    name: 'what follows another one than the last is told which that is, and what is next gets its place',
    async play(scene) {
      const [a, b] = [await scene.carrier('a'), await scene.carrier('b')]
      const channel = scene.channel()
      await outcome(a, channel, sequence('1'))
      deepEqual(await outcome(b, channel, sequence('3', '2')), { last: '1' })
      equal(notAway<Appended>((await outcome(b, channel, sequence('2', '1'))) ?? 'unknown').duplicate, false)
      equal(notAway<Appended>((await outcome(a, channel, sequence('3', '2'))) ?? 'unknown').duplicate, false)
      equal((await asked(a, channel)).lastId, '3')
    },
  },
  {
    name: 'of one batch each is judged by those before it',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      const said = [sequence('1'), sequence('3', '2'), sequence('2', '1'), sequence('2')]
      const outcomes = await a.append(...said.map(each => append(channel, 'x', { sequence: each })))
      equal(outcomes[3], 'seen')
      deepEqual(outcomes[1], { last: '1' })
      const places = [outcomes[0], outcomes[2]].map(each => notAway<Appended>(each ?? 'unknown').offset)
      equal(places[1], (places[0] ?? 0) + 1)
    },
  },
  {
    name: 'where no last one is known whatever comes is next',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      equal((await asked(a, channel)).lastId, undefined)
      equal(typeof (await outcome(a, channel, sequence('5', '4'))), 'object')
      equal((await asked(a, channel)).lastId, '5')
      // One without an id leaves none.
      await outcome(a, channel, sequence(undefined, '5'))
      equal((await asked(a, channel)).lastId, undefined)
    },
  },
  {
    name: 'what is loose, says nothing, or repeats a key leaves the last one as it is',
    async play(scene) {
      const a = await scene.carrier()
      const channel = scene.channel()
      await outcome(a, channel, sequence('1'), 'key')
      await outcome(a, channel, sequence('x', undefined, { isLoose: true }))
      await outcome(a, channel, undefined)
      equal(
        notAway<Appended>((await outcome(a, channel, sequence('2', '1'), 'key')) ?? 'unknown').duplicate,
        true,
      )
      equal((await asked(a, channel)).lastId, '1')
      equal(await outcome(a, channel, sequence('x')), 'seen')
      // The repeat was not published, so that nobody has seen it.
      equal(typeof (await outcome(a, channel, sequence('2', '1'))), 'object')
    },
  },
]
