// A hundred deaths under load, and three hundred more while connections come and go as fast as they can.
import { test } from 'node:test'
import { describeReport, play } from '../helpers/faulty/deaths.ts'

test('a hundred workers die, and nothing leaks', async t => {
  t.diagnostic(describeReport(await play(t, 100, 0)))
})

test('three hundred workers die among clients that come and go', async t => {
  t.diagnostic(describeReport(await play(t, 300, 64)))
})
