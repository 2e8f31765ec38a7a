// The judge of everything that happens to a cluster: what subscribers saw and publishers were told goes in, and what must not be
// comes out, in words. Pure: whoever runs a test keeps records, and this alone says whether a promise was broken.

/** Where a publication stands, or how far somebody is: everything of the epoch up to the offset. */
export interface Place {
  readonly epoch: string
  readonly offset: number
}

export type Seen =
  | ({ readonly kind: 'delivery'; readonly publisher: string; readonly number: number } & Place)
  /** Told where it is, without a gap: as it begins, as it resumes, and where a numbering goes on elsewhere. */
  | ({ readonly kind: 'told' } & Place)
  /** Something is missing up to that place, or may be. */
  | ({ readonly kind: 'gap' } & Place)
  /** Its connection ended. It comes again with the place that it has. */
  | { readonly kind: 'closed' }

/** One subscriber of one channel, from before the first publication on, over all its connections. */
export interface SubscriberRecord {
  readonly name: string
  readonly channel: string
  readonly seen: readonly Seen[]
}

/** Its numbers are 1, 2, 3 …, each published only when the one before was answered for good. */
export interface PublisherRecord {
  readonly name: string
  readonly channel: string
  /** By number; the place, where its answer said one. */
  readonly acknowledged: ReadonlyMap<number, Place | undefined>
  /** Refused for certain, and given up. */
  readonly refused?: ReadonlySet<number>
  /** Given up, and whether it was appended nobody said. */
  readonly doubtful?: ReadonlySet<number>
}

export interface Rules {
  /** History holds everything of the run: a gap may only hide what no history has. */
  readonly historyHoldsAll: boolean
  /** The broker may say that a numbering goes on elsewhere without a gap. */
  readonly renumbers: boolean
}

const shownMax = 30

/** Sentences, none if all is well. */
export function judge(
  subscribers: readonly SubscriberRecord[],
  publishers: readonly PublisherRecord[],
  rules: Rules,
): readonly string[] {
  const known = gather(subscribers, publishers)
  const found = [
    ...known.disagreements,
    ...subscribers.flatMap(subscriber => {
      const own = publishers.filter(({ channel }) => channel === subscriber.channel)
      return new Trial(subscriber, own, rules, known.channels.get(subscriber.channel)).violations()
    }),
  ]
  const more = found.length - shownMax
  return more > 0 ? [...found.slice(0, shownMax), `and ${more} more`] : found
}

/** Which publication stands where, by epoch and offset, as far as anybody saw or was told it. */
type Numberings = Map<string, Map<number, string>>

function gather(subscribers: readonly SubscriberRecord[], publishers: readonly PublisherRecord[]) {
  const channels = new Map<string, Numberings>()
  const disagreements: string[] = []
  const note = (who: string, channel: string, { epoch, offset }: Place, publication: string) => {
    const numberings = ensure(channels, channel, () => new Map())
    const numbering = ensure(numberings, epoch, () => new Map<number, string>())
    const other = numbering.get(offset)
    if (other === undefined) numbering.set(offset, publication)
    else if (other !== publication) {
      disagreements.push(`${channel} ${epoch}.${offset}: ${who} has ${publication}, another one ${other}`)
    }
  }
  for (const { name, channel, acknowledged } of publishers) {
    for (const [number, place] of acknowledged) {
      if (place !== undefined) note(`publisher ${name}`, channel, place, publicationOf(name, number))
    }
  }
  for (const { name, channel, seen } of subscribers) {
    for (const each of seen) {
      if (each.kind === 'delivery') note(name, channel, each, publicationOf(each.publisher, each.number))
    }
  }
  for (const [channel, numberings] of channels) {
    for (const [epoch, numbering] of numberings) {
      for (const [publication, offsets] of repeated(numbering)) {
        disagreements.push(`${channel} ${epoch}: ${publication} stands twice, at ${offsets.join(' and ')}`)
      }
    }
  }
  return { channels, disagreements }
}

function repeated(numbering: ReadonlyMap<number, string>): readonly (readonly [string, readonly number[]])[] {
  const offsets = new Map<string, number[]>()
  for (const [offset, publication] of numbering) ensure(offsets, publication, () => []).push(offset)
  return [...offsets].filter(([, all]) => all.length > 1)
}

function publicationOf(publisher: string, number: number): string {
  return `${publisher}#${number}`
}

function ensure<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const there = map.get(key)
  if (there !== undefined) return there
  const made = make()
  map.set(key, made)
  return made
}

interface Progress {
  /** The last number that was delivered. */
  last: number
  /** A gap was told since. */
  behindGap: boolean
  readonly delivered: Set<number>
  /** Epochs in which it came; a second time in the same one is a fault even behind a gap. */
  readonly epochs: Map<number, Set<string>>
}

/** One subscriber before the judge. */
class Trial {
  readonly #subscriber: SubscriberRecord
  readonly #publishers: ReadonlyMap<string, PublisherRecord>
  readonly #rules: Rules
  readonly #numberings: Numberings
  readonly #progress = new Map<string, Progress>()
  readonly #left = new Set<string>()
  readonly #has = new Set<string>()
  readonly #found: string[] = []
  #at: Place | undefined

  constructor(
    subscriber: SubscriberRecord,
    publishers: readonly PublisherRecord[],
    rules: Rules,
    numberings: Numberings = new Map(),
  ) {
    this.#subscriber = subscriber
    this.#publishers = new Map(publishers.map(publisher => [publisher.name, publisher]))
    this.#rules = rules
    this.#numberings = numberings
    for (const { name } of publishers) {
      this.#progress.set(name, { last: 0, behindGap: false, delivered: new Set(), epochs: new Map() })
    }
  }

  violations(): readonly string[] {
    for (const seen of this.#subscriber.seen) {
      if (seen.kind === 'delivery') this.#deliver(seen)
      else if (seen.kind === 'gap') this.#gap(seen)
      else if (seen.kind === 'told') this.#told(seen)
    }
    for (const publisher of this.#publishers.values()) this.#end(publisher)
    return this.#found
  }

  #blame(what: string): void {
    this.#found.push(`${this.#subscriber.name} of ${this.#subscriber.channel}: ${what}`)
  }

  /** Without a gap the place is the one that it has, or the end of a numbering that goes on in another. */
  #told({ epoch, offset }: Place): void {
    const at = this.#at
    if (at !== undefined && at.epoch === epoch && at.offset !== offset) {
      this.#blame(`is at ${textOf(at)} and was told ${epoch}.${offset} without a gap`)
    }
    this.#move({ epoch, offset }, at !== undefined && at.epoch !== epoch)
  }

  #gap({ epoch, offset }: Place): void {
    const at = this.#at
    if (at?.epoch === epoch && offset < at.offset) {
      this.#blame(`is at ${textOf(at)} and was told a gap up to ${epoch}.${offset}, which is before it`)
    }
    if (this.#rules.historyHoldsAll) this.#judgeHidden({ epoch, offset })
    this.#move({ epoch, offset }, false)
    for (const progress of this.#progress.values()) progress.behindGap = true
  }

  /** What stands below the place in the same numbering, is known to others, and was kept, must have been sent. */
  #judgeHidden({ epoch, offset }: Place): void {
    for (const [own, publication] of this.#numberings.get(epoch) ?? []) {
      if (own <= offset && !this.#has.has(publication)) {
        this.#blame(`the gap up to ${epoch}.${offset} hides ${publication}, which stands at ${epoch}.${own}`)
      }
    }
  }

  #deliver({ epoch, offset, publisher, number }: Place & { publisher: string; number: number }): void {
    const what = publicationOf(publisher, number)
    const at = this.#at
    if (at === undefined) this.#blame(`${what} came before it was told where it is`)
    else if (at.epoch === epoch && offset !== at.offset + 1) {
      this.#blame(`is at ${textOf(at)} and was sent ${what} at ${epoch}.${offset}`)
    }
    this.#move({ epoch, offset }, at !== undefined && at.epoch !== epoch)
    this.#count(publisher, number, epoch)
    this.#has.add(what)
  }

  /** `isUntold`: the epoch changes, and no gap was told. */
  #move(place: Place, isUntold: boolean): void {
    const at = this.#at
    if (isUntold && !this.#rules.renumbers) {
      this.#blame(`went from ${at && textOf(at)} to ${textOf(place)} without a gap`)
    }
    if (at !== undefined && at.epoch !== place.epoch) this.#left.add(at.epoch)
    if (this.#left.has(place.epoch)) this.#blame(`is back in epoch ${place.epoch}, which it had left`)
    this.#at = place
  }

  #count(name: string, number: number, epoch: string): void {
    const [publisher, progress] = [this.#publishers.get(name), this.#progress.get(name)]
    const what = publicationOf(name, number)
    if (publisher === undefined || progress === undefined) return this.#blame(`nobody published ${what}`)
    const isKnown = publisher.acknowledged.has(number) || publisher.doubtful?.has(number) === true
    if (publisher.refused?.has(number) === true) this.#blame(`${what} was refused for certain, and came`)
    else if (!isKnown) this.#blame(`nobody published ${what}`)
    const epochs = ensure(progress.epochs, number, () => new Set<string>())
    if (epochs.has(epoch)) this.#blame(`${what} came twice in epoch ${epoch}`)
    else if (progress.delivered.has(number) && !progress.behindGap)
      this.#blame(`${what} came twice without a gap`)
    else if (number <= progress.last && !progress.behindGap) {
      this.#blame(`${what} came out of order, behind #${progress.last}`)
    } else if (!progress.behindGap) this.#judgeHole(publisher, progress.last, number)
    epochs.add(epoch)
    progress.delivered.add(number)
    progress.last = number
    progress.behindGap = false
  }

  /** Between two numbers only what was refused, or may have been, is missing. */
  #judgeHole({ name, refused, doubtful }: PublisherRecord, from: number, to: number): void {
    const missing: number[] = []
    for (let number = from + 1; number < to; number++) {
      if (!refused?.has(number) && !doubtful?.has(number)) missing.push(number)
    }
    if (missing.length > 0) {
      this.#blame(`${missing.map(number => publicationOf(name, number)).join(', ')} lost without a gap`)
    }
  }

  #end({ name, acknowledged }: PublisherRecord): void {
    const { last = 0, behindGap = false } = this.#progress.get(name) ?? {}
    const missing = [...acknowledged.keys()].filter(number => number > last)
    if (missing.length === 0 || behindGap) return
    this.#blame(`has ${name} up to #${last}; ${missing.length} later ones were acknowledged and never came`)
  }
}

function textOf({ epoch, offset }: Place): string {
  return `${epoch}.${offset}`
}
