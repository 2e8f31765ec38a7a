// How often one URL is asked while the bound changes.
import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Allotment } from '../../../../src/frontends/grip/filter/allotment.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

test('a bound that is raised lets nobody pass those who wait', () => {
  const clock = new FakeClock()
  const asked: string[] = []
  let perSecond = 1
  const allotment = new Allotment(clock, () => perSecond)
  const add = (name: string) => allotment.add('/', () => asked.push(name))
  add('a')
  add('b')
  perSecond = 3
  add('c')
  deepEqual(asked, ['a'])
  clock.advance(1_000)
  deepEqual(asked, ['a', 'b', 'c'])
  add('d')
  deepEqual(asked, ['a', 'b', 'c', 'd'])
})
