// Next pages on their way (contract §5.6). Clients that want the same page while it is fetched share one request: it has the
// same path, whatever the query, and comes from the same ids. A page is collected before anybody gets it; one that is
// larger than that passes as it comes, and nobody joins any more.
import { instructKindOf } from '../instruct/from-headers.ts'
import type { Instruct, InstructReading } from '../instruct/instruct.ts'
import type { AnswerOptions } from '../proxy/answer.ts'
import type { Attempt, AttemptHandlers } from '../proxy/attempt.ts'

export interface PageReader {
  /** Bytes of it. */
  piece(bytes: Uint8Array): void
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

export class Pages {
  readonly #pages = new Map<string, Page>()

  /** The returned function gives it up. */
  fetch(request: PageRequest, reader: PageReader): () => void {
    const there = this.#pages.get(request.key)
    const page = there ?? new Page(request, closed => this.#close(request.key, closed))
    page.readers.add(reader)
    if (there === undefined) {
      this.#pages.set(request.key, page)
      page.start()
    }
    return () => {
      page.readers.delete(reader)
      if (page.readers.size === 0) page.abort()
    }
  }

  #close(key: string, page: Page): void {
    if (this.#pages.get(key) === page) this.#pages.delete(key)
  }
}

class Page {
  readonly readers = new Set<PageReader>()
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
      onBody: piece => {
        this.#piece(piece)
        return true
      },
      onEnd: () => this.#end(),
      onFailure: () => this.#fail(this.#collected === undefined),
    })
  }

  abort(): void {
    if (this.#isOver) return
    this.#over()
    this.#attempt?.abort()
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

  #piece(piece: Buffer): void {
    if (this.#isOver) return
    this.#size += piece.length
    if (this.#collected === undefined) return this.#pass(piece)
    this.#collected.push(piece)
    if (this.#size <= pageBytesMax) return
    if (this.#instruct === undefined) return this.#refuse(true)
    this.#closed(this)
    this.#pass(this.#whole())
  }

  #whole(): Buffer {
    const whole = Buffer.concat(this.#collected ?? [])
    this.#collected = undefined
    return whole
  }

  #pass(bytes: Uint8Array): void {
    if (bytes.length > 0) for (const reader of [...this.readers]) reader.piece(bytes)
  }

  #end(): void {
    if (this.#isOver) return
    if (this.#instruct === undefined) this.#take(this.#request.options.readJson(200, this.#whole()))
    const instruct = this.#instruct
    if (instruct === undefined) return
    this.#over()
    this.#pass(instruct.response?.body ?? this.#whole())
    for (const reader of [...this.readers]) reader.ended(instruct)
  }

  /** The origin answered, and it is no page. */
  #refuse(isFinal: boolean, why?: string): void {
    this.#attempt?.abort()
    this.#fail(isFinal, why)
  }

  #fail(isFinal: boolean, why?: string): void {
    if (this.#isOver) return
    this.#over()
    for (const reader of [...this.readers]) reader.failed(isFinal, why)
  }

  #over(): void {
    this.#isOver = true
    this.#closed(this)
  }
}
