// Nodes of a ring in one process: each asks the rooms of the others without a socket, and answers out of a table.
import type { Inspection } from '../../../src/engine/owner/inspection.ts'
import type { PublishOutcome } from '../../../src/engine/router.ts'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { type Draft, parseChannelName } from '../../../src/engine/words/publication.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { WholeAnswer, WholeRequest } from '../../../src/net/outgoing/whole-call.ts'
import type { Reply } from '../../../src/net/reply.ts'
import type { NeighbourDependencies } from '../../../src/ring/neighbour.ts'
import type { Nodes, OwnRing } from '../../../src/ring/nodes.ts'
import { RingRoom } from '../../../src/ring/ring-room.ts'
import { type RingSettings, ringSection } from '../../../src/ring/settings.ts'
import { WorkerRing } from '../../../src/ring/worker-ring.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { defaultsOf } from '../../helpers/defaults.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { channelName } from '../../helpers/mesh.ts'

export const settings: RingSettings = { ...defaultsOf<RingSettings>(ringSection.fields), secret: ['s3cret'] }

export function nodesOf(names: readonly string[]): Nodes {
  return {
    map: 'plain',
    nodes: names.map((name, index) => ({
      name,
      weight: 1,
      labels: [`${name}:1`],
      peer: { host: `10.0.0.${index + 1}`, port: 7880 },
      addresses: new Map(),
    })),
  }
}

export function ringOf(names: readonly string[], self: number, generation = 1): OwnRing {
  return { generation, nodes: nodesOf(names), self }
}

/** What an owner says, by the channel's name. */
export interface Said {
  outcome: PublishOutcome
  subscribers: number | undefined
  inspection: Inspection | 'owner-lost'
}

export const published = {
  epoch: parseEpoch('e1'),
  offset: parseOffset(41),
  subscribers: 3,
  duplicate: false,
} as const

export class Site {
  readonly clock = new FakeClock()
  readonly lines: Readonly<Record<string, unknown>>[] = []
  readonly rings: WorkerRing[] = []
  readonly rooms: RingRoom[] = []
  /** Drafts, as owners were given them. */
  readonly taken: Draft[] = []
  /** Requests under way, in their order. */
  readonly requests: { readonly request: WholeRequest; answer(with_: WholeAnswer): void }[] = []
  readonly said: Said = {
    outcome: published,
    subscribers: 5,
    inspection: {
      position: { epoch: published.epoch, offset: published.offset },
      subscribers: 5,
      publications: [],
      gap: false,
      more: false,
      history: { size: 0, bytes: 0 },
    },
  }

  constructor(names: readonly string[] = ['a', 'b'], more: Partial<RingSettings> = {}) {
    const write = (fields: Readonly<Record<string, unknown>>) => void this.lines.push(fields)
    const log = { warn: write, info: write } as unknown as Log<string> // no more of it is used
    for (const self of names.keys()) {
      const ring = new WorkerRing({
        clock: this.clock,
        random: { hex: () => '0010' },
        log,
        ring: ringOf(names, self),
        settings: { ...settings, ...more },
        calls: this.#calls(),
      })
      this.rings.push(ring)
      this.rooms.push(new RingRoom({ ring, engine: this.#engine(), clock: this.clock, log }))
    }
  }

  ring(node: number): WorkerRing {
    const ring = this.rings[node]
    if (ring === undefined) throw new RangeError(`there is no node ${node}`)
    return ring
  }

  /** The first channel that the node owns, by the list of all. */
  channelOf(node: number, nth = 0): ReturnType<typeof channelName> {
    let left = nth
    for (let index = 0; ; index++) {
      const channel = channelName(`c${index}`)
      if (!this.ring(node).owns(channel) && left-- === 0) return channel
    }
  }

  publish(from: number, channel: string, text = 'x'): PublishOutcome[] {
    const outcomes: PublishOutcome[] = []
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    const name = parseChannelName(channel)
    if (name === undefined) throw new RangeError(`${channel} is no name`)
    this.ring(from).publish({ channel: name, content, via: 'test' }, outcome => outcomes.push(outcome))
    return outcomes
  }

  /** Turns and requests until all is quiet. */
  settle(): void {
    while (this.clock.turn() || this.requests.length > 0) this.deliver()
  }

  /** What is under way reaches the rooms, and their answers those who asked. */
  deliver(): void {
    for (const { request, answer } of this.requests.splice(0)) answer(this.ask(request))
  }

  /** A request at the room of the node that has its address. */
  ask({ target, method, path, rawHeaders, body }: WholeRequest): WholeAnswer {
    const room = this.rooms[Number(target.host.split('.')[3]) - 1]
    const replies: Reply[] = []
    const exchange = {
      method,
      path,
      id: 't1',
      header: (name: string) => rawHeaders[rawHeaders.indexOf(name) + 1],
      readBody: (bytesMax: number, done: (bytes: Uint8Array | undefined) => void) => {
        const bytes = body instanceof Uint8Array ? body : new Uint8Array()
        done(bytes.length > bytesMax ? undefined : bytes)
      },
      reply: (reply: Reply) => void replies.push(reply),
    }
    room?.handle(exchange as unknown as Exchange) // the room uses no more of it
    const [reply] = replies
    if (reply === undefined) throw new Error('the room gave no answer')
    const raw = Object.entries(reply.headers ?? {}).flat()
    return { ok: true, status: reply.status, rawHeaders: raw, body: Buffer.from(reply.body ?? '') }
  }

  #calls(): NeighbourDependencies['calls'] {
    return {
      call: (request, _limits, done) => void this.requests.push({ request, answer: done }),
    }
  }

  #engine() {
    const { said, taken } = this
    return {
      publish(draft: Draft, done: (outcome: PublishOutcome) => void) {
        taken.push(draft)
        done(said.outcome)
      },
      presence: (_channel: unknown, done: (subscribers: number | undefined) => void) =>
        done(said.subscribers),
      inspect: (_channel: unknown, _options: unknown, done: (outcome: Inspection | 'owner-lost') => void) =>
        done(said.inspection),
    }
  }
}
