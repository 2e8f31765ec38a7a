// What is appended in one call becomes what it would in a call for each: whatever a carrier says of several at once, it forgets
// nothing that one of them says for itself.
import { deepEqual, ok } from 'node:assert/strict'
import type { Append, AppendOutcome, AppendSequence } from '../../../src/cluster/carrier.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { append, asked, type CarrierCase, stretch } from './carrier-scene.ts'
import type { HeardCarrier } from './heard-carrier.ts'

const count = 200

/** The `n`th, of one of two channels: most are like the one before but for what stands in the envelope. */
function appendOf(n: number, channels: readonly ChannelName[]): Append {
  /** True for one of so many, scattered. */
  const one = (of: number, salt: number) => ((n + 1) * (2 * salt + 7_919) + (n >> 2) * 104_729) % of === 0
  const channel = channels[one(5, 1) ? 1 : 0] ?? channels[0]
  if (channel === undefined) throw new RangeError('there is no channel')
  return append(channel, `${n}${'~'.repeat(one(7, 2) ? n * 20 : n % 3)}`, {
    historySize: one(4, 3) ? 0 : one(6, 4) ? 3 : 150,
    historyTtlMs: one(9, 5) ? 50_000 : 60_000,
    keyTtlMs: one(8, 6) ? 40_000 : 60_000,
    key: one(3, 7) ? `k${n % 20}` : undefined,
    reached: one(10, 8) ? 7 : 0,
    sequence: one(4, 9) ? sequenceOf(n) : undefined,
  })
}

function sequenceOf(n: number): AppendSequence {
  const [id, after] = [n % 5 === 0 ? undefined : `${n % 30}`, n % 3 === 0 ? `${(n + 7) % 30}` : undefined]
  return { id, after, seenMs: 30_000, isLoose: n % 7 === 0 }
}

/** Outcomes with offsets from the channel's first one, and what the channel keeps. */
async function played(heard: HeardCarrier, channels: readonly ChannelName[], calls: readonly Append[][]) {
  await heard.subscribe(...channels)
  const outcomes: AppendOutcome[] = []
  for (const call of calls) outcomes.push(...(await heard.append(...call)))
  const wheres = await Promise.all(channels.map(channel => asked(heard, channel)))
  const whereOf = new Map(wheres.map((where, index) => [channels[index], where]))
  const kept = wheres.map(async (where, index) => {
    const channel = channels[index] as ChannelName // there are as many
    const [from, texts] = await stretch(heard, channel, where, where.first, where.next)
    return [from - where.first, texts, where.next - where.first, where.lastId]
  })
  const told = outcomes.map((outcome, index) => {
    if (typeof outcome === 'string' || 'last' in outcome) return outcome
    const { epoch, first = Number.NaN } = whereOf.get(calls.flat()[index]?.channel) ?? {}
    return [outcome.offset - first, outcome.duplicate, outcome.epoch === epoch]
  })
  const heardOf = channels.map(channel => heard.textsOf(channel))
  return { told, kept: await Promise.all(kept), heard: heardOf }
}

export const batchCases: readonly CarrierCase[] = [
  {
    name: 'many in one call become what they would in a call each',
    async play(scene) {
      const a = await scene.carrier()
      const first = scene.channel('first')
      const lane = a.carrier.laneOf(first)
      const names = Array.from({ length: 1_000 }, (_, n) => scene.channel(`other${n}`))
      const [second] = names.filter(name => a.carrier.laneOf(name) === lane)
      ok(second !== undefined)
      const [together, apart] = [
        [first, second],
        [scene.channel('third'), scene.channel('fourth')],
      ]
      const all = (channels: readonly ChannelName[]) =>
        Array.from({ length: count }, (_, n) => appendOf(n, channels))
      const one = await played(a, together, [all(together)])
      const each = await played(
        a,
        apart,
        all(apart).map(single => [single]),
      )
      deepEqual(one, each)
      const { told } = one
      ok(told.includes('seen') && told.some(each => Array.isArray(each) && each[1] === true))
      ok(told.some(each => typeof each === 'object' && 'last' in each))
    },
  },
]
