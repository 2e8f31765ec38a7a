// What the owners of channels must do, as arrays: the order of each channel, its numbering, what its history keeps and
// what of that outlives a worker. Knows no engine: it is told what happens and throws where that cannot be.
import { equal, ok } from 'node:assert/strict'

/** A position that a client hands in; without an epoch the current one is meant. */
export interface Asked {
  readonly epoch: string | undefined
  readonly offset: number
}

/** One publication where its owner put it. */
interface Item {
  readonly epoch: string
  readonly offset: number
  readonly text: string
  /** Place among all of the channel, over all epochs. */
  readonly index: number
}

/** What the living owner of a channel knows, or what is left of it after its death. */
interface Numbering {
  readonly epoch: string
  first: number
  next: number
  kept: { readonly offset: number; readonly expires: number }[]
  keys: Map<string, number>
  /** In the memory of the owner or in a snapshot; else only the hubs can hand it on. */
  held: boolean
  /** Hubs of other workers that may hand it on: they had everything when the farewell came. */
  vouchers: Set<number>
  /** Nobody is attached to the channel, so an owner with few idle channels may forget it. */
  unattended: boolean
  /** But not before then: a snapshot brought it, and nobody has come for it. */
  awaitedUntil: number
}

export interface ModelLimits {
  readonly historyTtlMs: number
  historySize(channel: string): number
  /** History may be dropped earlier than its own limits say. */
  readonly evicting: boolean
  /** Idle channels may be forgotten at once. */
  readonly forgetting: boolean
  /** But what a snapshot brought only after that time. */
  readonly awaitedMs: number
  /** The clock moves on between two epochs, so that offsets of a later one are greater. */
  readonly clockMoves: boolean
  /** First offset of an epoch that begins now, as the clock says; undefined: that is not known. */
  seed?(): number
}

export class OwnerModel {
  readonly #limits: ModelLimits
  readonly #now: () => number
  readonly #order = new Map<string, Item[]>()
  readonly #byText = new Map<string, Item>()
  readonly #byPosition = new Map<string, Item>()
  /** All epochs that a channel ever had, with their first offsets. */
  readonly #epochs = new Map<string, Map<string, number>>()
  readonly numberings = new Map<string, Numbering>()

  constructor(limits: ModelLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  order(channel: string): readonly Item[] {
    return this.#order.get(channel) ?? []
  }

  at(channel: string, epoch: string, offset: number): Item | undefined {
    return this.#byPosition.get(`${channel} ${epoch}.${offset}`)
  }

  find(channel: string, text: string): Item | undefined {
    return this.#byText.get(`${channel} ${text}`)
  }

  firstOf(channel: string, epoch: string): number | undefined {
    return this.#epochs.get(channel)?.get(epoch)
  }

  /** The last offset of the epoch that was given; one before its first if none was. */
  lastOf(channel: string, epoch: string): number {
    const items = this.order(channel).filter(item => item.epoch === epoch)
    return items.at(-1)?.offset ?? (this.firstOf(channel, epoch) ?? 0) - 1
  }

  /** The owner gave a draft its position. */
  append(channel: string, epoch: string, offset: number, text: string, key: string): void {
    const numbering = this.observe(channel, epoch, offset)
    equal(offset, numbering.next, `${channel}: offsets of an epoch are contiguous`)
    equal(this.find(channel, text), undefined, `${channel}: ${text} is appended once`)
    ok(!numbering.keys.has(key), `${channel}: a repeated key is not appended again`)
    const known = this.#order.get(channel) ?? []
    const item = { epoch, offset, text, index: known.length }
    this.#order.set(channel, [...known, item])
    this.#byText.set(`${channel} ${text}`, item)
    this.#byPosition.set(`${channel} ${epoch}.${offset}`, item)
    numbering.next++
    if (key !== '') numbering.keys.set(key, offset)
    const size = this.#limits.historySize(channel)
    numbering.kept.push({ offset, expires: this.#now() + this.#limits.historyTtlMs })
    if (numbering.kept.length > size) numbering.kept.splice(0, numbering.kept.length - size)
  }

  /** The owner answered a draft whose key it knew. */
  duplicate(channel: string, epoch: string, offset: number, key: string): void {
    const numbering = this.observe(channel, epoch)
    equal(offset, numbering.keys.get(key), `${channel}: a repeated key gets the first position`)
  }

  /** The owner spoke of the epoch; `next`: of its next offset too. */
  observe(channel: string, epoch: string, next?: number): Numbering {
    const known = this.numberings.get(channel)
    if (known?.epoch === epoch) {
      if (next !== undefined) equal(next, known.next, `${channel}: the numbering goes on`)
      known.held = true
      return known
    }
    if (known !== undefined) {
      const kept = known.held ? !this.#isForgettable(known) : known.vouchers.size > 0
      ok(!kept, `${channel}: epoch ${known.epoch} must go on, not ${epoch}`)
    }
    ok(next !== undefined, `${channel}: epoch ${epoch} was never begun`)
    return this.#begin(channel, epoch, next)
  }

  #begin(channel: string, epoch: string, next: number): Numbering {
    const epochs = this.#epochs.get(channel) ?? new Map<string, number>()
    ok(!epochs.has(epoch), `${channel}: epoch ${epoch} is used once`)
    const last = Math.max(-1, ...this.order(channel).map(({ offset }) => offset))
    // What began beyond a lost owner's may be ahead of the clock for a while, and be lost itself with nobody there.
    const isAhead = last > (this.#limits.seed?.() ?? Number.POSITIVE_INFINITY)
    if (this.#limits.clockMoves && !isAhead)
      ok(next > last, `${channel}: a new epoch begins above ${last}, not at ${next}`)
    this.#epochs.set(channel, epochs.set(epoch, next))
    const numbering = {
      epoch,
      first: next,
      next,
      kept: [],
      keys: new Map<string, number>(),
      held: true,
      vouchers: new Set<number>(),
      unattended: true,
      awaitedUntil: 0,
    }
    this.numberings.set(channel, numbering)
    return numbering
  }

  /** Whether everything after the position can still be had: once it cannot, it never can again. */
  covers(channel: string, since: Asked): boolean {
    const numbering = this.numberings.get(channel)
    if (numbering === undefined || !numbering.held || this.#limits.evicting) return false
    const { epoch, first, next } = numbering
    if (this.#isForgettable(numbering)) return false
    const from = since.offset + 1
    const same = since.epoch === undefined ? from >= first && this.#limits.clockMoves : since.epoch === epoch
    if (!same) return false
    return from >= this.#oldest(numbering) && from <= next
  }

  /** The oldest offset that the owner holds, or the next one that it gives; undefined: that is not known. */
  oldestOf(channel: string, epoch: string): number | undefined {
    const numbering = this.numberings.get(channel)
    if (numbering?.epoch !== epoch || !numbering.held || this.#limits.evicting) return undefined
    return this.#isForgettable(numbering) ? undefined : this.#oldest(numbering)
  }

  #oldest(numbering: Numbering): number {
    const now = this.#now()
    numbering.kept = numbering.kept.filter(({ expires }) => expires > now)
    return numbering.kept[0]?.offset ?? numbering.next
  }

  /** The owner of the channel fell silent: its numbering is lost. */
  silent(channel: string): void {
    this.numberings.delete(channel)
  }

  /** The owner said farewell while these workers had everything. */
  farewell(channel: string, vouchers: Set<number>): void {
    const numbering = this.numberings.get(channel)
    if (numbering !== undefined) numbering.vouchers = vouchers
  }

  /** No snapshot of the owner was taken. */
  memoryLost(channel: string): void {
    const numbering = this.numberings.get(channel)
    if (numbering === undefined) return
    numbering.held = false
    numbering.kept = []
    numbering.keys = new Map()
    numbering.first = numbering.next
  }

  /** No subscriber of that worker can vouch any more. */
  unvouch(channel: string, slot: number): void {
    this.numberings.get(channel)?.vouchers.delete(slot)
  }

  /**
   * A new owner serves: what some hub vouched for it must have taken over. `late`: attaches are answered after that, among
   * them those of hubs that heard of the numbering as its owner ended.
   */
  opened(channel: string, late: boolean): void {
    const numbering = this.numberings.get(channel)
    if (numbering === undefined || numbering.held) return
    if (numbering.vouchers.size > 0) numbering.held = true
    else if (!late) this.numberings.delete(channel)
  }

  /** A snapshot brought the numbering of that epoch to its owner. */
  restored(channel: string, epoch: string): void {
    const numbering = this.numberings.get(channel)
    if (numbering?.epoch === epoch) numbering.awaitedUntil = this.#now() + this.#limits.awaitedMs
  }

  /** Somebody came for it: when they have left it is idle. */
  come(channel: string): void {
    const numbering = this.numberings.get(channel)
    if (numbering !== undefined) numbering.awaitedUntil = 0
  }

  #isForgettable({ unattended, awaitedUntil }: Numbering): boolean {
    return this.#limits.forgetting && unattended && this.#now() >= awaitedUntil
  }

  attend(channel: string, attended: boolean): void {
    const numbering = this.numberings.get(channel)
    if (numbering !== undefined) numbering.unattended = !attended
  }
}
