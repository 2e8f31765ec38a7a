// One stream's next page, fetched until it is there: six times at most (contract §5.6), and not again once some of it has
// been read.
import type { Cancel, Clock } from '../../../std/clock.ts'
import type { PageShare, Pages } from '../hold/pages.ts'
import type { Stream } from '../hold/stream.ts'
import type { Instruct } from '../instruct/instruct.ts'
import type { AnswerOptions } from './answer.ts'
import type { Attempt, AttemptHandlers } from './attempt.ts'

export interface PageOrder {
  /** Pages of one key are shared. */
  readonly key: string
  readonly options: AnswerOptions
  ask(handlers: AttemptHandlers): Attempt
  /** It could not be had, and is not asked for any more. */
  failed(why: string): void
}

/** Each with up to a second more. */
const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000] as const

export class PageFetch {
  readonly #clock: Clock
  readonly #pages: Pages
  readonly #order: PageOrder
  readonly #stream: Stream
  #failures = 0
  #share: PageShare | undefined
  /** Between two attempts. */
  #pause: Cancel | undefined

  constructor(clock: Clock, pages: Pages, order: PageOrder, stream: Stream) {
    this.#clock = clock
    this.#pages = pages
    this.#order = order
    this.#stream = stream
    this.#fetch()
  }

  /** Calling it twice is harmless. */
  giveUp(): void {
    this.#share?.giveUp()
    this.#share = undefined
    this.#pause?.()
    this.#pause = undefined
  }

  /** Its client takes more. */
  resume(): void {
    this.#share?.resume()
  }

  #fetch(): void {
    const { key, options, ask } = this.#order
    const stream = this.#stream
    this.#share = this.#pages.fetch(
      { key, options, start: ask },
      {
        piece: bytes => stream.write(bytes),
        ended: (instruct: Instruct) => {
          this.#share = undefined
          stream.pageEnded(instruct)
        },
        failed: (isFinal, why) => this.#failed(isFinal, why),
      },
    )
  }

  #failed(isFinal: boolean, why = 'Failed to retrieve next link.'): void {
    this.#share = undefined
    const pauseMs = pausesMs[this.#failures++]
    if (isFinal || pauseMs === undefined) {
      this.#order.failed(why)
      return this.#stream.fail('origin-failed', why)
    }
    // A page that many wait for is shared, so it is no herd that comes back at one moment.
    this.#pause = this.#clock.after(pauseMs + ((this.#failures * 131) % 1_000), () => this.#fetch())
  }
}
