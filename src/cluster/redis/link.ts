// One server, for as long as it is wanted: connects, looks whether the server is fit, proves every `pingMs` that publications
// arrive, and when that ends, says so and connects again, for ever, each step within a deadline.
import { formatAddress } from '../../std/address.ts'
import type { Cancel } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import type { Place } from './access.ts'
import { type CallOptions, Connection, type Done, type Words } from './connection.ts'
import { assertFit, readFacts } from './fitness.ts'
import { Pulse } from './pulse.ts'
import { connectSentence, rehearsalSentence, sentenceOf } from './reasons.ts'
import { textOf, textsOf } from './replies.ts'
import { called, failureFault, runScript } from './run-script.ts'
import type { Script } from './scripts/script.ts'
import { rehearseScript } from './scripts/session.ts'
import { type LinkWorld, verbOf } from './world.ts'

export interface LinkSigns {
  up(): void
  /** It was up; whatever was open has failed. */
  down(reason: string): void
  /** It was not, and is tried again. */
  failed(reason: string): void
  message(channel: Buffer, payload: Buffer): void
  unsubscribed(channel: Buffer): void
  /** As a pulse tells it. */
  nodes(nodes: readonly string[], isNew: boolean, about: ReadonlyMap<string, string>): void
  /** The server does not have the slot. */
  moved(partition: number, text: string): void
}

export interface LinkTarget {
  /** Where the server is now. */
  locate(): Promise<Place>
  /** A partition that it has, for what is said about the link itself; another one in another turn. Undefined: none at present. */
  anchor(turn: number): number | undefined
  /** What else must be so before it is up. */
  check?(link: Link): Promise<void>
}

/** Tries wait so long at first, twice as long each time, and not longer than that; half of it is left to chance. */
const [retryMsMin, retryMsMax] = [50, 1_000]

export class Link {
  readonly #world: LinkWorld
  readonly #target: LinkTarget
  readonly #signs: LinkSigns
  #place: Place | undefined
  #connection: Connection | undefined
  #isUp = false
  #isClosed = false
  #tries = 0
  #stopTrying: Cancel = () => {}
  #pulse: Pulse | undefined

  constructor(world: LinkWorld, target: LinkTarget, signs: LinkSigns) {
    this.#world = world
    this.#target = target
    this.#signs = signs
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
        else reject(failureFault(failure))
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
      unsubscribed: channel => {
        this.#pulse?.forget()
        this.#signs.unsubscribed(channel)
      },
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
    assertFit(facts, this.#world.kind, warning => this.#world.notice(this.#about(warning)))
    await this.#rehearse(place)
    await this.#target.check?.(this)
    this.#pulse = new Pulse(this.#world, connection, {
      // Another one with each try: that slot may be on its way.
      anchor: () => this.#target.anchor(this.#isUp ? 0 : this.#tries),
      nodes: (...told) => this.#signs.nodes(...told),
      moved: (partition, text) => this.#signs.moved(partition, text),
      unfit: text => this.die(text),
    })
    await this.#pulse.first()
  }

  #rise(): void {
    this.#tries = 0
    this.#isUp = true
    this.#pulse?.start()
    this.#signs.up()
  }

  async #rehearse(place: Place): Promise<void> {
    const { keys, kind, worker } = this.#world
    const anchor = this.#target.anchor(this.#tries) ?? 0
    const names = ['hash', 'stream', 'set', 'text'].map(part => keys.rehearsal(anchor, worker, part))
    const channel = keys.rehearsal(anchor, worker, 'channel')
    const failed = textsOf(await this.ask(rehearseScript, names, [verbOf(kind), channel]))
    if (failed.length > 0) throw new Fault('broker-unfit', rehearsalSentence(failed, place))
  }

  #message(channel: Buffer, payload: Buffer): void {
    if (payload.length > 0) return this.#signs.message(channel, payload)
    // Only pings are empty.
    this.#pulse?.came()
  }

  #ended(reason: string): void {
    const wasUp = this.#isUp
    this.#isUp = false
    this.#connection = undefined
    this.#pulse?.stop()
    this.#pulse = undefined
    if (this.#isClosed) return
    if (wasUp) this.#signs.down(reason)
    else this.#signs.failed(reason)
    // Whoever heard it may have closed it.
    this.#stopTrying()
    if (!this.#isClosed) this.#stopTrying = this.#world.clock.after(this.#delayMs(), () => void this.#try())
  }

  #delayMs(): number {
    const most = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(this.#tries++, 10))
    return most / 2 + (most / 2) * (Number.parseInt(this.#world.random.hex(2), 16) / 0xffff)
  }
}
