// One connection with filters, an origin and a clock of a test's own.
import { Filters } from '../../../../src/frontends/grip/filter/filters.ts'
import type {
  FilterPost,
  Load,
  Party,
  Pending,
  Verdict,
} from '../../../../src/frontends/grip/filter/party.ts'
import type { Held } from '../../../../src/frontends/grip/hold/hold.ts'
import type { Item } from '../../../../src/frontends/grip/item/item.ts'
import { Attempt, type AttemptHandlers } from '../../../../src/frontends/grip/proxy/attempt.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { ruleOf } from '../given.ts'
import { content, held } from '../hold/given-hold.ts'
import { FakeOrigin } from '../proxy/given-origin.ts'

export class Scene {
  readonly clock = new FakeClock()
  readonly origin = new FakeOrigin()
  readonly lines: string[] = []
  /** What was posted, in order. */
  readonly posts: (FilterPost & { readonly url: string })[] = []
  readonly filters: Filters
  meta: Record<string, string> = { user: 'bob', url: '/check?a', id_format: '%(a)s,%(b)s' }
  channels: readonly Held[] = [held('a'), held('b', { prevId: 'b1', lastId: 'b2' })]
  /** No link may lead anywhere. */
  isShut = false
  /** Verdicts that came late. */
  readonly late: Verdict[] = []

  constructor(perSecond = 100) {
    this.filters = new Filters({
      clock: this.clock,
      lines: { filterFailed: reason => void this.lines.push(reason) },
      perSecond: () => perSecond,
    })
  }

  get party(): Party {
    const post = (url: string, request: FilterPost, handlers: AttemptHandlers) => {
      if (this.isShut) return undefined
      this.posts.push({ url, ...request })
      return this.#attempt(handlers)
    }
    const origin = { uri: 'http://h/x/y', rule: { id: undefined, line: 1 }, post }
    return { meta: new Map(Object.entries(this.meta)), channels: this.channels, origin }
  }

  /** Of the first channel. */
  sift(filters: readonly string[], text: string | Load, more: Partial<Item> = {}): Verdict | Pending {
    const [own = held('a')] = this.channels
    const load = typeof text === 'string' ? { content: Buffer.from(text) } : text
    const item = { ...content(''), ...more }
    const sifted = { held: { ...own, filters }, item, load, party: this.party }
    return this.filters.sift(sifted, verdict => void this.late.push(verdict))
  }

  get counted(): readonly number[] {
    const { filtersDropped, filtersFailed, filterRequests } = this.filters.counters
    return [filtersDropped, filtersFailed, filterRequests]
  }

  #attempt(handlers: AttemptHandlers): Attempt {
    const rule = ruleOf('* o:80')
    const request = { target: { host: 'o', port: 80 }, method: 'POST', path: '/', rawHeaders: [] }
    return new Attempt(
      this.origin.dispatch,
      {
        targets: rule.targets,
        method: 'POST',
        request: () => request,
        isWhole: () => true,
        test: { path: '/', query: '', pathBeg: '' },
      },
      handlers,
    )
  }
}

/** As words: what passed, or why it did not. */
export function wordsOf(verdict: Verdict | Pending | undefined): string {
  if (verdict?.kind === 'pass') return `pass ${Buffer.from(verdict.content)}`
  return verdict?.kind === 'fail' ? verdict.reason : (verdict?.kind ?? 'nothing')
}
