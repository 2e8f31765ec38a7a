// Judges every delivery of one part of a run: each stream gets each publisher's messages once and in order, and all
// streams see one order. Counts on typed arrays, because it runs millions of times a second beside the server.
import { foldContent, isQuoted, partOf, publisherOf, sequenceOf, timeUsOf } from './payload.ts'

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
}

export class Tally {
  readonly #plan: TallyPlan
  readonly #streams: number
  /** By stream and publisher: the sequence number that comes next. */
  readonly #next: Int32Array
  /** By stream: what it saw, in its order. */
  readonly #order: Int32Array
  readonly #latencies = new Uint32Array(latencySteps)
  /** By sequence number: deliveries, and once they are whole the time that it took. */
  readonly #reached: number[] = []
  readonly #wholesUs: number[] = []
  /** First stream only: every byte it got. */
  #content = 0x811c_9dc5 | 0
  deliveries = 0
  /** Reads that brought something: about as many as the server's writes. */
  reads = 0
  /** When the last message arrived, in microseconds since the run began. */
  lastAtUs = 0
  #nowUs = 0
  failure = ''

  constructor(plan: TallyPlan, streams: number) {
    this.#plan = plan
    this.#streams = streams
    this.#next = new Int32Array(streams * plan.publishers)
    this.#order = new Int32Array(streams)
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
    const sound = length === payloadBytes && isQuoted(bytes, at, length) && partOf(bytes, at) === part
    if (!sound || publisher >= publishers || this.#next[place] !== sequence) {
      this.#fail(stream, bytes, at, length)
      return
    }
    this.#next[place] = sequence + 1
    this.#order[stream] = Math.imul((this.#order[stream] ?? 0) ^ (publisher << 25) ^ sequence, 0x0100_0193)
    this.deliveries++
    if (stream === 0) this.#content = foldContent(this.#content, bytes, at, length)
    if (!timed) return
    const latencyUs = this.#nowUs - timeUsOf(bytes, at)
    const step = Math.min(latencySteps - 1, Math.max(0, Math.trunc(latencyUs / latencyStepUs)))
    this.#latencies[step] = (this.#latencies[step] ?? 0) + 1
    if (!whole) return
    const reached = (this.#reached[sequence] ?? 0) + 1
    this.#reached[sequence] = reached
    if (reached === this.#streams) this.#wholesUs.push(latencyUs)
  }

  /** Whether every stream has got `totals` (by publisher) and no more, in one order. Sets `failure` where it never can. */
  complete(totals: readonly number[]): boolean {
    const wanted = totals.reduce((sum, total) => sum + total, 0) * this.#streams
    if (this.deliveries < wanted || this.failure !== '') return false
    for (let stream = 0; stream < this.#streams; stream++) {
      const [order, first] = [this.#order[stream], this.#order[0]]
      if (order !== first) this.failure ||= `stream ${stream} saw another order than stream 0`
      totals.forEach((total, publisher) => {
        const got = this.#next[stream * this.#plan.publishers + publisher]
        if (got !== total)
          this.failure ||= `stream ${stream} got ${got} of ${total} from publisher ${publisher}`
      })
    }
    return this.failure === ''
  }

  /** What all streams saw, in its order, without times: `order` by number, `content` by byte. */
  checksums(): { order: number; content: number } {
    return { order: this.#order[0] ?? 0, content: this.#content }
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

  #fail(stream: number, bytes: Uint8Array, at: number, length: number): void {
    const text = Buffer.from(bytes.subarray(at, at + Math.min(length, 24))).toString('latin1')
    const wanted = this.#next[stream * this.#plan.publishers + publisherOf(bytes, at)]
    this.failure ||= `stream ${stream}: lost, twice or out of order: ${text} of ${length} bytes, sequence ${sequenceOf(bytes, at)} where ${wanted} was next`
  }
}
