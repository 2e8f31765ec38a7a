// Ids that connect again and again: see the helper. The long one is storm.soak.ts.
import { test } from 'node:test'
import { blowStorm } from '../../helpers/pushwire/storm.ts'

test('500 reconnects of 50 ids leave one connection of each, which missed nothing', t => blowStorm(t, 500))
