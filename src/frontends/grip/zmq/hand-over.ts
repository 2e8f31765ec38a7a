// Drafts on their way from the thread to the workers that own their channels: a batch a turn, and bytes of credit for each
// worker. Where one has no credit left, nothing more is received at all, so that ZeroMQ's own bounds hold publishers back.
import { bodyBytes, type Draft, packDraft } from '../../../engine/words/publication.ts'
import type { Clock } from '../../../std/clock.ts'
import type { SidePort } from '../../side.ts'
import type { Refused, ToRoom } from './wire.ts'

/** Of a draft: undefined, it was published; a word: it was not. */
export type Handled = (refusal: string | undefined) => void

export interface HandOverDependencies {
  readonly clock: Clock
  ownerOf(channel: Draft['channel']): number
  /** So many that were with a worker are gone with it. */
  lost(slot: number, drafts: number): void
  /** One came to nothing, and nobody else is told. */
  refused(reason: string): void
}

interface Pending {
  readonly draft: Draft
  readonly bytes: number
  readonly handled: Handled | undefined
}

interface Line {
  port: SidePort | undefined
  queued: Pending[]
  queuedBytes: number
  /** By their numbers: what the worker has not said to be handled. */
  readonly underWay: Map<number, readonly Pending[]>
  underWayBytes: number
}

/**
 * For one worker: what is with it, and what waits for it, each. A worker publishes so much within milliseconds; a single message
 * larger than that passes when nothing else does.
 */
export const creditBytes = 1_048_576

/** What a draft costs beside its content. */
const draftBytes = 256

export class HandOver {
  readonly #dependencies: HandOverDependencies
  readonly #lines = new Map<number, Line>()
  #batches = 0
  #isArmed = false
  #isReleased = false
  #free: (() => void)[] = []
  #empty: (() => void)[] = []

  constructor(dependencies: HandOverDependencies) {
    this.#dependencies = dependencies
  }

  /** In place of an earlier worker, whose end comes by its port. */
  join(slot: number, port: SidePort): void {
    const line = this.#lineOf(slot)
    const before = line.port
    line.port = port
    if (before !== undefined) this.#lose(slot, line)
    port.onClosed(() => {
      if (line.port !== port) return
      line.port = undefined
      this.#lose(slot, line)
    })
    this.#arm()
  }

  offer(draft: Draft, handled?: Handled): void {
    const line = this.#lineOf(this.#dependencies.ownerOf(draft.channel))
    const bytes = bodyBytes(draft) + draftBytes
    line.queued.push({ draft, bytes, handled })
    line.queuedBytes += bytes
    this.#arm()
  }

  /** From the port of the worker. */
  handled(slot: number, batch: number, refused: readonly Refused[]): void {
    const line = this.#lineOf(slot)
    const pending = line.underWay.get(batch)
    if (pending === undefined) return
    line.underWay.delete(batch)
    const reasons = new Map(refused)
    pending.forEach(({ bytes, handled }, at) => {
      line.underWayBytes -= bytes
      const reason = reasons.get(at)
      if (handled !== undefined) handled(reason)
      else if (reason !== undefined) this.#dependencies.refused(reason)
    })
    this.#arm()
    this.#tell()
  }

  /** The end: nobody waits any more. */
  release(): void {
    this.#isReleased = true
    this.#tell()
    for (const empty of this.#empty.splice(0)) empty()
  }

  /** Undefined: more may be received now. */
  whenFree(): Promise<void> | undefined {
    if (!this.#isFull) return undefined
    return new Promise(resolve => this.#free.push(resolve))
  }

  /** Resolves when everything was handled. */
  whenEmpty(): Promise<void> {
    if (this.#isEmpty) return Promise.resolve()
    return new Promise(resolve => this.#empty.push(resolve))
  }

  get #isFull(): boolean {
    return (
      !this.#isReleased && [...this.#lines.values()].some(({ queuedBytes }) => queuedBytes >= creditBytes)
    )
  }

  get #isEmpty(): boolean {
    return [...this.#lines.values()].every(line => line.queued.length === 0 && line.underWay.size === 0)
  }

  #lineOf(slot: number): Line {
    const known = this.#lines.get(slot)
    if (known !== undefined) return known
    const line: Line = {
      port: undefined,
      queued: [],
      queuedBytes: 0,
      underWay: new Map(),
      underWayBytes: 0,
    }
    this.#lines.set(slot, line)
    return line
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    this.#dependencies.clock.endOfTurn(() => {
      this.#isArmed = false
      for (const line of this.#lines.values()) this.#flush(line)
      this.#tell()
    })
  }

  #flush(line: Line): void {
    const { port, queued, queuedBytes } = line
    if (port === undefined || queued.length === 0 || line.underWayBytes >= creditBytes) return
    const batch = ++this.#batches
    line.underWay.set(batch, queued)
    line.underWayBytes += queuedBytes
    line.queued = []
    line.queuedBytes = 0
    port.send(['drafts', batch, queued.map(({ draft }) => packDraft(draft))] satisfies ToRoom)
  }

  /** What was with a worker that is gone may have been published, or not: it is not sent again. */
  #lose(slot: number, line: Line): void {
    const lost = [...line.underWay.values()].flat()
    line.underWay.clear()
    line.underWayBytes = 0
    for (const { handled } of lost) handled?.('worker-lost')
    if (lost.length > 0) this.#dependencies.lost(slot, lost.length)
    this.#tell()
  }

  #tell(): void {
    if (!this.#isFull) for (const free of this.#free.splice(0)) free()
    if (this.#isEmpty) for (const empty of this.#empty.splice(0)) empty()
  }
}
