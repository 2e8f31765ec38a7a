// A client that comes back: whenever its connection ends it waits as long as it was told, or for a moment, and connects again. It
// keeps the record for the judge, each of its lives, and how long it was away.
import type { Place, Seen, SubscriberRecord } from '../cluster/judge.ts'

export interface Returning {
  readonly name: string
  readonly channel: string
  /** `host:port` of the proxy. */
  readonly site: string
  /** It says where it was. Without, whatever is published while it is away is not for it. */
  readonly hasPositions: boolean
}

/** Of a client that was told nothing, at least; what comes on top is its number's, so that they do not come all at once. */
const retryMs = 100
const retrySpreadMs = 400

export abstract class ReturningClient implements SubscriberRecord {
  readonly name: string
  readonly channel: string
  readonly site: string
  readonly hasPositions: boolean
  readonly seen: Seen[] = []
  /** The numbers of each connection that was live. */
  readonly lives: number[][] = []
  /** From the end of one life to the beginning of the next. */
  readonly absences: number[] = []
  /** How long the node said to wait, and how long the client was away in all. */
  readonly waits: { readonly toldMs: number; awayMs: number }[] = []
  /** What closes said, and answers in place of a subscription. */
  readonly words: string[] = []
  isOpen = false
  hasGivenUp = false
  protected place: Place | undefined
  protected isStopped = false
  #endedMs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #tries = 0

  constructor({ name, channel, site, hasPositions }: Returning) {
    this.name = name
    this.channel = channel
    this.site = site
    this.hasPositions = hasPositions
  }

  get last(): number {
    return this.lives.at(-1)?.at(-1) ?? 0
  }

  /** Connects anew. It ends by `ended`, once. */
  abstract connect(): void
  protected abstract leave(): void

  stop(): void {
    this.isStopped = true
    clearTimeout(this.#timer)
    this.leave()
  }

  protected opened(): void {
    if (this.isOpen) return
    this.isOpen = true
    this.lives.push([])
    if (this.#endedMs === undefined) return
    const awayMs = performance.now() - this.#endedMs
    this.#endedMs = undefined
    this.absences.push(awayMs)
    const wait = this.waits.at(-1)
    if (wait?.awayMs === 0) wait.awayMs = awayMs
  }

  /** The life is over, and somebody else comes back by himself. */
  protected lost(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#endedMs = performance.now()
    this.seen.push({ kind: 'closed' })
  }

  /** `toldMs`: what the node said. */
  protected ended(toldMs?: number): void {
    if (this.isStopped) return
    if (this.isOpen && toldMs !== undefined) this.waits.push({ toldMs, awayMs: 0 })
    this.lost()
    const ownMs = retryMs + ((this.#tries++ * 137) % retrySpreadMs)
    this.#timer = setTimeout(() => this.connect(), toldMs ?? ownMs)
  }

  protected told(place: Place, isGap: boolean): void {
    this.place = place
    this.seen.push({ kind: isGap ? 'gap' : 'told', ...place })
  }

  /** `text`: of an object with the number and its publisher. A wire that says no place of each counts on. */
  protected took(text: string, place?: Place): void {
    const { n, by } = JSON.parse(text)
    this.lives.at(-1)?.push(n)
    const next = { epoch: this.place?.epoch ?? '', offset: (this.place?.offset ?? 0) + 1 }
    this.place = place ?? next
    this.seen.push({ kind: 'delivery', publisher: by, number: n, ...this.place })
  }
}

export function placeIn(text: string): Place {
  const [epoch = '', offset] = text.split('.')
  return { epoch, offset: Number(offset) }
}

/** As it is handed in: empty where there is none. */
export function textOf(place: Place | undefined): string {
  return place === undefined ? '' : `${place.epoch}.${place.offset}`
}
