// Drafts that wait for what they follow: of one channel, one for each id that is waited for, in the order in which they
// came; and of all channels of a worker, within a bound on their bytes.
import { linkBytes } from '../words/link.ts'
import type { Draft } from '../words/publication.ts'

export interface HeldDraft {
  readonly draft: Draft
  /** The id that it waits for. */
  readonly after: string
  /** When it came, by the clock. */
  readonly since: number
}

export class HeldDrafts {
  readonly #byAfter = new Map<string, HeldDraft>()

  get size(): number {
    return this.#byAfter.size
  }

  all(): readonly HeldDraft[] {
    return [...this.#byAfter.values()]
  }

  find(after: string | undefined): HeldDraft | undefined {
    return after === undefined ? undefined : this.#byAfter.get(after)
  }

  /** Nothing waits for the same. */
  add(held: HeldDraft): void {
    this.#byAfter.set(held.after, held)
  }

  remove({ after }: HeldDraft): void {
    this.#byAfter.delete(after)
  }
}

/** A channel, as far as it holds drafts. */
interface Holder {
  /** Undefined: nothing waits. */
  held: HeldDrafts | undefined
}

/** The drafts that all channels of a worker hold. */
export class WorkerHeld<Channel extends Holder> {
  readonly #bytesMax: number
  readonly #holders = new Set<Channel>()
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    let size = 0
    for (const { held } of this.#holders) size += held?.size ?? 0
    return size
  }

  /** As they are now: some may hold nothing any more when they are looked at. */
  holders(): readonly Channel[] {
    return [...this.#holders]
  }

  fits(draft: Draft): boolean {
    return this.#bytes + bytesOf(draft) <= this.#bytesMax
  }

  add(holder: Channel, held: HeldDraft): void {
    holder.held ??= new HeldDrafts()
    holder.held.add(held)
    this.#holders.add(holder)
    this.#bytes += bytesOf(held.draft)
  }

  /** It is there. */
  remove(holder: Channel, held: HeldDraft): void {
    holder.held?.remove(held)
    this.#bytes -= bytesOf(held.draft)
    if (holder.held === undefined || holder.held.size > 0) return
    holder.held = undefined
    this.#holders.delete(holder)
  }
}

/** In memory, as a link would count it. */
function bytesOf(draft: Draft): number {
  return linkBytes(draft) + (draft.idempotencyKey?.length ?? 0)
}
