// Plays a sequence on three engines with clients that are the tracker (contract §3.2) and resume by bare cursors. A client that
// is led astray fails at once; `finish` asks whether anybody is left in silence.
import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import { parseOffset } from '../../../src/engine/words/position.ts'
import { privateChannel } from '../../../src/engine/words/private.ts'
import { offsetOf } from '../../../src/frontends/pushwire/wire/cursors.ts'
import { FakeSubscriber } from '../fake-subscriber.ts'
import { channelName } from '../mesh.ts'
import {
  type Attached,
  type ModelChannel,
  ModelClient,
  type ModelConnection,
  toEach,
} from './model-client.ts'
import type { FeedFault } from './model-feed.ts'
import type { Op, PushwireConfig } from './model-ops.ts'
import { ModelOrder } from './model-order.ts'
import { group, historySize, PushwireWorkers, type WorkersFault } from './model-workers.ts'

const clientsMax = 4

export type PushwireFault = NonNullable<FeedFault | WorkersFault>

/** Throws where a client is led astray. */
export function runPushwireModel(config: PushwireConfig, ops: readonly Op[], fault?: PushwireFault): void {
  const run = new PushwireRun(config, fault)
  for (const op of ops) run.play(op)
  run.finish()
}

class PushwireRun {
  readonly #order = new ModelOrder()
  readonly #workers: PushwireWorkers
  readonly #clients: readonly ModelClient[]
  readonly #shared: readonly ModelChannel[]
  readonly #own: ReadonlyMap<ModelClient, ModelChannel>
  readonly #isNamed: boolean
  #texts = 0
  #floods = 0

  constructor(config: PushwireConfig, fault: PushwireFault | undefined) {
    const isOfFeeds = fault === 'gap-untold' || fault === 'lap-forgotten'
    this.#isNamed = fault === 'idle-shared'
    this.#workers = new PushwireWorkers(
      config,
      ({ channel, content }) =>
        this.#order.append(channel, Buffer.from(content.payload).toString(), this.#lossesOf(channel)),
      isOfFeeds ? undefined : fault,
    )
    this.#shared = config.owners.map((owner, index) => {
      const label = `s${index}${owner}`
      return { label, name: channelName(label), scope: 'channel' }
    })
    const fresh = (_: unknown, number: number) =>
      new ModelClient(number, this.#order, isOfFeeds ? fault : undefined)
    this.#clients = Array.from({ length: clientsMax }, fresh)
    this.#own = new Map(this.#clients.map(client => [client, this.#ownOf(client.key)]))
  }

  play(op: Op): void {
    const { mesh } = this.#workers
    switch (op.op) {
      case 'publish':
        this.#publish(op.slot, this.#shared[op.channel % this.#shared.length] ?? fail('no channel'), op.size)
        break
      case 'address':
        this.#publish(op.slot, this.#own.get(this.#client(op.client)) ?? fail('no stream'), op.size)
        break
      case 'each':
        this.#publishEach(op.slot, op.size, this.#clients[op.except])
        break
      case 'flood':
        this.#flood(op.slot, op.count)
        break
      case 'turn':
        mesh.turn(op.slot === 3 ? undefined : op.slot)
        break
      case 'deliver':
        mesh.deliver(op.from, op.to)
        break
      case 'settle':
        this.#settle()
        break
      case 'advance':
        mesh.advance(op.ms)
        break
      case 'end':
        this.#end(op)
        break
      case 'notice':
        mesh.notice(op.slot, op.by)
        break
      case 'start':
        this.#workers.start([op.slot, 0, 1, 2].find(slot => mesh.engines[slot] === undefined) ?? op.slot)
        break
      case 'restart':
        for (const client of this.#clients) this.#drop(client, 0)
        this.#workers.restart(op.isKept, op.back)
        break
      default:
        this.#playClient(op)
    }
    this.#endSessions()
  }

  /** Everybody is there and takes everything: whatever is published reaches them. */
  finish(): void {
    for (const slot of [0, 1, 2]) this.#workers.start(slot)
    this.#workers.mesh.settle()
    this.#endSessions()
    for (const client of this.#clients) {
      this.#connect(client, 0)
      this.#take(client, true)
    }
    // What is behind a slow wire comes in rounds.
    for (let round = 0; round < 3; round++) {
      this.#settle()
      for (const client of this.#clients) this.#take(client, true)
    }
    this.#endSessions()
    if (!this.#isNamed) this.#checkEach()
    for (const channel of [...this.#shared, ...this.#own.values()]) {
      const text = this.#publish(0, channel, 0)
      this.#settle()
      for (const client of this.#clients) {
        if (!client.connection?.held.has(channel)) continue
        ok(client.track(channel).has(text), `${channel.label}: ${text} never came to ${client.key}`)
      }
    }
  }

  #playClient(op: Op & { client: number }): void {
    const client = this.#client(op.client)
    const { connection } = client
    if (op.op === 'connect') return this.#connect(client, op.slot)
    if (op.op === 'ack') return this.#ack(client, op)
    if (connection === undefined) return
    const channels = this.#channelsOf(client)
    if (op.op === 'drop') this.#drop(client, op.arrive)
    else if (op.op === 'block') connection.writable = false
    else if (op.op === 'sip' || op.op === 'unblock') this.#take(client, op.op === 'unblock')
    else if (op.op === 'subscribe' || op.op === 'unsubscribe')
      this.#toggle(client, connection, channels[op.channel % channels.length] ?? fail('no channel'))
  }

  #connect(client: ModelClient, wanted: number): void {
    const slot = this.#workers.servingAt(wanted)
    if (slot === undefined || client.connection !== undefined) return
    client.connect(slot, this.#workers.engine(slot), this.#channelsOf(client), this.#attached)
  }

  /** An ack is a cursor, and of whatever numbering that is. */
  #ack(client: ModelClient, { slot: wanted, but }: Op & { op: 'ack' }): void {
    const slot = this.#workers.servingAt(wanted)
    const channel = this.#own.get(client) ?? fail('no stream')
    const offset = offsetOf(client.track(channel).tracker.last)
    if (slot !== undefined)
      this.#workers.engine(slot).trim(channel.name, parseOffset(Math.max(0, offset - but)))
  }

  /** Unsubscribes; or subscribes again, and then the session knows where its feed was. */
  #toggle(client: ModelClient, connection: ModelConnection, channel: ModelChannel): void {
    const engine = this.#workers.engine(connection.slot)
    const held = connection.held.get(channel)
    if (held?.subscription !== undefined) {
      engine.unsubscribe(held.subscription)
      connection.held.delete(channel)
      connection.left.set(channel, held.feed.place)
    } else {
      client.subscribe(engine, channel, connection.left.get(channel))
    }
  }

  /** The wire takes what was said; and all that follows, or only what comes next. */
  #take({ connection }: ModelClient, writable: boolean): void {
    if (connection === undefined) return
    connection.writable = writable
    connection.arrive()
    const [held] = connection.held.values()
    if (held !== undefined) this.#workers.engine(connection.slot).drained(held.feed)
  }

  #drop(client: ModelClient, arrive: number): void {
    const { connection } = client
    if (connection === undefined) return
    connection.arrive(arrive)
    client.connection = undefined
    const [held] = connection.held.values()
    if (held !== undefined) this.#workers.mesh.engines[connection.slot]?.leave(held.feed)
  }

  /** The first channel that is let go of ends its session. */
  #endSessions(): void {
    for (const client of this.#clients) if (client.connection?.ended) this.#drop(client, 2)
  }

  #end({ slot, death, lost, back }: Op & { op: 'end' }): void {
    this.#workers.end(slot, death, lost, back)
    for (const client of this.#clients) if (client.connection?.slot === slot) this.#drop(client, lost)
  }

  #publish(wanted: number, { name, label }: ModelChannel, size: number): string {
    const text = `${label}#${++this.#texts}${'x'.repeat(size)}`
    const slot = this.#workers.servingAt(wanted)
    if (slot !== undefined) this.#workers.mesh.publishTo(slot, name, text)
    return text
  }

  /** Returns its text, and what becomes of it. */
  #publishEach(wanted: number, size: number, except?: ModelClient): { text: string; outcomes: unknown[] } {
    const text = `${toEach}#${++this.#texts}${'x'.repeat(size)}`
    const outcomes: unknown[] = []
    const slot = this.#workers.servingAt(wanted)
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    const each = { group, content, via: 'model', except: except?.key }
    if (slot !== undefined) this.#workers.engine(slot).publishEach(each, outcome => outcomes.push(outcome))
    return { text, outcomes }
  }

  /** Everything is at rest: it reaches all, and all are counted. */
  #checkEach(): void {
    const { text, outcomes } = this.#publishEach(0, 0)
    this.#settle()
    const there = [...this.#own].filter(([client, channel]) => client.connection?.held.has(channel))
    for (const [client, channel] of there)
      ok(client.track(channel).has(text), `${channel.label}: ${text} never came to ${client.key}`)
    deepEqual(outcomes, [{ channels: there.length, workersMissed: 0 }])
  }

  #flood(wanted: number, count: number): void {
    const slot = this.#workers.servingAt(wanted)
    if (slot === undefined) return
    const engine = this.#workers.engine(slot)
    for (let n = 0; n < count; n++) {
      const { name } = this.#ownOf(`f${++this.#floods}`)
      const outcome = engine.subscribe(name, new FakeSubscriber(), { via: 'model' })
      // An owner hears of it before it hears that nobody is left.
      if (typeof outcome !== 'string') engine.unsubscribe(outcome)
    }
  }

  /** All that was under way between living workers has arrived. */
  #settle(): void {
    const workers = this.#workers
    workers.mesh.settle()
    for (const client of this.#clients) {
      const { connection } = client
      if (connection === undefined || connection.ended || connection.wire.blocked) continue
      for (const [channel, { feed }] of connection.held) {
        if (!workers.serves(workers.ownerOf(channel.name))) continue
        ok(feed.isAttached, `${channel.label}: ${client.key} still waits`)
        equal(client.missingOf(channel), undefined, `${channel.label}: ${client.key} is left in silence`)
      }
    }
  }

  /** What is gone went with its owner, or was more than history keeps: no ack of its own is a gap to a client. */
  readonly #attached: Attached = (client, channel, gap) => {
    if (channel.scope === 'client' && (this.#workers.forgets || this.#isNamed)) return
    const { index } = client.track(channel)
    const order = this.#order.of(channel.name)
    const missed = order.length - 1 - index
    const isHeld = order[index]?.losses === this.#lossesOf(channel.name) && missed <= historySize
    ok(!gap || !isHeld, `${channel.label}: ${client.key} is told a gap, but ${missed} are held`)
  }

  #lossesOf(channel: string): number {
    return this.#workers.losses[this.#workers.ownerOf(channel)] ?? 0
  }

  #client(number: number): ModelClient {
    return this.#clients[number % this.#clients.length] ?? fail('no client')
  }

  #channelsOf(client: ModelClient): readonly ModelChannel[] {
    const own = this.#own.get(client)
    return own === undefined ? this.#shared : [...this.#shared, own]
  }

  #ownOf(key: string): ModelChannel {
    const name = this.#isNamed ? channelName(`${group} ${key}`) : privateChannel(group, key)
    return { label: key, name, scope: 'client' }
  }
}
