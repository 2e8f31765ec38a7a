// Tickets: what a page puts into the address of an EventSource in place of its token. One is good for one stream of
// one channel, once, for half a minute, for the browser that got it. The worker that handed it out holds it and takes it
// back, as the owner of the ticket's number. Who asks for a made-up one is refused before any other worker is asked.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../std/clock.ts'
import type { Random } from '../../std/random.ts'

/** Plain data, for it crosses threads. */
export interface TicketGrant {
  readonly channel: string
  /** The User-Agent that asked for it. */
  readonly agent: string
  /** Unix seconds at which the token behind it expires. */
  readonly tokenExpires: number | undefined
}

interface Held {
  readonly grant: TicketGrant
  /** By the clock. */
  readonly expires: number
}

export const ticketSeconds = 30

/** Per worker; the oldest goes first. Each takes a few hundred bytes. */
const heldMax = 50_000

const numberBytes = 16

/** One in as many numbers as there are workers is this one's own; with 256 of them nobody ever needs so many. */
const mintsMax = 10_000
const form = /^([0-9a-f]{32})([\w-]{22})$/

export class Tickets {
  readonly #clock: Clock
  readonly #random: Random
  readonly #held = new Map<string, Held>()
  readonly #owns: (number: string) => boolean
  #secrets: readonly string[]

  /** `secrets`: the first signs; the same in all workers. `owns`: questions about the number come to this worker. */
  constructor(clock: Clock, random: Random, secrets: readonly string[], owns: (number: string) => boolean) {
    this.#clock = clock
    this.#random = random
    this.#owns = owns
    this.#secrets = secrets
  }

  replaceSecrets(secrets: readonly string[]): void {
    this.#secrets = secrets
  }

  /** What a client may hold of a grant: text for an address. */
  issue(grant: TicketGrant): string {
    const now = this.#clock.now()
    for (const [number, { expires }] of this.#held) {
      if (expires > now && this.#held.size < heldMax) break
      this.#held.delete(number)
    }
    const number = this.#mint()
    this.#held.set(number, { grant, expires: now + ticketSeconds * 1_000 })
    return number + signatureOf(number, this.#secrets[0] ?? '')
  }

  #mint(): string {
    let number = this.#random.hex(numberBytes)
    for (let mints = 1; mints < mintsMax && !this.#owns(number); mints++)
      number = this.#random.hex(numberBytes)
    return number
  }

  /** The number of a ticket that some worker of this node handed out; undefined for any other text. */
  numberOf(ticket: string): string | undefined {
    const [, number = '', signature = ''] = form.exec(ticket) ?? []
    if (number === '') return undefined
    const given = Buffer.from(signature)
    const isOurs = this.#secrets.some(secret =>
      timingSafeEqual(Buffer.from(signatureOf(number, secret)), given),
    )
    return isOurs ? number : undefined
  }

  /** The grant, once; undefined where this worker does not hold it, or no longer. */
  redeem(number: string): TicketGrant | undefined {
    const held = this.#held.get(number)
    this.#held.delete(number)
    return held !== undefined && held.expires > this.#clock.now() ? held.grant : undefined
  }
}

/** 16 bytes of it: 22 characters. */
function signatureOf(number: string, secret: string): string {
  return createHmac('sha256', secret)
    .update(`ticket ${number}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url')
}
