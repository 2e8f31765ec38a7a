import { test } from 'node:test'
import { blowStorm } from '../../helpers/pushwire/storm.ts'
import { scaled } from '../../helpers/soak/budget.ts'

test('10,000 reconnects of 50 ids leave one connection of each, which missed nothing', t =>
  blowStorm(t, scaled(10_000, 500)))
