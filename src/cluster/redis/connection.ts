// One connection to one server, once: it never comes back by itself. Around a client of @redis/client whose reconnecting,
// resubscribing and queueing are switched off. What comes, answers and deliveries, is told in the order of the wire, which the
// client's promises would lose, and every command is known as written or not, and has a deadline.
import type { createClient } from '@redis/client'
import type { Cancel, Clock } from '../../std/clock.ts'
import { Deque } from '../../std/deque.ts'
import { faultText } from '../../std/fault.ts'
import { type Access, optionsOf, type Place } from './place.ts'
import { WriteMark } from './write-mark.ts'

/** As the client decodes it: lists in lists of these, objects for maps. */
export type Reply = unknown

export type Failure =
  /** The server says so: nothing was done. `code`: the first word. */
  | { readonly kind: 'refused'; readonly code: string; readonly text: string }
  /** The connection ended before the answer came. */
  | { readonly kind: 'lost'; readonly isWritten: boolean }

export type Done = (reply: Reply, failure: Failure | undefined) => void

export interface ConnectionSigns {
  /** The bytes are views of what came. */
  message(channel: Buffer, payload: Buffer): void
  /** The server ended a subscription that nobody gave up. */
  unsubscribed(channel: Buffer): void
  /** Once, after every open command has failed. */
  dead(reason: string): void
}

export interface ConnectionDependencies {
  readonly createClient: typeof createClient
  readonly clock: Clock
}

export interface CallOptions {
  /** Texts of the answer as bytes. */
  readonly isBinary?: boolean
}

/** A plain command of Redis, or words of it that are bytes. */
export type Words = readonly (string | Buffer)[]

/** Kinds of pushes that confirm. */
const words = {
  plain: { on: 'subscribe', off: 'unsubscribe' },
  sharded: { on: 'ssubscribe', off: 'sunsubscribe' },
} as const
const confirmations: readonly string[] = Object.values(words).flatMap(each => Object.values(each))

const binary = { 36: Buffer } // by RESP's sign of a blob string

interface Waiting {
  readonly done: Done
  readonly mark: WriteMark
  readonly sinceMs: number
  /** Of a command that has no answer of its own. */
  readonly unconfirmed: Unconfirmed | undefined
}

/** Channels of which a push of that kind is yet to come. */
interface Unconfirmed {
  readonly word: string
  readonly channels: Set<string>
}

/** Waits are looked at so often in their time. */
const looksEach = 10

export class Connection {
  readonly #client: ReturnType<typeof createClient>
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #signs: ConnectionSigns
  readonly #waiting = new Deque<Waiting>()
  /** The oldest that waits: what a look at the deadline needs. */
  #head: Waiting | undefined
  /** Until then whatever fails is what `open` rejects with, and is told once. */
  #isOpen = false
  #isDead = false
  #stopLooking: Cancel = () => {}

  /** Connects and logs in, within the time that a command has. Rejects with what the system or the server says. */
  static async open(
    place: Place,
    access: Access,
    { createClient, clock }: ConnectionDependencies,
    signs: ConnectionSigns,
  ): Promise<Connection> {
    const client = createClient(optionsOf(place, access))
    const connection = new Connection(client, access, clock, signs)
    const cancel = clock.after(access.timeoutMs, () => client.destroy())
    try {
      await client.connect()
    } catch (error) {
      connection.#isDead = true
      client.destroy()
      throw error
    } finally {
      cancel()
    }
    connection.#isOpen = true
    connection.#listen()
    return connection
  }

  private constructor(
    client: ReturnType<typeof createClient>,
    access: Access,
    clock: Clock,
    signs: ConnectionSigns,
  ) {
    this.#client = client
    this.#clock = clock
    this.#timeoutMs = access.timeoutMs
    this.#signs = signs
    client.on('error', error => {
      if (this.#isOpen) this.die(faultText(error))
    })
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** On a connection that is dead it fails at once. */
  call(command: Words, done: Done, { isBinary = false }: CallOptions = {}): void {
    const mark = this.#await(done, undefined)
    if (mark === undefined) return
    const sent = this.#client.sendCommand(command, {
      // The client asks no more of it than the mark has.
      abortSignal: mark as unknown as AbortSignal,
      ...(isBinary && { typeMapping: binary }),
    })
    // Told already, by what came or by the end.
    sent.catch(() => {})
  }

  /** At least one. `kind`: sharded for channels that belong to a slot, the same. `done` comes with the last confirmation. */
  subscribe(kind: 'plain' | 'sharded', channels: readonly string[], done: Done): void {
    const unconfirmed = { word: words[kind].on, channels: new Set(channels) }
    const names = [...unconfirmed.channels]
    if (this.#await(done, unconfirmed) === undefined) return
    const sent =
      kind === 'plain'
        ? this.#client.subscribe(names, ignore, true)
        : this.#client.sSubscribe(names, ignore, true)
    sent?.catch(() => {})
  }

  unsubscribe(kind: 'plain' | 'sharded', channels: readonly string[]): void {
    const unconfirmed = { word: words[kind].off, channels: new Set(channels) }
    const names = [...unconfirmed.channels]
    if (this.#await(ignore, unconfirmed) === undefined) return
    const sent = kind === 'plain' ? this.#client.unsubscribe(names) : this.#client.sUnsubscribe(names)
    sent?.catch(() => {})
  }

  /** Ends it: what is open fails, then `dead` is told, all before this returns. */
  die(reason: string): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#stopLooking()
    const open: Waiting[] = []
    for (let next = this.#shift(); next !== undefined; next = this.#shift()) open.push(next)
    // Before the client forgets what it wrote.
    const failures = open.map(({ mark }) => ({ kind: 'lost', isWritten: mark.isWritten }) as const)
    this.#client.destroy()
    open.forEach(({ done }, index) => done(undefined, failures[index]))
    this.#signs.dead(reason)
  }

  /** Answers and pushes are taken where the client decodes them. */
  #listen(): void {
    const { decoder } = this.#client._getQueue()
    const { onReply, onErrorReply, onPush } = decoder
    decoder.onReply = reply => {
      this.#guard(() => {
        onReply(reply)
        this.#answered(reply)
      })
    }
    decoder.onErrorReply = error => {
      this.#guard(() => {
        onErrorReply(error)
        this.#refused(error.message)
      })
    }
    decoder.onPush = push => this.#guard(() => this.#pushed(push, onPush))
    this.#stopLooking = this.#clock.every(Math.max(10, this.#timeoutMs / looksEach), () => {
      // What has come in this turn counts first: it may be our own thread that was late.
      if (this.#isLate()) this.#clock.endOfTurn(() => this.#isLate() && this.die(this.#lateness()))
    })
  }

  /** The client takes whatever is thrown for a broken stream: a bug of ours goes where bugs are caught. */
  #guard(run: () => void): void {
    if (this.#isDead) return
    try {
      run()
    } catch (bug) {
      this.#clock.endOfTurn(() => {
        throw bug
      })
    }
  }

  #isLate(): boolean {
    return this.#head !== undefined && this.#clock.now() - this.#head.sinceMs > this.#timeoutMs
  }

  #lateness(): string {
    return `it did not answer within ${this.#timeoutMs} ms`
  }

  /** Undefined: there is no connection, and `done` was told so. */
  #await(done: Done, unconfirmed: Unconfirmed | undefined): WriteMark | undefined {
    if (this.#isDead) {
      done(undefined, { kind: 'lost', isWritten: false })
      return undefined
    }
    const mark = new WriteMark()
    const waiting = { done, mark, sinceMs: this.#clock.now(), unconfirmed }
    if (this.#head === undefined) this.#head = waiting
    else this.#waiting.push(waiting)
    return mark
  }

  #shift(): Waiting | undefined {
    const waiting = this.#head
    this.#head = this.#waiting.take()
    return waiting
  }

  #answered(reply: Reply): void {
    if (this.#head === undefined || this.#head.unconfirmed !== undefined)
      return this.die('it answered what nobody asked')
    this.#shift()?.done(reply, undefined)
  }

  #refused(text: string): void {
    if (this.#head === undefined) return this.die('it answered what nobody asked')
    this.#shift()?.done(undefined, { kind: 'refused', code: text.split(' ', 1)[0] ?? '', text })
  }

  #pushed(push: readonly unknown[], pass: (push: unknown[]) => unknown): void {
    const [kind, channel, payload] = push
    if (!(kind instanceof Buffer) || !(channel instanceof Buffer)) return
    const word = kind.toString('latin1')
    if (word === 'message' || word === 'smessage') {
      if (payload instanceof Buffer) this.#signs.message(channel, payload)
    } else if (confirmations.includes(word)) {
      this.#confirmed(word, channel, push, pass)
    }
  }

  #confirmed(
    word: string,
    channel: Buffer,
    push: readonly unknown[],
    pass: (push: unknown[]) => unknown,
  ): void {
    const unconfirmed = this.#head?.unconfirmed
    // The client would count it as an answer to whatever is first.
    if (unconfirmed?.word !== word || !unconfirmed.channels.delete(channel.toString()))
      return this.#signs.unsubscribed(channel)
    pass([...push])
    if (unconfirmed.channels.size > 0) return
    // It has what only its own resubscribing needs, some hundred bytes for each channel.
    this.#client._getQueue().removeAllPubSubListeners()
    this.#shift()?.done(undefined, undefined)
  }
}

function ignore(): void {}
