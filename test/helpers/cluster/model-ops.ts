// What the model of followers plays: how many nodes, channels and servers there are, and what happens to them.
import fc from 'fast-check'

export interface ClusterModelConfig {
  readonly nodes: number
  readonly channels: number
  readonly lanes: number
  readonly acks: 'master' | 'replica'
  readonly historySize: number
  readonly answersFirst: boolean
  readonly isToldFirst: boolean
  /** All nodes follow all channels from the beginning. */
  readonly follow: boolean
}

export type ClusterOp =
  /** So many, each with a key of its own, under which it may be published again, or without. */
  | {
      readonly op: 'publish'
      readonly node: number
      readonly channel: number
      readonly isKeyed: boolean
      readonly count: number
    }
  /** Some publisher that was refused tries again, perhaps on another node. */
  | { readonly op: 'repeat'; readonly node: number; readonly which: number }
  | { readonly op: 'follow' | 'unfollow' | 'refresh'; readonly node: number; readonly channel: number }
  | { readonly op: 'read'; readonly node: number; readonly channel: number; readonly back: number }
  | {
      readonly op: 'write' | 'execute' | 'hear' | 'drop' | 'lose'
      readonly node: number
      readonly lane: number
    }
  /** Its connections move; or it goes on until it waits for nothing, and connects what is down. */
  | { readonly op: 'move' | 'run'; readonly node: number }
  | { readonly op: 'cut'; readonly node: number; readonly lane: number; readonly arrives: boolean }
  | { readonly op: 'connect'; readonly node: number; readonly lane: number }
  | { readonly op: 'promote'; readonly lane: number }
  | { readonly op: 'restart'; readonly lane: number; readonly how: 'whole' | 'empty' | 'behind' }
  | { readonly op: 'replicate'; readonly lane: number; readonly steps: number }
  | { readonly op: 'turn' | 'settle' }
  | { readonly op: 'advance'; readonly ms: number }

export const clusterConfigs: fc.Arbitrary<ClusterModelConfig> = fc.record({
  nodes: fc.integer({ min: 2, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  lanes: fc.integer({ min: 1, max: 2 }),
  acks: fc.constantFrom('master', 'replica'),
  historySize: fc.constantFrom(0, 3, 50),
  answersFirst: fc.boolean(),
  isToldFirst: fc.boolean(),
  follow: fc.boolean(),
})

const node = fc.nat(2)
const channel = fc.nat(2)
const lane = fc.nat(1)
const burst = fc.integer({ min: 1, max: 5 })

function of<Kind extends ClusterOp['op']>(op: Kind): fc.Arbitrary<Kind> {
  return fc.constant(op)
}

const op: fc.Arbitrary<ClusterOp> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({ op: of('publish'), node, channel, isKeyed: fc.boolean(), count: burst }),
  },
  { weight: 3, arbitrary: fc.record({ op: of('repeat'), node, which: fc.nat(20) }) },
  { weight: 6, arbitrary: fc.record({ op: of('follow'), node, channel }) },
  { weight: 2, arbitrary: fc.record({ op: of('unfollow'), node, channel }) },
  { weight: 2, arbitrary: fc.record({ op: of('refresh'), node, channel }) },
  { weight: 2, arbitrary: fc.record({ op: of('read'), node, channel, back: fc.nat(6) }) },
  { weight: 4, arbitrary: fc.record({ op: of('write'), node, lane }) },
  { weight: 5, arbitrary: fc.record({ op: of('execute'), node, lane }) },
  { weight: 5, arbitrary: fc.record({ op: of('hear'), node, lane }) },
  { weight: 1, arbitrary: fc.record({ op: of('drop'), node, lane }) },
  { weight: 1, arbitrary: fc.record({ op: of('lose'), node, lane }) },
  { weight: 8, arbitrary: fc.record({ op: of('move'), node }) },
  { weight: 8, arbitrary: fc.record({ op: of('run'), node }) },
  { weight: 4, arbitrary: fc.record({ op: of('cut'), node, lane, arrives: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ op: of('connect'), node, lane }) },
  { weight: 2, arbitrary: fc.record({ op: of('promote'), lane }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: of('restart'), lane, how: fc.constantFrom('whole', 'empty', 'behind') }),
  },
  { weight: 3, arbitrary: fc.record({ op: of('replicate'), lane, steps: fc.nat(8) }) },
  { weight: 8, arbitrary: fc.record({ op: of('turn') }) },
  { weight: 2, arbitrary: fc.record({ op: of('settle') }) },
  { weight: 2, arbitrary: fc.record({ op: of('advance'), ms: fc.constantFrom(1, 500, 2_000, 31_000) }) },
)

export const clusterOps: fc.Arbitrary<ClusterOp[]> = fc.array(op, {
  minLength: 5,
  maxLength: 70,
  size: 'max',
})
