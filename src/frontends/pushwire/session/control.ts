// The control stream of a client id: a private channel, on which the connections of that id find each other, wherever they
// are. Each claims the id; the newest claim wins, and everybody else leaves (contract §1.6). Claims commute: neither their
// order nor a lost one changes who stays.
import type { Engine } from '../../../engine/engine.ts'
import type { Batch, Format, Subscriber, Subscription } from '../../../engine/reader/subscriber.ts'
import { Wire } from '../../../engine/reader/wire.ts'
import { privateChannel } from '../../../engine/words/private.ts'
import type { ChannelName, Draft } from '../../../engine/words/publication.ts'
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import type { Clock } from '../../../std/clock.ts'
import { pushwireSection } from '../settings.ts'

export interface Claim {
  /** Milliseconds on a clock that all workers share, when the authentication of its connection passed. */
  readonly stamp: number
  /** Tells apart what passed at the same time: a small number, which takes no memory of its own. */
  readonly nonce: number
}

/** What comes by a control stream. */
type Word = { readonly claim: Claim } | { readonly kick: true }

export interface ControlDependencies {
  readonly engine: Engine
  readonly clock: Clock
}

/** The group of all control streams. */
export const controlGroup = pushwireSection.name

/** Where a claim was not taken, it is said again. */
const againMs = 250

/** As many connections of one id may be there as like; each answers an older one once in this time. */
const repeatMs = 20

export function controlChannel(clientId: string): ChannelName {
  return privateChannel(controlGroup, clientId)
}

/** Ends all connections of the id. */
export function kickDraft(clientId: string): Draft {
  return draftOf(controlChannel(clientId), { kick: true })
}

function draftOf(channel: ChannelName, word: Word): Draft {
  const payload = Buffer.from(JSON.stringify(word))
  return { channel, content: { kind: 'json', payload }, via: pushwireSection.name }
}

function isNewer(one: Claim, other: Claim): boolean {
  return one.stamp > other.stamp || (one.stamp === other.stamp && one.nonce > other.nonce)
}

/** Words are few and small: each is read by itself. */
const format: Format = { id: 'pushwire control', encode: ({ content }) => content.payload }

export interface ControlHost {
  readonly clientId: string
  /** A newer connection has the id. */
  replaced(): void
  kicked(): void
  /** It hears of nobody any more. `returnMs`: as of `Subscriber.close`. */
  lost(reason: CloseReason, returnMs?: number): void
  /** The stream is live, and everything that is claimed from now on will be heard. */
  attached(): void
}

/** Of all of them: they take everything at once, and a client that reads nothing must hear that it is replaced, too. */
const wire = new Wire({ isShared: true })

export class Control implements Subscriber {
  readonly #dependencies: ControlDependencies
  readonly #host: ControlHost
  /** A record of its own would take as much again. */
  readonly #stamp: number
  readonly #nonce: number
  #subscription: Subscription | undefined
  #state: 'quiet' | 'repeating' | 'over' = 'quiet'

  constructor(dependencies: ControlDependencies, host: ControlHost, claim: Claim) {
    this.#dependencies = dependencies
    this.#host = host
    this.#stamp = claim.stamp
    this.#nonce = claim.nonce
  }

  get wire(): Wire {
    return wire
  }

  get format(): Format {
    return format
  }

  /** A field would be taken for what it was before a call that changed it. */
  get #isOver(): boolean {
    return this.#state === 'over'
  }

  get #claim(): Claim {
    return { stamp: this.#stamp, nonce: this.#nonce }
  }

  /** Hears, and then claims: over one path, so that whoever claims later is heard. */
  open(): Refusal | undefined {
    const { engine } = this.#dependencies
    const channel = controlChannel(this.#host.clientId)
    const outcome = engine.subscribe(channel, this, { via: pushwireSection.name })
    if (typeof outcome === 'string') return outcome
    this.#subscription = outcome
    // It may have been left in that call.
    if (this.#isOver) this.leave()
    else this.#say()
    return undefined
  }

  leave(): void {
    this.#state = 'over'
    if (this.#subscription !== undefined) this.#dependencies.engine.unsubscribe(this.#subscription)
    this.#subscription = undefined
  }

  attached(): void {
    this.#host.attached()
  }

  offer({ frames }: Batch): boolean {
    for (const frame of frames) {
      if (this.#isOver) break
      this.#hear(JSON.parse(Buffer.from(frame).toString()) as Word) // of this file, for nobody else can name the channel
    }
    return true
  }

  /** A claim may be among what is missing, and its connection does not know of this one. */
  gap(): boolean {
    this.#repeat()
    return true
  }

  close(reason: CloseReason, _channel: string, returnMs?: number): void {
    if (!this.#isOver) this.#host.lost(reason, returnMs)
  }

  #hear(word: Word): void {
    if ('kick' in word) return this.#host.kicked()
    if (isNewer(word.claim, this.#claim)) return this.#host.replaced()
    // It is its own, or of somebody who does not know of this one.
    if (isNewer(this.#claim, word.claim)) this.#repeat()
  }

  #repeat(): void {
    if (this.#state !== 'quiet') return
    this.#state = 'repeating'
    this.#dependencies.clock.after(repeatMs, () => {
      if (this.#isOver) return
      this.#state = 'quiet'
      this.#say()
    })
  }

  #say(): void {
    if (this.#isOver) return
    const { clock, engine } = this.#dependencies
    engine.publish(draftOf(controlChannel(this.#host.clientId), { claim: this.#claim }), outcome => {
      if (typeof outcome === 'string' && outcome !== 'draining') clock.after(againMs, () => this.#say())
    })
  }
}
