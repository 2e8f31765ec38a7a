// Order, history, recovery and gaps of the engine against a simple model: random sequences on three engines whose links
// delay, fill and interleave and whose workers die. RINGCAST_SEED repeats a run, RINGCAST_MODEL_RUNS makes it longer.
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type ModelConfig, type Op, plenty } from '../helpers/model-ops.ts'
import { checkModel } from '../helpers/model-property.ts'
import { runModel } from '../helpers/model-run.ts'

test('the engines do nothing that the model rules out', t => {
  const details = checkModel(t, 1_000)
  if (details.failed) throw new Error(fc.defaultReportMessage(details))
})

for (const late of [1, 3]) {
  test(`nor where the broker of each answers ${late} turns later`, t => {
    const details = checkModel(t, 500, { late })
    if (details.failed) throw new Error(fc.defaultReportMessage(details))
  })
}

const roomy: ModelConfig = {
  channels: [{ kind: 'd', owner: 0 }],
  linkBytesMax: plenty,
  flushBytesMax: plenty,
  sliceSubscribers: 400,
  fanoutBytesMax: plenty,
  connectionBytesMax: plenty,
  workerBytesMax: plenty,
  historyBytesMax: plenty,
  idleChannelsMax: plenty,
  clockMoves: true,
}

function publish(slot: number, { size = 0 } = {}): Op {
  return { op: 'publish', slot, channel: 0, size, key: 9 }
}

function subscribe(slot: number, start: 'live' | 'near' = 'live', back = 0): Op {
  return { op: 'subscribe', slot, channel: 0, start, back, tells: false, mark: 0, filter: 0, rest: false }
}

function pattern(slot: number): Op {
  return { op: 'pattern', slot, pattern: 0, resumes: false, tells: false, mark: 0, filter: 0 }
}

const settle: Op = { op: 'settle' }

interface Example {
  readonly name: string
  readonly config?: Partial<ModelConfig>
  readonly ops: readonly Op[]
}

/** Sequences that once failed. */
const examples: readonly Example[] = [
  {
    name: 'a worker that has said farewell takes no publish',
    ops: [subscribe(1), settle, { op: 'retire', slot: 0 }, publish(0), settle],
  },
  {
    name: 'a farewell to a worker whose patterns are owed publications tells them the gap',
    config: { linkBytesMax: 100 },
    ops: [pattern(1), settle, publish(0), publish(0), { op: 'end', slot: 0, death: 'snapshot' }],
  },
  {
    name: 'patterns learn of a gap when the hub that was owed the channel leaves it',
    config: { linkBytesMax: 250 },
    ops: [
      subscribe(2),
      pattern(2),
      settle,
      publish(0, { size: 10 }),
      publish(0),
      publish(0, { size: 34 }),
      publish(0),
      { op: 'leave', client: 0 },
    ],
  },
  {
    name: 'patterns learn of a gap when the hub leaves whose backlog is being read',
    config: { linkBytesMax: 100 },
    ops: [pattern(1), subscribe(1), settle, publish(0), publish(0), { op: 'leave', client: 1 }, settle],
  },
  {
    name: 'a client whose position is ahead of a worker that is owed the channel is told no gap',
    config: { linkBytesMax: 100 },
    ops: [subscribe(2), settle, publish(0), publish(0), subscribe(2, 'near', 1)],
  },
  {
    name: 'a client ahead of its worker gets what history covers although the worker is told a gap',
    config: { linkBytesMax: 100, channels: [{ kind: 'h', owner: 1 }] },
    ops: [
      subscribe(2),
      settle,
      ...[publish(1), publish(1), publish(1), publish(1)],
      subscribe(2, 'near', 1),
      ...[publish(1), publish(1), publish(1)],
    ],
  },
]

describe('sequences that once failed', () => {
  for (const { name, config, ops } of examples) {
    test(name, () => {
      for (const late of [undefined, 1, 3]) runModel({ ...roomy, ...config }, ops, { late })
    })
  }
})
