import { test } from 'node:test'
import { makeUpIds } from '../../helpers/pushwire/made-up-ids.ts'
import { scaled } from '../../helpers/soak/budget.ts'

test('ids by the million push out no history but their own', t => makeUpIds(t, scaled(1_000_000, 50_000)))
