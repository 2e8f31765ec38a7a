// What follows the registry knows of one more protocol: settings, metrics, codes, samples, the playground, the command line,
// the doors and the printed pages.
import { test } from 'node:test'
import { addAndSee, stepsOfAll, stepsOfFollowers } from '../helpers/sixth-protocol.ts'

test('one more protocol is seen by all that follows the registry', t =>
  addAndSee(t, [...stepsOfAll, ...stepsOfFollowers]))
