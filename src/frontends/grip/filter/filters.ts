// The filters of a channel at work (contract §7): in the order in which its origin names them, each gets what the one before left,
// and the first that says no is the last. All but those that ask an origin are done at once. Names that nobody knows do nothing.
import type { Clock } from '../../../std/clock.ts'
import type { Held } from '../hold/hold.ts'
import type { Item, ResponseFormat, StreamFormat } from '../item/item.ts'
import type { Lines } from '../lines.ts'
import { Allotment } from './allotment.ts'
import { buildIds, substituteVariables } from './contents.ts'
import { drops } from './drops.ts'
import { altering, type FilterName } from './names.ts'
import type { Load, Party, Pending, Verdict } from './party.ts'
import { Remote, type RemoteContext } from './remote.ts'
import type { Meaning } from './substitution.ts'

export interface FiltersContext {
  readonly clock: Clock
  readonly lines: Pick<Lines, 'filterFailed'>
  /** Requests of filters to one URL, in a second. */
  perSecond(): number
}

/** One item on its way to one connection. */
export interface Sifted {
  readonly held: Held
  readonly item: Item
  readonly load: Load
  readonly party: Party
}

/** Whether anything has to be looked at: most items have no filter in their way. */
export function isSifted({ filters }: Held, format: Load | ResponseFormat | StreamFormat): boolean {
  return filters.length > 0 || ('contentFilters' in format && format.contentFilters !== undefined)
}

/** What filters get of an action. */
export const noContent: Load = { content: undefined }

export class Filters implements RemoteContext {
  readonly clock: Clock
  readonly allotment: Allotment
  readonly counters = { filtersDropped: 0, filtersFailed: 0, filterRequests: 0 }
  readonly #lines: FiltersContext['lines']

  constructor({ clock, lines, perSecond }: FiltersContext) {
    this.clock = clock
    this.allotment = new Allotment(clock, perSecond)
    this.#lines = lines
  }

  /** Where it is pending, `done` gets the verdict later, and once; nothing else is asked of the item. */
  sift(sifted: Sifted, done: (verdict: Verdict) => void): Verdict | Pending {
    const mismatch = mismatchOf(sifted)
    if (mismatch !== undefined) return this.count({ kind: 'fail', reason: mismatch }, sifted.party)
    return new Sifting(this, sifted, done).goOn()
  }

  count(verdict: Verdict, { origin }: Party): Verdict {
    if (verdict.kind === 'drop') this.counters.filtersDropped++
    if (verdict.kind === 'fail') {
      this.counters.filtersFailed++
      this.#lines.filterFailed(verdict.reason, origin.rule)
    }
    return verdict
  }
}

function mismatchOf({ held, load: { contentFilters } }: Sifted): string | undefined {
  if (contentFilters === undefined) return undefined
  const own = held.filters.filter(name => altering.includes(name))
  const isSame = own.length === contentFilters.length && own.every((name, at) => name === contentFilters[at])
  if (isSame) return undefined
  return `content filter mismatch: subscription=${own.join(',')} message=${contentFilters.join(',')}`
}

class Sifting implements Pending {
  readonly kind = 'pending'
  readonly #filters: Filters
  readonly #sifted: Sifted
  readonly #done: (verdict: Verdict) => void
  /** A later instruction may name others, for later items. */
  readonly #names: readonly string[]
  #next = 0
  #content: Uint8Array
  #remote: Remote | undefined

  constructor(filters: Filters, sifted: Sifted, done: (verdict: Verdict) => void) {
    this.#filters = filters
    this.#sifted = sifted
    this.#done = done
    this.#names = sifted.held.filters
    this.#content = sifted.load.content ?? nothing
  }

  goOn(): Verdict | Pending {
    while (this.#next < this.#names.length) {
      const verdict = this.#apply(this.#names[this.#next++])
      if (verdict === undefined) continue
      if (verdict.kind === 'pending') return this
      if (verdict.kind !== 'pass') return this.#filters.count(verdict, this.#sifted.party)
      this.#content = verdict.content
    }
    return { kind: 'pass', content: this.#content }
  }

  cancel(): void {
    this.#remote?.cancel()
  }

  /** Undefined: it has nothing to do with it. */
  #apply(name: string | undefined): Verdict | Pending | undefined {
    switch (name) {
      case 'skip-self':
      case 'skip-users':
      case 'require-sub':
        return this.#isDropped(name) ? { kind: 'drop' } : undefined
      case 'build-id':
        return this.#alter(name, content => buildIds(content, this.#sifted.party.meta, idsOf(this.#sifted)))
      case 'var-subst':
        return this.#alter(name, content => substituteVariables(content, this.#sifted.party.meta))
      case 'http-check':
      case 'http-modify':
        return this.#ask(name)
      default:
        return undefined
    }
  }

  #isDropped(name: keyof typeof drops): boolean {
    const { item, party } = this.#sifted
    const isHeld = (wanted: string): boolean => party.channels.some(channel => channel.name === wanted)
    return drops[name]({ meta: party.meta, published: item.meta, isHeld })
  }

  #alter(name: FilterName, alter: (content: Uint8Array) => Meaning): Verdict | undefined {
    if (this.#sifted.load.content === undefined) return undefined
    const altered = alter(this.#content)
    if (altered.ok) return { kind: 'pass', content: altered.bytes }
    return { kind: 'fail', reason: `filter error: ${name}: ${altered.error}` }
  }

  #ask(name: 'http-check' | 'http-modify'): Verdict | Pending {
    const { item, party } = this.#sifted
    let isAsking = true
    let early: Verdict | undefined
    const question = { name, content: this.#content, published: item.meta }
    const remote = new Remote(this.#filters, question, party, verdict => {
      if (isAsking) early = verdict
      else this.#answered(verdict)
    })
    this.#remote = remote
    remote.start()
    isAsking = false
    return early ?? this
  }

  #answered(verdict: Verdict): void {
    if (verdict.kind !== 'pass') return this.#done(this.#filters.count(verdict, this.#sifted.party))
    this.#content = verdict.content
    const last = this.goOn()
    if (last.kind !== 'pending') this.#done(last)
  }
}

const nothing = new Uint8Array(0)

/** Of the item's channel the item's own, as 1.36 has it (contract §14, fault 12); of the others where they are. */
function idsOf({ held, item, party }: Sifted): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  for (const channel of party.channels) {
    const id = channel.full === held.full ? (item.id ?? held.prevId) : (channel.prevId ?? channel.lastId)
    if (id !== undefined) ids.set(channel.name, id)
  }
  return ids
}
