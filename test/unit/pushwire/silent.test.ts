import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Silent, type SilentClient } from '../../../src/frontends/pushwire/session/silent.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

function stage(max: number) {
  const clock = new FakeClock()
  const said: string[] = []
  const limits = { deadlineMs: 5_000, max }
  const silent = new Silent<SilentClient>(clock, () => limits)
  const client = (name: string): SilentClient => {
    const each: SilentClient = {
      expire() {
        said.push(`${name} expired`)
        silent.remove(each)
      },
      giveWay() {
        said.push(`${name} gave way`)
        silent.remove(each)
      },
    }
    silent.add(each)
    return each
  }
  return { clock, said, limits, silent, client }
}

test('each has its time, and whoever speaks in time is let be', () => {
  const { clock, said, silent, client } = stage(10)
  client('a')
  clock.advance(1_000)
  const b = client('b')
  clock.advance(3_999)
  deepEqual(said, [])
  silent.remove(b)
  clock.advance(10_000)
  deepEqual(said, ['a expired'])
  equal(silent.size, 0)
})

test('of as many as there may be nobody goes, and of one more the one that is silent for longest', () => {
  const { said, silent, client, clock } = stage(2)
  client('a')
  client('b')
  deepEqual(said, [])
  client('c')
  deepEqual([said, silent.size], [['a gave way'], 2])
  clock.advance(5_000)
  deepEqual(said.slice(1), ['b expired', 'c expired'])
})

test('a lower bound takes effect with the next that comes', () => {
  const { said, limits, silent, client } = stage(3)
  for (const name of ['a', 'b', 'c']) client(name)
  limits.max = 1
  client('d')
  deepEqual([said, silent.size], [['a gave way', 'b gave way', 'c gave way'], 1])
})

test('another deadline is for whoever comes from then on', () => {
  const { clock, said, limits, client } = stage(9)
  client('a')
  limits.deadlineMs = 100
  client('b')
  clock.advance(200)
  deepEqual(said, ['b expired'])
  clock.advance(4_800)
  deepEqual(said, ['b expired', 'a expired'])
})
