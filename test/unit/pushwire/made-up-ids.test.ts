import { test } from 'node:test'
import { makeUpIds } from '../../helpers/pushwire/made-up-ids.ts'

test('20,000 ids that somebody makes up push out no history but their own', t => makeUpIds(t, 20_000))
