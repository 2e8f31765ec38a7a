// What the log says of requests that came to nothing.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { Lines } from '../../../src/frontends/grip/lines.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { ruleOf } from './given.ts'

let clock: FakeClock
let written: (readonly [string, object])[]
let lines: Lines

beforeEach(() => {
  clock = new FakeClock()
  written = []
  const note = (level: string) => (fields: object) => void written.push([level, fields])
  lines = new Lines({ info: note('info'), warn: note('warn') } as unknown as Log<string>, clock) // all that it uses
})

test('an origin that failed is named by its route, and by what it did', () => {
  lines.originFailed('Unable to connect', ruleOf('*,id=shop o:80'))
  lines.originFailed('x'.repeat(1_000), ruleOf('* o:80'))
  const fields = { code: 'origin-failed', protocol: 'grip' }
  deepEqual(written, [
    ['warn', { ...fields, route: 'shop', cause: 'Unable to connect' }],
    ['warn', { ...fields, route: 'line 1', cause: 'x'.repeat(200) }],
  ])
})

test('a flood of failures is a few lines, and a number', () => {
  for (let count = 0; count < 1_000; count++) lines.originFailed('it closed', ruleOf('* o:80'))
  equal(written.length, 5)
  clock.advance(10_000)
  deepEqual(written.at(-1), ['warn', { code: 'origin-failed', protocol: 'grip', suppressed: 995 }])
})

test('who is refused leaves a line with his status', () => {
  lines.refused('route-missing', 502)
  deepEqual(written, [['info', { code: 'route-missing', protocol: 'grip', request: undefined, status: 502 }]])
})
