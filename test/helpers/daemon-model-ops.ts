// What a sequence may do to a real daemon, as arbitraries. Numbers are taken modulo whatever there is, so that every
// sequence makes sense.
import fc from 'fast-check'
import { throwing } from './faulty/frontend.ts'
import type { Start } from './model-ops.ts'

/** Publications that are on their way while something else happens, each over another worker. */
interface Amid {
  readonly publishes: number
}

export type DaemonOp =
  | { op: 'publish'; slot: number; channel: number; count: number; size: number }
  | ({ op: 'subscribe'; slot: number; channel: number; start: Start; back: number } & Amid)
  | { op: 'leave'; client: number }
  /** Leaves, and resumes at a worker after what it has. */
  | { op: 'move'; client: number; slot: number }
  /** Bugs end workers at once; `joins`: meanwhile somebody subscribes at one that lives. */
  | ({ op: 'die'; slots: number[]; path: string; channel: number; joins: boolean } & Amid)
  | ({ op: 'restart'; channel: number } & Amid)
  | { op: 'settle' }

export interface DaemonModelConfig {
  readonly historySize: number
  /** Workers on which each channel has a stream all the time; the channels are owned by workers 0, 1, 2. */
  readonly keepers: readonly (readonly number[])[]
}

/** Less than any history holds: a stream that was cut amid so many can resume. */
const amidMax = 3

const slot = fc.nat(2)
const channel = fc.nat(2)
const client = fc.nat(11)
/** Those that need the answer of another worker, which must not die as well. */
const linked = /link|encode/
const victims = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      slots: fc.uniqueArray(slot, { minLength: 1, maxLength: 1 }),
      path: fc.constantFrom(...throwing),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      slots: fc.uniqueArray(slot, { minLength: 2, maxLength: 2 }),
      path: fc.constantFrom(...throwing.filter(path => !linked.test(path))),
    }),
  },
)
const start = fc.constantFrom<Start>('live', 'live', 'own', 'own', 'own', 'near', 'near', 'bare', 'foreign')
const publishes = fc.nat(amidMax)
const size = fc.constantFrom(0, 0, 40, 3_000)

const op: fc.Arbitrary<DaemonOp> = fc.oneof(
  {
    weight: 36,
    arbitrary: fc.record({
      op: fc.constant('publish'),
      slot,
      channel,
      count: fc.integer({ min: 1, max: 4 }),
      size,
    }),
  },
  {
    weight: 24,
    arbitrary: fc.record({
      op: fc.constant('subscribe'),
      slot,
      channel,
      start,
      back: fc.nat(9),
      publishes,
    }),
  },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('leave'), client }) },
  { weight: 10, arbitrary: fc.record({ op: fc.constant('move'), client, slot }) },
  {
    weight: 11,
    arbitrary: fc
      .tuple(victims, fc.record({ channel, joins: fc.boolean(), publishes }))
      .map(([died, amid]) => ({ op: 'die' as const, ...died, ...amid })),
  },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('restart'), channel, publishes }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('settle') }) },
)

export const daemonOps: fc.Arbitrary<DaemonOp[]> = fc.array(op, {
  minLength: 20,
  maxLength: 30,
  size: 'max',
})

const keepers = fc.uniqueArray(slot, { minLength: 1, maxLength: 3 })

export const daemonConfigs: fc.Arbitrary<DaemonModelConfig> = fc.record({
  historySize: fc.constantFrom(amidMax + 1, amidMax + 5, 1_000),
  keepers: fc.array(keepers, { minLength: 3, maxLength: 3 }),
})
