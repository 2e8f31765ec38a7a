// One more protocol costs a folder, a line and its conformance folder: it types, keeps the rules of the house, and its own
// table is played. The soak sees everything else that follows the registry, too.
import { test } from 'node:test'
import { addAndSee, stepsOfAll } from '../helpers/sixth-protocol.ts'

test('one more protocol costs a folder, a line and its conformance folder', t => addAndSee(t, stepsOfAll))
