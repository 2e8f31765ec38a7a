// The ring as one worker knows it: which channels are elsewhere, and the way there. A question goes to the one node that owns
// its channel by the list of now; nobody stands in for a node that is away.
import type { Elsewhere } from '../engine/elsewhere.ts'
import type { InspectOptions, InspectOutcome } from '../engine/owner/inspection.ts'
import type { PublishOutcome } from '../engine/router.ts'
import { linkBytes } from '../engine/words/link.ts'
import { isPrivate } from '../engine/words/private.ts'
import type { ChannelName, Draft } from '../engine/words/publication.ts'
import { createIsForbidden } from '../net/outgoing/forbidden-addresses.ts'
import { WholeCalls } from '../net/outgoing/whole-calls.ts'
import type { Clock } from '../std/clock.ts'
import type { Random } from '../std/random.ts'
import type { Log } from '../telemetry/log.ts'
import type { RingAnswer } from './answers.ts'
import { Neighbour, type NeighbourDependencies, troubles, type Unanswered } from './neighbour.ts'
import { createNodeMap } from './node-map.ts'
import type { OwnRing } from './nodes.ts'
import type { Question } from './questions.ts'
import type { RingSettings } from './settings.ts'

export interface WorkerRingDependencies {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log<string>
  readonly ring: OwnRing
  readonly settings: RingSettings
  /** In place of the way to other nodes. */
  readonly calls?: NeighbourDependencies['calls']
}

/** How often a node is asked how it is, where nothing else is asked. */
const probeMs = 10_000
/** For so long after a change some proxy may still have the list before it. */
const movingMs = 60_000
/** What a question takes beside its draft. */
const questionBytes = 256
/** An answer with a page of history is about so long at most, so that one request has one of them. */
const pageBytes = 1_048_576
/** To other nodes: each has one request of this worker, and those of the next list may be among them. */
const underWayMax = 256

export class WorkerRing implements Elsewhere {
  readonly #clock: Clock
  readonly #dependencies: NeighbourDependencies
  readonly #counters: NeighbourDependencies['counters'] = {
    requestsSent: 0,
    questionsSent: 0,
    waitingExceeded: 0,
    'requestsFailed.away': 0,
    'requestsFailed.differs': 0,
    'requestsFailed.refuses': 0,
  }
  readonly #neighbours = new Map<string, Neighbour>()
  #ring: OwnRing
  #settings: RingSettings
  #placeOf: ReturnType<typeof createNodeMap>
  #isForbidden: ReturnType<typeof createIsForbidden>
  #movedMs = Number.NEGATIVE_INFINITY

  constructor({ clock, random, log, ring, settings, calls }: WorkerRingDependencies) {
    this.#clock = clock
    this.#ring = ring
    this.#settings = settings
    this.#placeOf = createNodeMap(ring.nodes)
    this.#isForbidden = forbiddenFor(ring)
    this.#dependencies = {
      clock,
      log,
      calls:
        calls ??
        new WholeCalls({
          clock,
          isForbidden: (address, port) => this.#isForbidden(address, port),
          bounds: { connectionsMax: 1, underWayMax },
        }),
      counters: this.#counters,
      settings: () => this.#settings,
      own: () => ({ generation: this.#ring.generation, name: this.name }),
    }
    this.#meet()
    const firstMs = Number.parseInt(random.hex(2), 16) % 1_000
    clock.after(firstMs, () => {
      this.#probe(0)
      clock.every(probeMs, () => this.#probe(probeMs))
    })
  }

  get name(): string {
    return this.#ring.nodes.nodes[this.#ring.self]?.name ?? ''
  }

  get generation(): number {
    return this.#ring.generation
  }

  get settings(): RingSettings {
    return this.#settings
  }

  get isMoving(): boolean {
    if (this.#clock.now() - this.#movedMs < movingMs) return true
    return [...this.#neighbours.values()].some(node => this.#differs(node))
  }

  get pending(): number {
    return [...this.#neighbours.values()].reduce((sum, { publishes }) => sum + publishes, 0)
  }

  /** By the keys of `ringMetrics`. */
  statistics(): Readonly<Record<string, number>> {
    const all = [...this.#neighbours.values()]
    const inTrouble = troubles.map(
      trouble => [`nodes.${trouble}`, all.filter(({ condition }) => condition === trouble).length] as const,
    )
    return {
      ...this.#counters,
      waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
      waitingBytes: all.reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
      ...Object.fromEntries(inTrouble),
      generation: this.#ring.generation,
    }
  }

  /** The settings were read again. True: some channels may have other owners now. */
  change(ring: OwnRing, settings: RingSettings): boolean {
    const isAnother = ring.generation !== this.#ring.generation
    this.#ring = ring
    this.#settings = settings
    if (!isAnother) return false
    this.#placeOf = createNodeMap(ring.nodes)
    this.#isForbidden = forbiddenFor(ring)
    this.#movedMs = this.#clock.now()
    this.#meet()
    this.#probe(0)
    return true
  }

  /** What a node said of itself as it asked. */
  heard(from: string, generation: number): void {
    const node = this.#neighbours.get(from)
    if (node !== undefined) node.generation = generation
  }

  owns(channel: ChannelName): boolean {
    return !isPrivate(channel) && this.#placeOf(channel).node !== this.#ring.self
  }

  publish(draft: Draft, done: (outcome: PublishOutcome) => void): void {
    const bytes = linkBytes(draft) + (draft.idempotencyKey?.length ?? 0) + questionBytes
    this.#ask(draft.channel, { kind: 'publish', draft }, bytes, answer => {
      if (typeof answer === 'string') done(answer)
      else done(answer.kind === 'publish' ? herePublished(answer.outcome) : 'owner-lost')
    })
  }

  presence(channel: ChannelName, done: (subscribers: number | undefined) => void): void {
    this.#ask(channel, { kind: 'presence', channel }, questionBytes, answer =>
      done(typeof answer !== 'string' && answer.kind === 'presence' ? answer.subscribers : undefined),
    )
  }

  inspect(channel: ChannelName, options: InspectOptions, done: (outcome: InspectOutcome) => void): void {
    const bytes = options.limit > 0 ? Math.min(pageBytes, this.#settings.bodyBytesMax) : questionBytes
    this.#ask(channel, { kind: 'inspect', channel, options }, bytes, answer => {
      if (typeof answer === 'string') done(answer)
      else if (answer.kind !== 'inspect' || answer.outcome === 'elsewhere') done('owner-lost')
      else done(answer.outcome)
    })
  }

  #ask(
    channel: ChannelName,
    question: Question,
    bytes: number,
    done: (answer: RingAnswer | Unanswered) => void,
  ): void {
    const owner = this.#ring.nodes.nodes[this.#placeOf(channel).node]
    const neighbour = owner && this.#neighbours.get(owner.name)
    if (neighbour === undefined) return done('owner-lost')
    neighbour.ask(question, bytes, done)
  }

  /** One whose address is as before keeps what waits for it. */
  #meet(): void {
    const { nodes } = this.#ring.nodes
    const wanted = new Map(nodes.filter(({ name }) => name !== this.name).map(node => [node.name, node]))
    for (const [name, neighbour] of this.#neighbours) {
      const { host, port } = wanted.get(name)?.peer ?? {}
      if (neighbour.target.host === host && neighbour.target.port === port) continue
      this.#neighbours.delete(name)
      neighbour.leave()
    }
    for (const [name, { peer }] of wanted) {
      if (this.#neighbours.has(name)) continue
      const target = { host: peer.host, port: peer.port }
      this.#neighbours.set(name, new Neighbour(name, target, this.#dependencies))
    }
  }

  #probe(silentMs: number): void {
    for (const neighbour of this.#neighbours.values()) neighbour.probe(silentMs)
  }

  #differs({ generation }: Neighbour): boolean {
    return generation !== undefined && generation !== this.#ring.generation
  }
}

/** The node that was asked has another list: nothing was published, and soon both have the same. */
function herePublished(outcome: PublishOutcome): PublishOutcome {
  return outcome === 'elsewhere' ? 'owner-lost' : outcome
}

/** What an operator names by its address he means. */
function forbiddenFor({ nodes }: OwnRing): ReturnType<typeof createIsForbidden> {
  return createIsForbidden(
    nodes.nodes.map(({ peer }) => peer.host),
    [],
  )
}
