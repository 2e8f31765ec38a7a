// The control stream of a client id: a private channel, on which the connections of that id find each other, wherever they
// are. Each claims the id; the newest claim wins, and everybody else leaves (contract §1.6). Claims commute: neither their
// order nor a lost one changes that one stays.
import type { Engine } from '../../../engine/engine.ts'
import type { Batch, Format, Subscriber, Subscription } from '../../../engine/reader/subscriber.ts'
import { Wire } from '../../../engine/reader/wire.ts'
import type { Position } from '../../../engine/words/position.ts'
import { privateChannel } from '../../../engine/words/private.ts'
import type { ChannelName, Draft } from '../../../engine/words/publication.ts'
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import type { Clock } from '../../../std/clock.ts'
import { pushwireSection } from '../settings.ts'

export interface Claim {
  /** Milliseconds on a clock that all workers share, when the authentication of its connection passed; or more, see `#outlasts`. */
  readonly stamp: number
  /** Tells apart what passed at the same time: a small number, which takes no memory of its own. */
  readonly nonce: number
  /** Where nodes are joined: a place in the stream that it had before, if that is known. */
  readonly at?: Position
}

/** Where nodes are joined: the stream's last place when it went live here, and the first that the claim had in the last numbering. */
interface Places {
  readonly live: Position
  own: Position | undefined
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

/** Of a claim that is made now. Machines that are joined have no other clock in common. */
export function stampOf({ engine, clock }: ControlDependencies): number {
  return engine.isJoined ? clock.unixMs() : clock.sharedMs()
}

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
  #stamp: number
  readonly #nonce: number
  #subscription: Subscription | undefined
  /** Undefined on a node that stands alone: all of its workers have one clock. */
  #places: Places | undefined
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
    const [stamp, nonce, at] = [this.#stamp, this.#nonce, this.#places?.own]
    return at === undefined ? { stamp, nonce } : { stamp, nonce, at }
  }

  /** Hears, and claims once it does. */
  open(): Refusal | undefined {
    const { engine } = this.#dependencies
    const channel = controlChannel(this.#host.clientId)
    const outcome = engine.subscribe(channel, this, { via: pushwireSection.name })
    if (typeof outcome === 'string') return outcome
    this.#subscription = outcome
    // It may have been left in that call.
    if (this.#isOver) this.leave()
    return undefined
  }

  leave(): void {
    this.#state = 'over'
    if (this.#subscription !== undefined) this.#dependencies.engine.unsubscribe(this.#subscription)
    this.#subscription = undefined
  }

  /**
   * Whatever gets its place from here on is heard, so whoever claims later is. Earlier a claim might get its place in front of
   * what a broker says of where the stream is, and of those who come at the same time nobody would hear of another one.
   */
  attached(live: Position): void {
    if (this.#dependencies.engine.isJoined) this.#places = { live, own: undefined }
    this.#say()
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
    if (isNewer(word.claim, this.#claim)) {
      if (!this.#outlasts(word.claim)) return this.#host.replaced()
      this.#stamp = word.claim.stamp + 1
      return this.#repeat()
    }
    // It is its own, or of somebody who does not know of this one.
    if (isNewer(this.#claim, word.claim)) this.#repeat()
  }

  /**
   * The clocks of machines differ. Who claimed the id before this connection heard anything is older, whatever its clock said; so
   * this one's claim grows beyond it, and it leaves. Offsets of different numberings say nothing. A connection claims after it
   * went live, so of two or more none outlasts the next all around: claims do not grow for ever, and the greatest stays.
   */
  #outlasts({ at }: Claim): boolean {
    const live = this.#places?.live
    return at !== undefined && live !== undefined && at.epoch === live.epoch && at.offset <= live.offset
  }

  #placed({ epoch, offset }: Position): void {
    const places = this.#places
    if (places !== undefined && places.own?.epoch !== epoch) places.own = { epoch, offset }
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
      if (typeof outcome === 'string') {
        if (outcome !== 'draining') clock.after(againMs, () => this.#say())
      } else if ('offset' in outcome) this.#placed(outcome)
    })
  }
}
