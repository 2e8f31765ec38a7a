// A hundred ends of each kind in a row, under load, none of which aborts the process (issue 17, point 3).
import { describe, test } from 'node:test'
import { ends, playEnds } from '../../helpers/grip/zmq-ends.ts'
import { scaled } from '../../helpers/soak/budget.ts'

describe('a thread of ZeroMQ with receives pending ends in good order', () => {
  for (const how of ends) test(`a hundred times: ${how}`, t => playEnds(t, how, scaled(100, 5)))
})
