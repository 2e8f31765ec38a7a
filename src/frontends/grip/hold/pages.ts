// Next pages on their way (contract §5.6). Clients that want the same page while it is fetched share one request: it has the
// same path and query, and comes from the same ids. A page is collected before anybody gets it; one that is
// larger than that passes as it comes, and nobody joins any more, unless filters have to see it whole.
import { filterBody, isBodyFiltered } from '../filter/bodies.ts'
import { instructKindOf } from '../instruct/from-headers.ts'
import type { Instruct, InstructReading } from '../instruct/instruct.ts'
import type { AnswerOptions } from '../proxy/answer.ts'
import type { Attempt, AttemptHandlers } from '../proxy/attempt.ts'

export interface PageReader {
  /** Bytes of it. False: its client is behind, until `resume`. */
  piece(bytes: Uint8Array): boolean
  /** It is whole, and everything of it was read. */
  ended(instruct: Instruct): void
  /** It cannot be had; final where another attempt would come to nothing. */
  failed(isFinal: boolean, why?: string): void
}

export interface PageRequest {
  /** Equal ones are shared. */
  readonly key: string
  readonly options: AnswerOptions
  start(handlers: AttemptHandlers): Attempt
}

/** As much as the original reads of an answer with instructions (contract §4.7). */
const pageBytesMax = 100_000

/** Without an instruction: the stream ends behind it. */
const last: Instruct = { ignoredChannels: 0 }

/** One client's part in a page. */
export interface PageShare {
  giveUp(): void
  /** Its client takes more. */
  resume(): void
}

export class Pages {
  readonly #pages = new Map<string, Page>()

  fetch(request: PageRequest, reader: PageReader): PageShare {
    const there = this.#pages.get(request.key)
    const page = there ?? new Page(request, closed => this.#close(request.key, closed))
    page.readers.add(reader)
    if (there === undefined) {
      this.#pages.set(request.key, page)
      page.start()
    }
    return { giveUp: () => page.leave(reader), resume: () => page.resume(reader) }
  }

  #close(key: string, page: Page): void {
    if (this.#pages.get(key) === page) this.#pages.delete(key)
  }
}

class Page {
  readonly readers = new Set<PageReader>()
  readonly #behind = new Set<PageReader>()
  readonly #request: PageRequest
  readonly #closed: (page: Page) => void
  #attempt: Attempt | undefined
  /** Known with the head, but for an instruction that is the body. */
  #instruct: Instruct | undefined
  /** Until it passes. */
  #collected: Buffer[] | undefined = []
  #size = 0
  #isOver = false

  constructor(request: PageRequest, closed: (page: Page) => void) {
    this.#request = request
    this.#closed = closed
  }

  start(): void {
    this.#attempt = this.#request.start({
      onHead: (_target, status, _reason, rawHeaders) => this.#begin(status, rawHeaders),
      onBody: piece => this.#piece(piece),
      onEnd: () => this.#end(),
      onFailure: () => this.#fail(this.#collected === undefined),
    })
  }

  leave(reader: PageReader): void {
    this.readers.delete(reader)
    this.resume(reader)
    if (this.readers.size > 0 || this.#isOver) return
    this.#over()
    this.#attempt?.abort()
  }

  resume(reader: PageReader): void {
    if (this.#behind.delete(reader)) this.#attempt?.resume()
  }

  #begin(status: number, rawHeaders: readonly string[]): void {
    if (status < 200 || status > 299) return this.#refuse(false)
    const kind = instructKindOf(rawHeaders)
    if (kind === undefined) this.#instruct = last
    else if (kind === 'headers') this.#take(this.#request.options.readHeaders(rawHeaders))
  }

  /** Before any of its body is shown. */
  #take(reading: InstructReading): void {
    if (!reading.ok) return this.#refuse(true)
    if (reading.instruct.hold?.mode === 'response')
      return this.#refuse(true, 'Next link returned non-stream hold.')
    this.#instruct = reading.instruct
  }

  /** False: nobody takes more. */
  #piece(piece: Buffer): boolean {
    if (this.#isOver) return true
    this.#size += piece.length
    if (this.#collected === undefined) return this.#pass(piece)
    this.#collected.push(piece)
    if (this.#size <= pageBytesMax) return true
    if (this.#instruct === undefined || isBodyFiltered(this.#instruct)) {
      this.#refuse(true)
      return true
    }
    this.#closed(this)
    return this.#pass(this.#whole())
  }

  /** Empty where it has passed as it came. */
  #whole(): Buffer {
    const whole = Buffer.concat(this.#collected ?? [])
    this.#collected = undefined
    return whole
  }

  /** One that is behind does not hold up the others: what waits for it is bounded by its connection. */
  #pass(bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true
    for (const reader of this.readers) {
      // A write may find out that its client is gone.
      if (!reader.piece(bytes) && this.readers.has(reader)) this.#behind.add(reader)
    }
    return this.readers.size === 0 || this.#behind.size < this.readers.size
  }

  #end(): void {
    if (this.#isOver) return
    if (this.#instruct === undefined) this.#take(this.#request.options.readJson(200, this.#whole()))
    const instruct = this.#instruct
    if (instruct === undefined) return
    const filtered = filterBody(instruct.response?.body ?? this.#whole(), instruct)
    if (!filtered.ok) return this.#fail(true, filtered.reason)
    this.#over()
    this.#pass(filtered.body)
    for (const reader of this.readers) reader.ended(instruct)
  }

  /** The origin answered, and it is no page. */
  #refuse(isFinal: boolean, why?: string): void {
    this.#attempt?.abort()
    this.#fail(isFinal, why)
  }

  #fail(isFinal: boolean, why?: string): void {
    if (this.#isOver) return
    this.#over()
    for (const reader of this.readers) reader.failed(isFinal, why)
  }

  #over(): void {
    this.#isOver = true
    this.#closed(this)
  }
}
