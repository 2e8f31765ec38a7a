// A worker's end of the line to the thread of ZeroMQ: drafts come, and what the worker knows goes. Without a thread everything
// that it would say is kept as far as it is a state, and nothing else.
import { groupOf, isNodeChannel, namedAs } from '../../../engine/words/private.ts'
import type { ChannelName } from '../../../engine/words/publication.ts'
import type { Call, CallHandlers } from '../../../net/outgoing/call.ts'
import type { Clock } from '../../../std/clock.ts'
import type { SidePort } from '../../side.ts'
import type { Observer } from '../control/observer.ts'
import type { StoredBytes } from '../hold/stored-bytes.ts'
import type { GripEngine } from '../own-channels.ts'
import { type BackendCall, BackendCalls } from './backend-calls.ts'
import { Intake } from './intake.ts'
import type { StatisticsItem, ToRoom, ToThread } from './wire.ts'

export interface ThreadEndDependencies {
  readonly clock: Clock
  readonly engine: Pick<GripEngine, 'publish'>
  /** GRIP's channels are this node's own. */
  readonly hasOwnChannels: boolean
  /** Publishers want to know which channels have subscribers. */
  readonly tellsInterest: boolean
  /** Of calls to backends that are under way. */
  readonly callsMax: number
  /** For bodies of those. */
  readonly stored: Pick<StoredBytes, 'take' | 'giveBack'>
  readonly counters: {
    publishes: number
    zmqInvalid: number
    zmqRefused: number
    zmqLost: number
    zmqStatisticsDropped: number
  }
  /** Told of items that were taken, and of a thread that knows nothing of this worker yet. */
  observer(): Pick<Observer, 'published' | 'renew'>
  /** Has the thread started, if it is not there. */
  wantThread(): void
}

/** Items of statistics that wait for the thread; it is behind, or there is none. */
const itemsMax = 10_000

export class ThreadEnd {
  readonly #dependencies: ThreadEndDependencies
  readonly #intake: Intake
  readonly #calls: BackendCalls
  #port: SidePort | undefined
  /** With somebody subscribed, of those that this worker owns. */
  readonly #interest = new Set<string>()
  /** What the thread was not told yet. */
  readonly #on = new Set<string>()
  readonly #off = new Map<string, number>()
  #backends: readonly string[] = []
  /** There will be no thread until it is wanted anew. */
  #isRefused = false
  #isArmed = false

  constructor(dependencies: ThreadEndDependencies) {
    const { clock, engine, counters, callsMax, stored } = dependencies
    this.#dependencies = dependencies
    this.#intake = new Intake({
      clock,
      publish: (draft, done) => engine.publish(draft, done),
      handled: (batch, refused) => this.#tell(['handled', batch, refused]),
      published: () => {
        counters.publishes++
        dependencies.observer().published(1)
      },
    })
    this.#calls = new BackendCalls({ clock, callsMax, stored, tell: message => this.#tell(message) })
  }

  /** In place of an earlier one. */
  joined(port: SidePort): void {
    this.#port?.close()
    this.#calls.lost()
    this.#port = port
    this.#isRefused = false
    port.receive(message => this.#hear(message as ToRoom)) // our own thread packed it
    port.onClosed(() => {
      if (this.#port !== port) return
      this.#port = undefined
      this.#calls.lost()
    })
    this.#on.clear()
    this.#off.clear()
    this.#tell(['interest', true, [...this.#interest], []])
    this.#tell(['backends', this.#backends])
    this.#calls.begin()
    this.#dependencies.observer().renew()
  }

  /** It cannot be had, and nobody tries until it is wanted anew: nothing waits for it. */
  refused(): void {
    this.#isRefused = true
    this.#calls.refused()
  }

  interest(name: ChannelName, on: boolean, lingerMs: number): void {
    const { tellsInterest, hasOwnChannels } = this.#dependencies
    if (!tellsInterest || groupOf(name) !== undefined || isNodeChannel(name) !== hasOwnChannels) return
    const channel = namedAs(name)
    if (on) this.#interest.add(channel)
    else this.#interest.delete(channel)
    // The next one is told of all, so that nothing need be kept for it.
    if (this.#port === undefined) return
    if (on) {
      this.#on.add(channel)
      this.#off.delete(channel)
    } else {
      this.#on.delete(channel)
      this.#off.set(channel, lingerMs)
    }
    this.#arm()
  }

  /** For the statistics socket; without a thread, nobody listens. */
  report(items: readonly StatisticsItem[]): void {
    if (this.#port === undefined || items.length > itemsMax)
      this.#dependencies.counters.zmqStatisticsDropped += items.length
    else if (items.length > 0) this.#tell(['statistics', items])
  }

  /** The zhttpreq targets of the routes in force. */
  want(specs: readonly string[]): void {
    this.#backends = specs
    this.#isRefused = false
    if (this.#port !== undefined) this.#tell(['backends', specs])
    else if (specs.length > 0) this.#dependencies.wantThread()
  }

  call(asked: BackendCall, handlers: CallHandlers): Call {
    const other = this.#isRefused ? 'refused' : 'awaited'
    return this.#calls.call(asked, handlers, this.#port === undefined ? other : 'joined')
  }

  #hear(message: ToRoom): void {
    switch (message[0]) {
      case 'drafts':
        return this.#intake.take(message[1], message[2])
      case 'counts':
        return this.#count(message[1])
      case 'answer':
        return this.#calls.answered(message[1], message[2])
      case 'failure':
        return this.#calls.failed(message[1], message[2])
      default:
        message satisfies never
    }
  }

  #count(counts: Readonly<Record<string, number>>): void {
    const { counters } = this.#dependencies
    for (const name of ['zmqInvalid', 'zmqRefused', 'zmqLost'] as const) counters[name] += counts[name] ?? 0
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    this.#dependencies.clock.endOfTurn(() => {
      this.#isArmed = false
      if (this.#on.size + this.#off.size > 0) this.#tell(['interest', false, [...this.#on], [...this.#off]])
      this.#on.clear()
      this.#off.clear()
    })
  }

  #tell(message: ToThread): void {
    this.#port?.send(message)
  }
}
