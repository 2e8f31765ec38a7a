// Plays a sequence on brokers of some nodes over servers in memory, and lets the judge look at all that they are told.
import { equal, ok } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import type { ClusterBroker } from '../../../src/cluster/broker.ts'
import type { BrokerEvents } from '../../../src/engine/owner/broker.ts'
import { parseOffset } from '../../../src/engine/words/position.ts'
import type { ChannelName, Publication } from '../../../src/engine/words/publication.ts'
import { FakeClock } from '../fake-clock.ts'
import { channelName } from '../mesh.ts'
import type { MemoryCarrier } from './memory-carrier.ts'
import { clusterLimits, MemoryCluster } from './memory-cluster.ts'
import type { ServerMutation } from './memory-server.ts'
import { Judge } from './model-judge.ts'
import { ModelNetwork } from './model-network.ts'
import type { ClusterModelConfig, ClusterOp } from './model-ops.ts'
import type { FollowerMutation } from './mutants.ts'

export interface ClusterPlay {
  readonly mutation?: FollowerMutation | undefined
  readonly server?: ServerMutation | undefined
}

interface Message {
  readonly channel: ChannelName
  readonly text: string
  readonly key: string | undefined
  state: 'under way' | 'refused' | 'done'
}

const roundsMax = 2_000

class World {
  readonly #config: ClusterModelConfig
  readonly clock = new FakeClock()
  readonly judge = new Judge()
  readonly #cluster: MemoryCluster
  readonly #network: ModelNetwork
  readonly #nodes: readonly ClusterBroker[]
  readonly #channels: readonly ChannelName[]
  readonly #messages: Message[] = []
  #underWay = 0

  constructor(config: ClusterModelConfig, { mutation, server }: ClusterPlay) {
    this.#config = config
    const { nodes, channels, lanes, acks, historySize, answersFirst, isToldFirst } = config
    let answers = 0
    this.#cluster = new MemoryCluster({
      clock: this.clock,
      lanes,
      acks,
      mutation: server,
      isToldFirst,
      answersFirst: () => answersFirst && answers++ % 2 === 0,
    })
    this.#channels = Array.from({ length: channels }, (_, n) => channelName(`c${n}`))
    const keep = { historySize, historyTtlMs: 3_600_000, historyBytesMax: 1_000_000 }
    this.#network = new ModelNetwork(this.#cluster, this.clock, this.#channels)
    this.#nodes = Array.from({ length: nodes }, (_, node) =>
      this.#cluster.broker(this.clock, this.#events(node), { keep, node: `n${node}`, runs: false, mutation }),
    )
  }

  play(op: ClusterOp): void {
    switch (op.op) {
      case 'publish':
        for (let n = 0; n < op.count; n++) this.#publishNew(op.node, this.#channel(op.channel), op.isKeyed)
        return
      case 'repeat':
        return this.#repeat(op.node, op.which)
      case 'follow':
      case 'unfollow':
      case 'refresh':
      case 'read':
        return this.#ask(op)
      case 'promote':
      case 'restart':
      case 'replicate':
        return this.#network.serve(op)
      case 'turn':
        return void this.clock.turn()
      case 'settle':
        return this.settle()
      case 'advance':
        return this.clock.advance(op.ms)
      default:
        return this.#network.connect(op)
    }
  }

  /** Everything that is down comes back, everything under way arrives, and all are where the broker is. */
  settle(): void {
    this.#quiet()
    // What got lost on a live connection is found in time.
    for (let sweeps = 0; sweeps < (this.#network.drops > 0 ? 8 : 2); sweeps++) {
      this.clock.advance(1_000)
      this.#quiet()
    }
    equal(this.#underWay, 0, 'a publish was never answered')
    this.judge.rest(channel => this.#lane(channel).state.records.get(channel))
    for (const node of this.#nodes) {
      equal(node.away, undefined)
      const { 'broker.setBacks': setBacks, 'broker.sweepDifferences': differences } = node.statistics()
      equal(setBacks, 0)
      if (this.#network.drops === 0) equal(differences, 0, 'a sweep found something')
    }
  }

  followAll(): void {
    for (let node = 0; node < this.#config.nodes; node++)
      for (let channel = 0; channel < this.#config.channels; channel++)
        this.play({ op: 'follow', node, channel })
  }

  #events(node: number): BrokerEvents {
    return {
      followed: (channel, next) => this.judge.followed(node, channel, next),
      publication: publication =>
        this.judge.publication(node, publication.channel, publication.offset, textOf(publication)),
      gap: (channel, next) => {
        const server = this.#carrier(node).connections[this.#laneOf(channel)]?.server
        const keeps = server?.keeps(channel, next.epoch, next.offset - 1) ?? false
        this.judge.gap(node, channel, next, keeps)
      },
      renumbered: (channel, from, to) => this.judge.renumbered(node, channel, from, to),
      matched: () => {},
      patternGap: () => {},
      presence: () => 0,
    }
  }

  #publishNew(node: number, channel: ChannelName, isKeyed: boolean): void {
    const number = this.#messages.length
    const message: Message = {
      channel,
      text: `m${number}`,
      key: isKeyed ? `k${number}` : undefined,
      state: 'under way',
    }
    this.#messages.push(message)
    this.#publish(node, message)
  }

  #repeat(node: number, which: number): void {
    const refused = this.#messages.filter(({ state, key }) => state === 'refused' && key !== undefined)
    const message = refused[which % Math.max(1, refused.length)]
    if (message !== undefined) this.#publish(node, message)
  }

  #publish(number: number, message: Message): void {
    const { channel, text, key } = message
    const at = this.clock.now()
    let answers = 0
    message.state = 'under way'
    this.#underWay++
    this.judge.published(channel, text)
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    const draft = { channel, content, via: 'test', idempotencyKey: key }
    const keep = {
      historySize: this.#config.historySize,
      historyTtlMs: 3_600_000,
      historyBytesMax: 1_000_000,
    }
    this.#node(number).publish(draft, keep, outcome => {
      equal(++answers, 1, `${text} was answered twice`)
      this.#underWay--
      message.state = typeof outcome === 'string' ? 'refused' : 'done'
      this.judge.answered(text, outcome)
      if (typeof outcome === 'string') return
      const place = this.judge.place(number % this.#nodes.length, channel)
      const isBehind = place?.epoch === outcome.epoch && place.next <= outcome.offset
      ok(
        !isBehind || this.clock.now() >= at + clusterLimits.timeoutMs,
        `${text} is answered before it is told`,
      )
    })
  }

  #ask(op: ClusterOp & { readonly node: number; readonly channel: number }): void {
    const number = op.node % this.#nodes.length
    const node = this.#node(number)
    const channel = this.#channel(op.channel)
    const follows = this.judge.follows(number, channel)
    if (op.op === 'follow') {
      if (follows) return
      this.judge.asked(number, channel)
      node.follow(channel, undefined)
    } else if (op.op === 'unfollow') {
      if (!follows) return
      this.judge.left(number, channel)
      node.unfollow(channel)
    } else if (op.op === 'refresh') {
      node.refresh(channel, () => {})
    } else if (op.op === 'read') {
      this.#read(number, channel, op.back)
    }
  }

  #read(number: number, channel: ChannelName, back: number): void {
    const place = this.judge.place(number, channel)
    if (place === undefined) return
    const from = parseOffset(Math.max(0, place.next - back))
    this.#node(number).read(channel, from, parseOffset(place.next), page => {
      const { epoch } = this.judge.place(number, channel) ?? {}
      // Another numbering began meanwhile, and nobody looks at it.
      if (epoch !== place.epoch) return
      ok(page.from >= from)
      if (page.from > from) equal(page.publications.length, 0)
      else ok(page.publications.length > 0 || from === place.next, 'a page is empty')
      for (const [index, publication] of page.publications.entries()) {
        equal(publication.offset, from + index)
        this.judge.names(channel, place.epoch, publication.offset, textOf(publication))
      }
    })
  }

  #quiet(): void {
    for (let round = 0; round < roundsMax; round++) {
      let busy = this.#network.comeBack()
      busy = this.clock.turn() || busy
      if (busy) continue
      if (this.#underWay === 0) return
      // A hole keeps some answer.
      this.clock.advance(clusterLimits.timeoutMs)
    }
    throw new Error('the nodes do not come to rest')
  }

  #node(number: number): ClusterBroker {
    return this.#nodes[number % this.#nodes.length] as ClusterBroker // it is one of them
  }

  #carrier(number: number): MemoryCarrier {
    return this.#cluster.carriers[number % this.#nodes.length] as MemoryCarrier // as above
  }

  #channel(number: number): ChannelName {
    return this.#channels[number % this.#channels.length] as ChannelName // as above
  }

  #laneOf(channel: ChannelName): number {
    return this.#carrier(0).laneOf(channel)
  }

  #lane(channel: ChannelName) {
    const broker = this.#cluster.lanes[this.#laneOf(channel)]
    if (broker === undefined) throw new RangeError('there is no such lane')
    return broker.master
  }
}

function textOf({ content }: Publication): string {
  return Buffer.from(content.payload).toString()
}

/** What was counted, so that a test can tell that something happened. */
export function runClusterModel(
  config: ClusterModelConfig,
  ops: readonly ClusterOp[],
  play: ClusterPlay = {},
): Judge['counts'] {
  const world = new World(config, play)
  if (config.follow) world.followAll()
  world.settle()
  for (const op of ops) world.play(op)
  world.settle()
  return world.judge.counts
}
