// The rates of the metrics port.
import { deepEqual, match } from 'node:assert/strict'
import { test } from 'node:test'
import { type CounterReport, Meters } from '../../../src/frontends/pinghub/meters.ts'

const report = (posts: number, openedUnixMs = 1): CounterReport => {
  const events = { drops: 0, postmsgs: posts, sends: 0, websocketmsgs: 0 }
  return { openedUnixMs, sockets: 0, events }
}
const postsOf = (meters: Meters) => /postmsgs5m\.value (\S+)/.exec(meters.lines(0, 0))?.[1]

test('all six lines are there from the start, sorted by name', () => {
  deepEqual(new Meters().lines(4, 5).split('\n'), [
    'channels.value 4',
    'drops5m.value 0.000',
    'postmsgs5m.value 0.000',
    'sends5m.value 0.000',
    'websocketmsgs5m.value 0.000',
    'websockets.value 5',
    '',
  ])
})

test('the first tick sets the rate, later ones move it (the original’s own example)', () => {
  const meters = new Meters()
  const rates = [10, 10, 10, 10].map(posts => {
    meters.tick(new Map([[0, report(posts)]]))
    return postsOf(meters)
  })
  deepEqual(rates, ['2.000', '1.967', '1.934', '1.902'])
})

test('workers add up, also when one is replaced or answers late', () => {
  const meters = new Meters()
  meters.tick(
    new Map([
      [0, report(100)],
      [1, report(50)],
    ]),
  )
  deepEqual(postsOf(meters), '30.000')
  // Worker 1 is silent, then makes up for it; the one after worker 0 began anew.
  const steady = new Meters()
  steady.tick(
    new Map([
      [0, report(0)],
      [1, report(0)],
    ]),
  )
  steady.tick(new Map([[0, report(30)]]))
  steady.tick(
    new Map([
      [0, report(20, 2)],
      [1, report(40)],
    ]),
  )
  const share = 0.016528546
  const expected = 6 * share + share * (12 - 6 * share)
  match(steady.lines(0, 0), new RegExp(`postmsgs5m.value ${expected.toFixed(3)}`))
})
