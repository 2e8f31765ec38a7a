// The signs of life on one connection: every `pingMs` a write that says that the node is there and comes back as a delivery. What
// does not come back in time ends the connection, whatever else it may answer.
import type { Cancel } from '../../std/clock.ts'
import { Fault } from '../../std/fault.ts'
import type { Connection, Done } from './connection.ts'
import { isMove } from './reasons.ts'
import { listOf, textsOf } from './replies.ts'
import { failureFault, runScript } from './run-script.ts'
import { aliveScript } from './scripts/session.ts'
import { type LinkWorld, verbOf } from './world.ts'

export interface PulseSigns {
  /** A partition that the server has; undefined: none at present, and nothing is said. */
  anchor(): number | undefined
  /** Nodes that this server knows, or none where they were not asked for. `isNew`: this one was not among them. */
  nodes(nodes: readonly string[], isNew: boolean, about: ReadonlyMap<string, string>): void
  moved(partition: number, text: string): void
  /** In the server's words, or ours. */
  unfit(text: string): void
}

/** How long a node counts as alive without a sign. */
export const aliveMs = 10_000

/** Of so many pings one asks for the nodes. */
const nodesEvery = 4

/** What a node says of itself is kept for so long: longer than four of the rarest pings are apart. */
const aboutTtlMs = 200_000

export class Pulse {
  readonly #world: LinkWorld
  readonly #connection: Connection
  readonly #signs: PulseSigns
  /** The partition whose ping is subscribed to. */
  #anchor: number | undefined
  #pings = 0
  /** When the oldest that did not come back was sent. */
  #sinceMs: number | undefined
  #isAsking = false
  #returned: () => void = () => {}
  #stop: Cancel = () => {}

  constructor(world: LinkWorld, connection: Connection, signs: PulseSigns) {
    this.#world = world
    this.#connection = connection
    this.#signs = signs
  }

  /** Until the first ping has come back. */
  async first(): Promise<void> {
    const { clock, access } = this.#world
    const returned = new Promise<void>((resolve, reject) => {
      const cancel = clock.after(access.timeoutMs, () => reject(new Fault('broker-away', this.#silence())))
      this.#returned = () => {
        cancel()
        resolve()
      }
    })
    const answered = new Promise<void>((resolve, reject) => {
      this.#ping(this.#signs.anchor(), (reply, failure) => {
        if (failure !== undefined) reject(failureFault(failure))
        else if (roleOf(reply) !== 'master') reject(new Fault('broker-away', 'READONLY'))
        else resolve(this.#take(reply))
      })
    })
    await Promise.all([answered, returned])
  }

  start(): void {
    this.#stop = this.#world.clock.every(this.#world.pingMs, () => this.#again())
  }

  stop(): void {
    this.#stop()
  }

  /** A ping is back. */
  came(): void {
    this.#sinceMs = undefined
    this.#returned()
  }

  /** The server ended subscriptions: that of the ping may be among them. */
  forget(): void {
    this.#anchor = undefined
    this.#sinceMs = undefined
  }

  #silence(): string {
    return `publications do not arrive within ${this.#world.access.timeoutMs} ms`
  }

  #again(): void {
    const { clock, access } = this.#world
    const isLate = () => this.#sinceMs !== undefined && clock.now() - this.#sinceMs > access.timeoutMs
    // What has come in this turn counts first: it may be our own thread that was late.
    if (isLate()) clock.endOfTurn(() => isLate() && this.#signs.unfit(this.#silence()))
    if (this.#isAsking) return
    const anchor = this.#signs.anchor()
    this.#ping(anchor, (reply, failure) => {
      if (failure === undefined && roleOf(reply) === 'master') this.#take(reply)
      else if (failure === undefined) this.#signs.unfit('READONLY')
      else if (failure.kind === 'refused') this.#refused(anchor, failure.code, failure.text)
    })
  }

  #refused(anchor: number | undefined, code: string, text: string): void {
    this.forget()
    if (isMove(code, this.#world.kind) && anchor !== undefined) this.#signs.moved(anchor, text)
    else this.#signs.unfit(text)
  }

  /** Subscribes to its own ping where it did not yet, then writes a sign of life that comes back as a ping. */
  #ping(anchor: number | undefined, done: Done): void {
    const { keys, kind, worker } = this.#world
    if (anchor === undefined) return done(undefined, { kind: 'lost', isWritten: false })
    const finish: Done = (reply, failure) => {
      this.#isAsking = false
      done(reply, failure)
    }
    this.#isAsking = true
    if (this.#anchor === anchor) return this.#say(anchor, finish)
    this.#connection.subscribe(kind, [keys.ping(anchor, worker)], (reply, failure) => {
      if (failure !== undefined) return finish(reply, failure)
      this.#anchor = anchor
      this.#sinceMs = undefined
      this.#say(anchor, finish)
    })
  }

  #say(anchor: number, done: Done): void {
    const { keys, kind, worker, node, about, clock } = this.#world
    this.#sinceMs ??= clock.now()
    const wantsNodes = this.#pings++ % nodesEvery === 0 ? '1' : '0'
    const sign = [node, String(aliveMs), verbOf(kind), keys.ping(anchor, worker), '', wantsNodes]
    const names = [keys.nodes(anchor), keys.about(anchor)]
    runScript(this.#connection, aliveScript, names, [...sign, about, String(aboutTtlMs)], done)
  }

  #take(reply: unknown): void {
    const [, , term, nodes, added, about] = listOf(reply)
    if (term === 'member')
      this.#world.notice(
        'Redis shows no id of its history, so that a restart which loses publications may go unnoticed',
      )
    const names = textsOf(nodes)
    if (names.length === 0 && added !== 1) return
    const told = textsOf(about)
    const texts = told.flatMap((node, at) => (at % 2 === 0 ? [[node, told[at + 1] ?? ''] as const] : []))
    this.#signs.nodes(names, added === 1, new Map(texts))
  }
}

function roleOf(reply: unknown): unknown {
  return listOf(reply)[0]
}
