// Judges every delivery of one part of a run: each stream gets each publisher's messages once and in order, and all
// streams of a channel see one order. Counts on typed arrays, because it runs millions of times a second beside the
// server.
import { foldContent, isMarked, partOf, publisherOf, sequenceOf, timeUsOf } from './payload.ts'

/** Latencies are counted in steps of this size; the last step holds all that are longer. */
export const latencyStepUs = 50
const latencySteps = 200_000

export interface TallyPlan {
  readonly part: number
  readonly publishers: number
  readonly payloadBytes: number
  /** Whether every delivery's latency counts; costs the reader time, so only where the server is not pressed. */
  readonly timed: boolean
  /** Whether it counts how long each publication took to reach all streams; for one publisher. */
  readonly whole: boolean
  /** 1: all streams are of one channel. Else stream n is the only one of channel n: see `ChannelDigits`. */
  readonly channels: number
}

const never = -1

export class Tally {
  readonly #plan: TallyPlan
  readonly #streams: number
  /** Number of the first stream among those of all load processes. */
  readonly #first: number
  /** Between the numbers of two messages that one stream gets from the same publisher. */
  readonly #step: number
  /** By stream and publisher: the sequence number that comes next. */
  readonly #next: Int32Array
  /** By stream: what it saw, in its order. */
  readonly #order: Int32Array
  readonly #latencies = new Uint32Array(latencySteps)
  /** By sequence number: deliveries, and once they are whole the time that it took. */
  readonly #reached: number[] = []
  readonly #wholesUs: number[] = []
  /** Every byte of the streams that are folded: of one channel the first stream, of many channels all. */
  readonly #contents: Int32Array
  deliveries = 0
  /** Reads that brought something: about as many as the server's writes. */
  reads = 0
  /** When the last message arrived, in microseconds since the run began. */
  lastAtUs = 0
  #nowUs = 0
  failure = ''

  constructor(plan: TallyPlan, streams: number, first: number) {
    this.#plan = plan
    this.#streams = streams
    this.#first = first
    this.#step = plan.channels === 1 ? 1 : plan.channels / plan.publishers
    this.#next = new Int32Array(streams * plan.publishers)
    this.#next.forEach((_, place) => {
      this.#next[place] = this.#firstOf(Math.floor(place / plan.publishers), place % plan.publishers)
    })
    this.#order = new Int32Array(streams)
    this.#contents = new Int32Array(plan.channels === 1 ? 1 : streams).fill(0x811c_9dc5)
  }

  /** Before the messages of each read. */
  read(nowUs: number): void {
    this.#nowUs = this.lastAtUs = nowUs
    this.reads++
  }

  /** One frame's payload, in place. */
  message(stream: number, bytes: Uint8Array, at: number, length: number): void {
    const { part, publishers, payloadBytes, timed, whole } = this.#plan
    const publisher = publisherOf(bytes, at)
    const sequence = sequenceOf(bytes, at)
    const place = stream * publishers + publisher
    const sound = length === payloadBytes && isMarked(bytes, at, length) && partOf(bytes, at) === part
    if (!sound || publisher >= publishers || this.#next[place] !== sequence) {
      this.#fail(stream, bytes, at, length)
      return
    }
    this.#next[place] = sequence + this.#step
    this.#order[stream] = Math.imul((this.#order[stream] ?? 0) ^ (publisher << 25) ^ sequence, 0x0100_0193)
    this.deliveries++
    const content = this.#contents[stream]
    if (content !== undefined) this.#contents[stream] = foldContent(content, bytes, at, length)
    if (!timed) return
    const latencyUs = this.#nowUs - timeUsOf(bytes, at)
    const step = Math.min(latencySteps - 1, Math.max(0, Math.trunc(latencyUs / latencyStepUs)))
    this.#latencies[step] = (this.#latencies[step] ?? 0) + 1
    if (!whole) return
    const reached = (this.#reached[sequence] ?? 0) + 1
    this.#reached[sequence] = reached
    if (reached === this.#streams) this.#wholesUs.push(latencyUs)
  }

  /** Whether every stream has got what it must of `totals` (by publisher) and no more. Sets `failure` where it never can. */
  complete(totals: readonly number[]): boolean {
    if (this.failure !== '') return false
    const { publishers, channels } = this.#plan
    if (this.deliveries < this.#wanted(totals)) return false
    for (let stream = 0; stream < this.#streams; stream++) {
      if (channels === 1 && this.#order[stream] !== this.#order[0])
        this.failure ||= `stream ${stream} saw another order than stream 0`
    }
    for (let place = 0; place < this.#next.length; place++) {
      const [stream, publisher] = [Math.floor(place / publishers), place % publishers]
      const due = this.#firstOf(stream, publisher) + this.#countOf(place, totals) * this.#step
      if (this.#next[place] !== due)
        this.failure ||= `stream ${stream} awaits ${this.#next[place]} and not ${due} of publisher ${publisher}`
    }
    return this.failure === ''
  }

  /** What the streams saw, without times: `order` by number, `content` by byte. */
  checksums(): { order: number; content: number } {
    if (this.#plan.channels === 1) return { order: this.#order[0] ?? 0, content: this.#contents[0] ?? 0 }
    // A sum, because load processes add theirs up.
    const content = this.#contents.reduce(
      (sum, own, stream) => (sum + Math.imul(own ^ (this.#first + stream), 0x0100_0193)) | 0,
      0,
    )
    return { order: 0, content }
  }

  /** Pairs of step and count, the empty steps left out. */
  latencies(): [step: number, count: number][] {
    const counted: [number, number][] = []
    this.#latencies.forEach((count, step) => {
      if (count > 0) counted.push([step, count])
    })
    return counted
  }

  wholesUs(): readonly number[] {
    return this.#wholesUs
  }

  /** The first message of `publisher` that `stream` gets; `never` where there is none. */
  #firstOf(stream: number, publisher: number): number {
    if (this.#plan.channels === 1) return 0
    const channel = this.#first + stream
    return channel % this.#plan.publishers === publisher ? Math.floor(channel / this.#plan.publishers) : never
  }

  /** Called again and again while deliveries come, so it must be cheap for many streams with many publishers. */
  #wanted(totals: readonly number[]): number {
    const { publishers, channels } = this.#plan
    if (channels === 1) return totals.reduce((sum, total) => sum + total, 0) * this.#streams
    let wanted = 0
    for (let stream = 0; stream < this.#streams; stream++) {
      const publisher = (this.#first + stream) % publishers
      wanted += this.#countOf(stream * publishers + publisher, totals)
    }
    return wanted
  }

  #countOf(place: number, totals: readonly number[]): number {
    const { publishers } = this.#plan
    const publisher = place % publishers
    const first = this.#firstOf(Math.floor(place / publishers), publisher)
    const total = totals[publisher] ?? 0
    return first === never || total <= first ? 0 : Math.ceil((total - first) / this.#step)
  }

  #fail(stream: number, bytes: Uint8Array, at: number, length: number): void {
    const text = Buffer.from(bytes.subarray(at, at + Math.min(length, 24))).toString('latin1')
    const wanted = this.#next[stream * this.#plan.publishers + publisherOf(bytes, at)]
    this.failure ||= `stream ${stream}: lost, twice or out of order: ${text} of ${length} bytes, sequence ${sequenceOf(bytes, at)} where ${wanted} was next`
  }
}
