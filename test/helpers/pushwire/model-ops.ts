// What a sequence of the tracker model may do, as arbitraries. Numbers are taken modulo whatever there is.
import fc from 'fast-check'

/** How a worker ends: its channels are handed over whole, or only their numbering by farewell, or not at all. */
export type Death = 'snapshot' | 'farewell' | 'silent'

export type Op =
  /** To a shared channel. */
  | { op: 'publish'; slot: number; channel: number; size: number }
  /** To a client's own stream. */
  | { op: 'address'; slot: number; client: number; size: number }
  /** To the own stream of each client that is there. */
  | { op: 'each'; slot: number; size: number; except: number }
  | { op: 'connect'; client: number; slot: number }
  /** Of what is under way to it so many arrive. */
  | { op: 'drop'; client: number; arrive: number }
  | { op: 'unsubscribe' | 'subscribe'; client: number; channel: number }
  | { op: 'block' | 'sip' | 'unblock'; client: number }
  /** Of its own stream all but the last ones that it has; by any worker, for an ack may come by HTTP. */
  | { op: 'ack'; client: number; slot: number; but: number }
  /** Made-up clients come and go. */
  | { op: 'flood'; slot: number; count: number }
  | { op: 'turn'; slot: number }
  | { op: 'deliver'; from: number; to: number }
  | { op: 'settle' }
  | { op: 'advance'; ms: number }
  /** `lost`: batches on each of its links that a silent death takes along. `back`: the clock steps back before the next starts. */
  | { op: 'end'; slot: number; death: Death; lost: number; back: boolean }
  | { op: 'notice'; slot: number; by: number }
  | { op: 'start'; slot: number }
  /** All workers. */
  | { op: 'restart'; isKept: boolean; back: boolean }

export interface PushwireConfig {
  /** Owners of the shared channels; each with another policy. */
  readonly owners: readonly number[]
  readonly linkBytesMax: number
  readonly flushBytesMax: number
  readonly idlePrivateChannelsMax: number
  /** Turns that the broker of each worker takes for an answer. */
  readonly late: number
}

/** Of private channels: none is forgotten. */
export const plenty = 1_000_000

const slot = fc.nat(2)
const any = fc.nat(11)
const size = fc.nat(30)
const death = fc.constantFrom<Death>('snapshot', 'farewell', 'silent', 'silent')
const back = fc.constantFrom(false, false, true)

function is<Name extends string>(op: Name): fc.Arbitrary<Name> {
  return fc.constant(op)
}

const kinds = {
  publish: fc.record({ op: is('publish'), slot, channel: any, size }),
  address: fc.record({ op: is('address'), slot, client: any, size }),
  each: fc.record({ op: is('each'), slot, size, except: any }),
  connect: fc.record({ op: is('connect'), client: any, slot }),
  drop: fc.record({ op: is('drop'), client: any, arrive: fc.nat(4) }),
  unsubscribe: fc.record({ op: is('unsubscribe'), client: any, channel: any }),
  subscribe: fc.record({ op: is('subscribe'), client: any, channel: any }),
  block: fc.record({ op: is('block'), client: any }),
  sip: fc.record({ op: is('sip'), client: any }),
  unblock: fc.record({ op: is('unblock'), client: any }),
  ack: fc.record({ op: is('ack'), client: any, slot, but: fc.constantFrom(0, 0, 1, 2) }),
  flood: fc.record({ op: is('flood'), slot, count: fc.constantFrom(3, 12) }),
  turn: fc.record({ op: is('turn'), slot: fc.nat(3) }),
  deliver: fc.record({ op: is('deliver'), from: slot, to: slot }),
  settle: fc.record({ op: is('settle') }),
  advance: fc.record({ op: is('advance'), ms: fc.constantFrom(1, 250, 2_500, 20_000) }),
  end: fc.record({ op: is('end'), slot, death, lost: fc.nat(3), back }),
  notice: fc.record({ op: is('notice'), slot, by: slot }),
  start: fc.record({ op: is('start'), slot }),
  restart: fc.record({ op: is('restart'), isKept: fc.boolean(), back }),
} satisfies Readonly<Record<Op['op'], fc.Arbitrary<Op>>>

type Weights = Readonly<Record<keyof typeof kinds, number>>

const calm: Weights = {
  publish: 30,
  address: 12,
  each: 5,
  connect: 14,
  drop: 5,
  unsubscribe: 2,
  subscribe: 3,
  block: 2,
  sip: 2,
  unblock: 2,
  ack: 3,
  flood: 1,
  turn: 12,
  deliver: 14,
  settle: 4,
  advance: 1,
  end: 0,
  notice: 0,
  start: 0,
  restart: 0,
}

/** Calm, slow clients, made-up clients; some deaths, many; restarts. */
const moods: readonly Weights[] = [
  { ...calm, flood: 4, drop: 8, connect: 18 },
  { ...calm, block: 6, sip: 5, unblock: 4, deliver: 8 },
  { ...calm, end: 2, notice: 2, start: 6, drop: 8 },
  { ...calm, end: 5, notice: 2, start: 9, drop: 8, deliver: 6 },
  { ...calm, restart: 2, end: 1, start: 4 },
]

function sequence(weights: Weights): fc.Arbitrary<Op[]> {
  const op = fc.oneof(
    ...Object.entries(kinds).flatMap(([name, arbitrary]) => {
      const weight = Object.entries(weights).find(([key]) => key === name)?.[1] ?? 0
      return weight === 0 ? [] : [{ weight, arbitrary: arbitrary as fc.Arbitrary<Op> }] // one of its kinds
    }),
  )
  return fc.array(op, { minLength: 1, maxLength: 100, size: 'max' })
}

export const ops: fc.Arbitrary<Op[]> = fc.oneof(...moods.map(sequence))

export const configs: fc.Arbitrary<PushwireConfig> = fc.record({
  owners: fc.array(slot, { minLength: 1, maxLength: 2 }),
  linkBytesMax: fc.constantFrom(1_000_000, 500, 250),
  flushBytesMax: fc.constantFrom(1_000_000, 60),
  idlePrivateChannelsMax: fc.constantFrom(plenty, 2),
  late: fc.constantFrom(0, 0, 0, 1),
})
