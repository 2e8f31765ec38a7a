// The control stream of a client id: a private channel, on which the connections of that id find each other, at whichever
// workers and nodes they are. Each claims the id; the newest claim wins, and everybody else leaves (contract §1.6). What is
// newest the stream's own order says, for machines have no clock in common: a claim is as new as its place there, and says
// that place when it is repeated. So neither a repeated claim nor a lost one changes who stays.
import type { Engine } from '../../../engine/engine.ts'
import type { Batch, Format, Subscriber, Subscription } from '../../../engine/reader/subscriber.ts'
import { Wire } from '../../../engine/reader/wire.ts'
import { type Offset, parseOffset } from '../../../engine/words/position.ts'
import { privateChannel } from '../../../engine/words/private.ts'
import type { ChannelName, Draft } from '../../../engine/words/publication.ts'
import type { CloseReason, Refusal } from '../../../engine/words/refusal.ts'
import type { Clock } from '../../../std/clock.ts'
import { pushwireSection } from '../settings.ts'

interface Claim {
  /** Whose it is: a small number, which takes no memory of its own. */
  readonly nonce: number
  /** The place that it had when it was said first; left out: it is said first. A later numbering begins above all earlier ones. */
  readonly stamp?: Offset | undefined
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
  readonly #nonce: number
  /** The place of its claim; undefined: it is not known to have one. */
  #stamp: Offset | undefined
  #subscription: Subscription | undefined
  #state: 'quiet' | 'repeating' | 'over' = 'quiet'

  constructor(dependencies: ControlDependencies, host: ControlHost, nonce: number) {
    this.#dependencies = dependencies
    this.#host = host
    this.#nonce = nonce
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

  /** Whatever gets a place from here on is heard, so whoever claims later is. */
  attached(): void {
    this.#say()
    this.#host.attached()
  }

  /** Each publication has a frame. */
  offer({ frames, from }: Batch): boolean {
    for (const [index, frame] of frames.entries()) {
      if (this.#isOver) break
      const word = JSON.parse(Buffer.from(frame).toString()) as Word // of this file, for nobody else can name the channel
      this.#hear(word, parseOffset(from + index))
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

  #hear(word: Word, offset: Offset): void {
    if ('kick' in word) return this.#host.kicked()
    const { nonce, stamp = offset } = word.claim
    if (nonce === this.#nonce) return this.#placed(stamp)
    // Its own claim comes behind this one, and is heard there.
    if (this.#stamp === undefined) return
    if (stamp > this.#stamp) return this.#host.replaced()
    // Of somebody who does not know of this one.
    this.#repeat()
  }

  /** The first place is the one that counts, where it was said twice. */
  #placed(offset: Offset): void {
    if (this.#stamp !== undefined) return
    this.#stamp = offset
    if (this.#state === 'repeating') this.#sayAgain()
  }

  #repeat(): void {
    if (this.#state !== 'quiet') return
    this.#state = 'repeating'
    // One that has no place yet would be the newest of all if it were said once more.
    if (this.#stamp !== undefined) this.#sayAgain()
  }

  #sayAgain(): void {
    this.#dependencies.clock.after(repeatMs, () => {
      if (this.#isOver) return
      this.#state = 'quiet'
      this.#say()
    })
  }

  #say(): void {
    if (this.#isOver) return
    const { clock, engine } = this.#dependencies
    const claim: Claim = { nonce: this.#nonce, stamp: this.#stamp }
    engine.publish(draftOf(controlChannel(this.#host.clientId), { claim }), outcome => {
      if (typeof outcome === 'object') {
        if ('offset' in outcome) this.#placed(outcome.offset)
      } else if (outcome !== 'draining') clock.after(againMs, () => this.#say())
    })
  }
}
