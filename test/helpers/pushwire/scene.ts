// Sessions of the front-end over engines in one thread: a connection keeps all that it was told, and takes as much as a test
// lets it. Nothing moves by itself, as on the mesh.
import type { Engine } from '../../../src/engine/engine.ts'
import type { Batch, Format } from '../../../src/engine/reader/subscriber.ts'
import { Wire } from '../../../src/engine/reader/wire.ts'
import type { Namespace, PrivateGroup } from '../../../src/engine/words/namespace.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import {
  type ChannelPlan,
  type ChannelRecord,
  type Plan,
  planOf,
} from '../../../src/frontends/pushwire/config/config.ts'
import { Permissions } from '../../../src/frontends/pushwire/config/permission.ts'
import { controlGroup } from '../../../src/frontends/pushwire/session/control.ts'
import type { Arrival, Expiring, Face, SessionKind } from '../../../src/frontends/pushwire/session/face.ts'
import type { Feed } from '../../../src/frontends/pushwire/session/feed.ts'
import { Session } from '../../../src/frontends/pushwire/session/session.ts'
import { dataGroup, nameOfStream, streamOf } from '../../../src/frontends/pushwire/session/streams.ts'
import { type PushwireSettings, pushwireSection } from '../../../src/frontends/pushwire/settings.ts'
import type { Ending } from '../../../src/frontends/pushwire/wire/endings.ts'
import { createFormats } from '../../../src/frontends/pushwire/wire/frames.ts'
import type { ServerOperation } from '../../../src/frontends/pushwire/wire/operations.ts'
import type { Vector } from '../../../src/frontends/pushwire/wire/vector.ts'
import { Expiries } from '../../../src/std/expiries.ts'
import { defaultsOf } from '../defaults.ts'
import { Mesh, type MeshOptions } from '../mesh.ts'

const defaults = defaultsOf<PushwireSettings>(pushwireSection.fields)
const formats = createFormats(nameOfStream)

const channels: readonly ChannelRecord[] = [
  { name: 'system', wireId: 5, priority: 0, system: true },
  { name: 'chat', handler: 'broadcast' },
  { name: 'news', handler: 'broadcast' },
  { name: 'data', handler: 'none', scope: 'client' },
]

export const clientId = '7d444840-9dc0-11d1-b245-5ffdce74fad2'

interface Frame {
  readonly channel: string
  readonly cursor: number
  readonly payload: unknown
}

interface Coming {
  readonly clientId?: string
  readonly names?: readonly string[]
  readonly missed?: readonly string[]
  readonly places?: Vector
  readonly resumeCursor?: number
  /** First Unix second in which it may not stay. */
  readonly expires?: number
}

/** One connection. */
export class Connection implements Face {
  readonly wire = new Wire({ copies: true })
  readonly said: ServerOperation[] = []
  readonly frames: Frame[] = []
  /** What it was told, in its order. */
  readonly told: (ServerOperation | Frame)[] = []
  readonly endings: Ending[] = []
  /** When it is to come back, as its end said. */
  readonly returns: (number | undefined)[] = []
  session: Session | undefined
  hasBegun = false
  isBehind = false
  /** Whether it takes more after what it is given. */
  takes = true
  /** What the client does when it is let in. */
  onBegan: (session: Session) => void = () => {}

  formatOf(feed: Feed): Format {
    return formats.socket[feed.lap]
  }

  began(): void {
    this.hasBegun = true
    if (this.session !== undefined) this.onBegan(this.session)
  }

  settled(): void {}

  say(operation: ServerOperation): void {
    this.said.push(operation)
    this.told.push(operation)
  }

  write(_feed: Feed, { frames }: Batch): boolean {
    for (const frame of frames) {
      const read = JSON.parse(Buffer.from(frame).toString()) as Frame // of the formats above
      this.frames.push(read)
      this.told.push(read)
    }
    if (!this.takes) this.isBehind = true
    return this.takes
  }

  end(ending: Ending, _detail?: string, returnMs?: number): void {
    this.endings.push(ending)
    this.returns.push(returnMs)
  }

  /** The socket takes more. */
  drain(): void {
    this.takes = true
    this.isBehind = false
    this.session?.drained()
  }

  /** What it got on a channel. */
  payloads(channel: string): unknown[] {
    return this.frames.filter(frame => frame.channel === channel).map(({ payload }) => payload)
  }

  cursors(channel: string): number[] {
    return this.frames.filter(frame => frame.channel === channel).map(({ cursor }) => cursor)
  }
}

interface SceneOptions extends Pick<MeshOptions, 'workers' | 'ownerOf' | 'settings' | 'node'> {
  readonly namespaces?: readonly Partial<Namespace>[]
  /** Frames that are kept of each channel. */
  readonly ring?: number
  readonly channels?: readonly ChannelRecord[]
  /** Claims are told apart by numbers above this one: for scenes whose connections meet. */
  readonly nonces?: number
}

export class Scene {
  readonly mesh: Mesh
  readonly plan: Plan
  readonly counters = { sessions: 0, sessionsOpened: 0, gapsTold: 0 }
  readonly #permissions: Permissions
  readonly #kinds = new Map<number, SessionKind>()
  #nonces: number

  constructor({
    ring = 8,
    namespaces = [],
    channels: records = channels,
    nonces = 0,
    ...options
  }: SceneOptions = {}) {
    this.#nonces = nonces
    this.plan = planOf({ ...defaults, channels: [...records] })
    const kept = { historySize: ring, historyTtlMs: 900_000, policy: 'catch-up' } as const
    const groups: PrivateGroup[] = [
      { group: controlGroup, historySize: 0, policy: 'catch-up' },
      ...this.plan.channels
        .filter(({ scope, isSystem }) => scope === 'client' && !isSystem)
        .map(({ name }) => ({ group: dataGroup(name), ...kept })),
    ]
    const shared = this.plan.channels
      .filter(({ scope, isSystem }) => scope === 'channel' && !isSystem)
      .map(({ configured }) => ({ pattern: configured, ...kept }))
    const ownerOf = options.ownerOf ?? (() => 0)
    this.mesh = new Mesh({ workers: 1, ...options, ownerOf, groups, namespaces: [...namespaces, ...shared] })
    this.#permissions = new Permissions(
      this.plan.channels.filter(({ isSystem }) => !isSystem).map(({ configured }) => configured),
    )
  }

  engine(slot = 0): Engine {
    const engine = this.mesh.engines[slot]
    if (engine === undefined) throw new RangeError(`no engine in slot ${slot}`)
    return engine
  }

  /** What the sessions of a worker share. A worker that was replaced has new ones. */
  kind(slot = 0): SessionKind {
    const engine = this.engine(slot)
    const known = this.#kinds.get(slot)
    if (known?.engine === engine) return known
    const kind: SessionKind = {
      plan: this.plan,
      engine,
      clock: this.mesh.clock,
      random: { hex: () => (++this.#nonces).toString(16) },
      expiries: new Expiries<Expiring>(this.mesh.clock, session => session.expire()),
      counters: this.counters,
    }
    this.#kinds.set(slot, kind)
    return kind
  }

  channel(name: string): ChannelPlan {
    const channel = this.plan.find(name)
    if (channel === undefined) throw new RangeError(`no channel ${name}`)
    return channel
  }

  /** Subscribed, and not yet let in: that is up to `settle`, where an owner elsewhere must be asked. */
  open(coming: Coming = {}, slot = 0, connection = new Connection()): Connection {
    const { names = ['chat'], missed, places = new Map(), resumeCursor, expires } = coming
    const arrival: Arrival = {
      clientId: coming.clientId ?? clientId,
      permission: this.#permissions.of('all', expires),
      places,
      resumeCursor,
    }
    connection.session = new Session(this.kind(slot), connection, connection.wire, arrival)
    connection.session.open(
      names.map(name => this.channel(name)),
      missed,
    )
    return connection
  }

  /** As `open`, and everything that follows has happened. */
  connect(coming: Coming = {}, slot = 0, connection = new Connection()): Connection {
    this.open(coming, slot, connection)
    this.mesh.settle()
    return connection
  }

  /** JSON payloads, one after the other, to a channel; in client scope to that client. */
  publish(name: string, payloads: readonly unknown[], slot = 0, id = clientId): void {
    for (const payload of payloads) {
      const content = { kind: 'json', payload: Buffer.from(JSON.stringify(payload)) } as const
      const channel: ChannelName = streamOf(this.channel(name), id)
      this.engine(slot).publish({ channel, content, via: pushwireSection.name }, outcome => {
        if (typeof outcome === 'string') throw new Error(`the publish was refused: ${outcome}`)
      })
      this.mesh.settle()
    }
  }

  /** Subscriptions of the worker. */
  subscribers(slot = 0): number {
    return this.engine(slot).statistics().hub['subscribers'] ?? 0
  }

  settle(): void {
    this.mesh.settle()
  }
}
