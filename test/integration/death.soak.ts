// A hundred deaths under load, and two hundred more while connections come and go as fast as they can; fewer or
// more where SOAK_MINUTES says so, as in every soak file.
import { test } from 'node:test'
import { describeReport, play } from '../helpers/faulty/deaths.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('a hundred workers die, and nothing leaks', async t => {
  const deaths = scaled(100, 10)
  progress(`deaths: ${deaths} under load`)
  t.diagnostic(describeReport(await play(t, deaths, 0)))
})

test('two hundred workers die among clients that come and go', async t => {
  const deaths = scaled(200, 10)
  progress(`deaths: ${deaths} among clients that come and go`)
  t.diagnostic(describeReport(await play(t, deaths, 64)))
})
