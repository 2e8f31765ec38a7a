// One server, for as long as it is wanted: connects, looks whether the server is fit, proves every `pingMs` that publications
// arrive, and when that ends, says so and connects again, for ever, each step within a deadline.
import type { createClient } from '@redis/client'
import { formatAddress } from '../../std/address.ts'
import type { Cancel, Clock } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import type { Random } from '../../std/random.ts'
import { type Access, type CallOptions, Connection, type Done, type Place, type Words } from './connection.ts'
import { assertFit, readFacts } from './fitness.ts'
import type { Keys } from './keys.ts'
import { connectSentence, isMove, isUnfit, rehearsalSentence, sentenceOf } from './reasons.ts'
import { listOf, textOf, textsOf } from './replies.ts'
import { runScript } from './run-script.ts'
import type { Script } from './scripts/script.ts'
import { aliveScript, rehearseScript } from './scripts/session.ts'

/** What all links of a worker share. */
export interface LinkWorld {
  readonly createClient: typeof createClient
  readonly clock: Clock
  readonly random: Random
  readonly access: Access
  readonly keys: Keys
  readonly pingMs: number
  /** Sharded in a Redis Cluster. */
  readonly kind: 'plain' | 'sharded'
  /** Id of this start of the node, and of the worker in it. */
  readonly node: string
  readonly worker: string
  /** A sentence for operators, said once. */
  notice(text: string): void
}

export interface LinkSigns {
  up(): void
  /** It was up; whatever was open has failed. */
  down(reason: string): void
  /** It was not, and is tried again. */
  failed(reason: string): void
  message(channel: Buffer, payload: Buffer): void
  unsubscribed(channel: Buffer): void
  /** Nodes that this server knows. */
  nodes(nodes: readonly string[]): void
  /** The server does not have the slot. */
  moved(partition: number, text: string): void
}

export interface LinkTarget {
  /** Where the server is now. */
  locate(): Promise<Place>
  /** A partition that it has, for what is said about the link itself; undefined: none at present. */
  anchor(): number | undefined
  /** What else must be so before it is up. */
  check?(link: Link): Promise<void>
}

/** Tries wait so long at first, twice as long each time, and not longer than that; half of it is left to chance. */
const [retryMsMin, retryMsMax] = [50, 1_000]

/** How long a node counts as alive without a sign. */
export const aliveMs = 10_000

/** Of so many pings one asks for the nodes. */
const nodesEvery = 4

export class Link {
  readonly #world: LinkWorld
  readonly #target: LinkTarget
  readonly #events: LinkSigns
  #place: Place | undefined
  #connection: Connection | undefined
  #isUp = false
  #isClosed = false
  #tries = 0
  #stopTrying: Cancel = () => {}
  #stopPinging: Cancel = () => {}
  /** The partition whose ping is subscribed to. */
  #anchor: number | undefined
  #pings = 0
  /** When the oldest that did not come back was sent. */
  #pingSinceMs: number | undefined
  #isAsking = false

  constructor(world: LinkWorld, target: LinkTarget, events: LinkSigns) {
    this.#world = world
    this.#target = target
    this.#events = events
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Undefined unless it is up. */
  get connection(): Connection | undefined {
    return this.#isUp ? this.#connection : undefined
  }

  get place(): Place | undefined {
    return this.#place
  }

  start(): void {
    // What it throws is told as a reason.
    void this.#try()
  }

  /** Nothing is told any more, save that what is open fails. */
  close(): void {
    this.#isClosed = true
    this.#isUp = false
    this.#stopTrying()
    this.#connection?.die('closed')
  }

  /** Unfit: it is given up, and tried again. */
  die(text: string): void {
    this.#connection?.die(sentenceOf(text, this.#place))
  }

  /** On a server that is not up: for checks, while it comes up. */
  ask(script: Script, keys: readonly string[], values: Words): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.run(script, keys, values, (reply, failure) => {
        if (failure === undefined) resolve(reply)
        else reject(faultOf(failure.kind === 'refused' ? failure.text : ''))
      })
    })
  }

  run(script: Script, keys: readonly string[], values: Words, done: Done, options?: CallOptions): void {
    if (this.#connection === undefined) done(undefined, { kind: 'lost', isWritten: false })
    else runScript(this.#connection, script, keys, values, done, options)
  }

  async #try(): Promise<void> {
    let connection: Connection | undefined
    try {
      this.#place = undefined
      this.#place = await this.#target.locate()
      connection = await this.#connect(this.#place)
      if (this.#isClosed) return connection.die('closed')
      this.#connection = connection
      await this.#prepare(connection, this.#place)
    } catch (error) {
      const reason = connectSentence(error, this.#place)
      if (connection === undefined) this.#ended(reason)
      // Where it is dead already that was told.
      return connection?.die(reason)
    }
    if (!connection.isDead) this.#rise()
  }

  #connect(place: Place): Promise<Connection> {
    const { access } = this.#world
    return Connection.open(place, access, this.#world, {
      message: (channel, payload) => this.#message(channel, payload),
      unsubscribed: channel => this.#events.unsubscribed(channel),
      dead: reason => this.#ended(reason.startsWith('Redis') ? reason : this.#about(reason)),
    })
  }

  #about(reason: string): string {
    return this.#place === undefined
      ? `Redis: ${reason}`
      : `Redis at ${formatAddress(this.#place)}: ${reason}`
  }

  async #prepare(connection: Connection, place: Place): Promise<void> {
    const facts = readFacts(textOf(await called(connection, ['INFO'])))
    assertFit(facts, this.#world.kind, warning => this.#world.notice(`${this.#about(warning)}`))
    await this.#rehearse(place)
    await this.#target.check?.(this)
    await this.#firstPing()
  }

  #rise(): void {
    this.#tries = 0
    this.#isUp = true
    this.#stopPinging = this.#world.clock.every(this.#world.pingMs, () => this.#pingAgain())
    this.#events.up()
  }

  async #rehearse(place: Place): Promise<void> {
    const { keys, kind, worker } = this.#world
    const anchor = this.#target.anchor() ?? 0
    const names = ['hash', 'stream', 'set', 'text'].map(part => keys.rehearsal(anchor, worker, part))
    const channel = keys.rehearsal(anchor, worker, 'channel')
    const failed = textsOf(await this.ask(rehearseScript, names, [verbOf(kind), channel]))
    if (failed.length > 0) throw new Fault('broker-unfit', rehearsalSentence(failed, place))
  }

  /** Until it has come back. */
  #firstPing(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ping((reply, failure) => {
        if (failure !== undefined) reject(faultOf(failure.kind === 'refused' ? failure.text : ''))
        else if (this.#takeSign(reply)) resolve()
      })
    })
  }

  #pingAgain(): void {
    const { clock, access } = this.#world
    const isLate = () => this.#pingSinceMs !== undefined && clock.now() - this.#pingSinceMs > access.timeoutMs
    // What has come in this turn counts first: it may be our own thread that was late.
    if (isLate())
      clock.endOfTurn(
        () => isLate() && this.#isUp && this.#connection?.die(this.#about('publications do not arrive')),
      )
    if (this.#isAsking) return
    this.#ping((reply, failure) => {
      if (failure === undefined) this.#takeSign(reply)
      else if (failure.kind === 'refused') this.#refused(failure.code, failure.text)
    })
  }

  #refused(code: string, text: string): void {
    const anchor = this.#target.anchor()
    if (isMove(code, this.#world.kind) && anchor !== undefined) this.#events.moved(anchor, text)
    else this.die(text)
  }

  /** Subscribes to its own ping where it did not yet, then writes a sign of life that comes back as a ping. */
  #ping(done: Done): void {
    const { keys, kind, worker } = this.#world
    const anchor = this.#target.anchor()
    if (anchor === undefined) return done(undefined, { kind: 'lost', isWritten: false })
    const finish: Done = (reply, failure) => {
      this.#isAsking = false
      done(reply, failure)
    }
    this.#isAsking = true
    if (this.#anchor === anchor) return this.#sign(anchor, finish)
    this.#connection?.subscribe(kind, [keys.ping(anchor, worker)], (reply, failure) => {
      if (failure !== undefined) return finish(reply, failure)
      this.#anchor = anchor
      this.#pingSinceMs = undefined
      this.#sign(anchor, finish)
    })
  }

  #sign(anchor: number, done: Done): void {
    const { keys, kind, worker, node, clock } = this.#world
    this.#pingSinceMs ??= clock.now()
    const wantsNodes = this.#pings++ % nodesEvery === 0 ? '1' : '0'
    const values = [node, String(aliveMs), verbOf(kind), keys.ping(anchor, worker), '', wantsNodes]
    this.run(aliveScript, [keys.nodes(anchor)], values, done)
  }

  /** False: the server is not what it was. */
  #takeSign(reply: unknown): boolean {
    const [role, , term, nodes] = listOf(reply)
    if (role !== 'master') {
      this.die('READONLY')
      return false
    }
    if (term === 'member')
      this.#world.notice(
        this.#about(
          'shows no id of its history, so that a restart which loses publications may go unnoticed',
        ),
      )
    const names = textsOf(nodes)
    if (names.length > 0) this.#events.nodes(names)
    return true
  }

  #message(channel: Buffer, payload: Buffer): void {
    if (payload.length > 0) return this.#events.message(channel, payload)
    // Only pings are empty.
    this.#pingSinceMs = undefined
  }

  #ended(reason: string): void {
    const wasUp = this.#isUp
    this.#isUp = false
    this.#connection = undefined
    this.#anchor = undefined
    this.#pingSinceMs = undefined
    this.#isAsking = false
    this.#stopPinging()
    if (this.#isClosed) return
    if (wasUp) this.#events.down(reason)
    else this.#events.failed(reason)
    // Whoever heard it may have closed it.
    if (!this.#isClosed) this.#stopTrying = this.#world.clock.after(this.#delayMs(), () => void this.#try())
  }

  #delayMs(): number {
    const most = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(this.#tries++, 10))
    return most / 2 + (most / 2) * (Number.parseInt(this.#world.random.hex(2), 16) / 0xffff)
  }
}

export function verbOf(kind: LinkWorld['kind']): 'PUBLISH' | 'SPUBLISH' {
  return kind === 'plain' ? 'PUBLISH' : 'SPUBLISH'
}

/** For steps on the way up, each of which waits for the one before. */
export function called(connection: Connection, words: Words): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.call(words, (reply, failure) => {
      if (failure === undefined) resolve(reply)
      else reject(faultOf(failure.kind === 'refused' ? failure.text : ''))
    })
  })
}

function faultOf(text: string): Fault {
  const [code = ''] = text.split(' ', 1)
  return new Fault(
    isUnfit(code) ? 'broker-unfit' : 'broker-away',
    text === '' ? 'the connection ended' : text,
  )
}
