// What a sequence of the model may do, and the engines that it is done to, as arbitraries. Numbers are taken modulo
// whatever there is, so that every sequence and every shorter one makes sense.
import fc from 'fast-check'

export type Death = 'snapshot' | 'farewell' | 'silent'

/** Where a subscriber starts: live, after what an earlier client had, or `back` before the head, in some form. */
export type Start = 'live' | 'own' | 'near' | 'bare' | 'foreign'

export type Op =
  | { op: 'publish'; slot: number; channel: number; size: number; key: number }
  | {
      op: 'subscribe'
      slot: number
      channel: number
      start: Start
      back: number
      tells: boolean
      mark: number
      filter: number
      rest: boolean
    }
  /** One more channel on a connection that is there. */
  | { op: 'join'; client: number; channel: number; start: Start; back: number; filter: number; rest: boolean }
  | {
      op: 'pattern'
      slot: number
      pattern: number
      resumes: boolean
      tells: boolean
      mark: number
      filter: number
    }
  | { op: 'leave'; client: number }
  | { op: 'block' | 'unblock' | 'sip'; client: number }
  | { op: 'turn'; slot: number }
  | { op: 'deliver'; from: number; to: number }
  | { op: 'settle' }
  | { op: 'advance'; ms: number }
  | { op: 'retire' | 'start'; slot: number }
  | { op: 'end'; slot: number; death: Death }
  | { op: 'notice'; slot: number; by: number }

export interface ModelConfig {
  /** By kind (policy and history), priority and owner. */
  readonly channels: readonly {
    readonly kind: ChannelKind
    readonly lane?: ChannelLane
    readonly owner: number
  }[]
  readonly linkBytesMax: number
  readonly flushBytesMax: number
  readonly sliceSubscribers: number
  readonly fanoutBytesMax: number
  readonly connectionBytesMax: number
  readonly workerBytesMax: number
  readonly historyBytesMax: number
  readonly idleChannelsMax: number
  readonly clockMoves: boolean
}

/** `d`isconnect, with `h`istory, drop-`o`ldest, `l`atest, `c`atch-up. */
export type ChannelKind = 'd' | 'h' | 'o' | 'l' | 'c'

/** `H`igh, normal, `L`ow. */
export type ChannelLane = 'H' | '' | 'L'

export const plenty = 1_000_000

const slot = fc.nat(2)
const any = fc.nat(11)
const back = fc.nat(6)
const start = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Start>('live') },
  { weight: 5, arbitrary: fc.constant<Start>('own') },
  { weight: 4, arbitrary: fc.constant<Start>('near') },
  { weight: 2, arbitrary: fc.constant<Start>('bare') },
  { weight: 1, arbitrary: fc.constant<Start>('foreign') },
)
const death = fc.constantFrom<Death>('snapshot', 'snapshot', 'farewell', 'farewell', 'silent')
const tells = fc.boolean()
const filter = fc.nat(3)
const rest = fc.boolean()
/** Of channels: any format. Of patterns: one that is never told a gap, whose place nobody could know. */
const mark = fc.nat(3)
const patternMark = fc.constantFrom(0, 2)
/** Beyond the slots: the owner of a channel. */
const victim = fc.nat(7)

function is<Name extends string>(op: Name): fc.Arbitrary<Name> {
  return fc.constant(op)
}

const kinds = {
  publish: fc.record({ op: is('publish'), slot, channel: any, size: fc.nat(40), key: fc.nat(15) }),
  subscribe: fc.record({ op: is('subscribe'), slot, channel: any, start, back, tells, mark, filter, rest }),
  join: fc.record({ op: is('join'), client: any, channel: any, start, back, filter, rest }),
  pattern: fc.record({
    op: is('pattern'),
    slot,
    pattern: any,
    resumes: fc.boolean(),
    tells,
    mark: patternMark,
    filter,
  }),
  leave: fc.record({ op: is('leave'), client: any }),
  block: fc.record({ op: is('block'), client: any }),
  unblock: fc.record({ op: is('unblock'), client: any }),
  sip: fc.record({ op: is('sip'), client: any }),
  turn: fc.record({ op: is('turn'), slot: fc.nat(3) }),
  deliver: fc.record({ op: is('deliver'), from: slot, to: slot }),
  settle: fc.record({ op: is('settle') }),
  advance: fc.record({ op: is('advance'), ms: fc.constantFrom(1, 250, 1_000, 2_500, 6_000) }),
  retire: fc.record({ op: is('retire'), slot: victim }),
  end: fc.record({ op: is('end'), slot: victim, death }),
  notice: fc.record({ op: is('notice'), slot, by: slot }),
  start: fc.record({ op: is('start'), slot }),
} satisfies Readonly<Record<Op['op'], fc.Arbitrary<Op>>>

type Weights = Readonly<Record<keyof typeof kinds, number>>

const calm: Weights = {
  publish: 36,
  subscribe: 12,
  join: 2,
  pattern: 1,
  leave: 5,
  block: 2,
  unblock: 1,
  sip: 1,
  turn: 14,
  deliver: 20,
  settle: 3,
  advance: 1,
  retire: 0,
  end: 0,
  notice: 0,
  start: 0,
}

/** Slow clients; slow ones with several channels; a few deaths; many. */
const moods: readonly Weights[] = [
  calm,
  { ...calm, publish: 45, block: 6, unblock: 3, sip: 3, deliver: 12 },
  { ...calm, publish: 45, subscribe: 4, join: 10, leave: 2, block: 4, unblock: 2, sip: 10, deliver: 8 },
  { ...calm, retire: 0.3, end: 1, notice: 1, start: 6 },
  { ...calm, publish: 24, retire: 1, end: 3, notice: 2, start: 8 },
]

function sequence(weights: Weights): fc.Arbitrary<Op[]> {
  const op = fc.oneof(
    ...Object.entries(kinds).flatMap(([name, arbitrary]) => {
      const weight = Math.round(10 * (Object.entries(weights).find(([key]) => key === name)?.[1] ?? 0))
      return weight === 0 ? [] : [{ weight, arbitrary: arbitrary as fc.Arbitrary<Op> }] // one of its kinds
    }),
  )
  return fc.array(op, { minLength: 1, maxLength: 120, size: 'max' })
}

export const ops: fc.Arbitrary<Op[]> = fc.oneof(...moods.map(sequence))

export const configs: fc.Arbitrary<ModelConfig> = fc.record({
  channels: fc.array(
    fc.record({
      kind: fc.constantFrom<ChannelKind>('d', 'h', 'h', 'h', 'o', 'l', 'c', 'c'),
      lane: fc.constantFrom<ChannelLane>('H', '', '', 'L'),
      owner: slot,
    }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  linkBytesMax: fc.constantFrom(plenty, 500, 250, 100),
  flushBytesMax: fc.constantFrom(plenty, 60, 20),
  sliceSubscribers: fc.constantFrom(400, 2, 1),
  fanoutBytesMax: fc.constantFrom(plenty, plenty, 60),
  connectionBytesMax: fc.constantFrom(plenty, plenty, 100),
  workerBytesMax: fc.constantFrom(plenty, plenty, plenty, 80),
  historyBytesMax: fc.constantFrom(plenty, plenty, plenty, plenty, plenty, plenty, 2_500),
  idleChannelsMax: fc.constantFrom(plenty, plenty, plenty, plenty, plenty, plenty, 1),
  clockMoves: fc.constantFrom(true, true, true, false),
})
