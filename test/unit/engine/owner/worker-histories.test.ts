// The histories of a worker cost a publish the same however many there are.
import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { cpuMs } from '../../../helpers/cost.ts'
import { Mesh } from '../../../helpers/mesh.ts'

test('publishing to many channels in turn costs no more the more of them were published to before', () => {
  const channels = 50_000
  const mesh = new Mesh({ workers: 1, history: { size: 1 }, settings: { idleChannelsMax: channels } })
  const round = () => {
    const from = cpuMs()
    for (let n = 0; n < channels; n++) mesh.publish(0, `c${n}`, 'x')
    return cpuMs() - from
  }
  const [made = 0, ...rounds] = Array.from({ length: 4 }, round)
  // To make a channel costs more than to use it again.
  ok(
    rounds.every(ms => ms < 2.5 * made),
    `${Math.round(made)} ms, then ${rounds.map(Math.round)} ms`,
  )
})

test('where all together are too large, the channels longest not published to lose theirs first', () => {
  const mesh = new Mesh({ workers: 1, history: { size: 9, workerBytesMax: 2_700 } })
  for (const channel of ['a', 'b', 'c', 'a', 'd']) mesh.publish(0, channel, 'x')
  mesh.settle()
  const kept = ['a', 'b', 'c', 'd'].map(channel => {
    const counts: number[] = []
    mesh.engines[0]?.inspect(channel as never, { limit: 9 }, outcome => {
      counts.push(typeof outcome === 'object' ? outcome.publications.length : -1)
    })
    return counts[0]
  })
  deepEqual(kept, [2, 0, 0, 1])
})
