// The filters that ask an origin (contract §7): `http-check` whether an item is for a subscription, `http-modify` also what it is to
// be. One POST each, to the `url` of the subscription's meta, by the ways that links go. Reasons are the original's.
import type { Cancel, Clock } from '../../../std/clock.ts'
import { resolveUri } from '../instruct/link.ts'
import { fieldsOf, latin1Of } from '../instruct/list.ts'
import { sortedJson } from '../item/patch.ts'
import type { Attempt, AttemptHandlers, Failure } from '../proxy/attempt.ts'
import type { Allotment } from './allotment.ts'
import type { Party, Verdict } from './party.ts'

export interface RemoteContext {
  readonly clock: Clock
  readonly allotment: Allotment
  /** Requests that were made. */
  readonly counters: { filterRequests: number }
}

export interface RemoteQuestion {
  readonly name: 'http-check' | 'http-modify'
  /** Of the item; a check does not send it. */
  readonly content: Uint8Array
  /** The item's meta. */
  readonly published: ReadonlyMap<string, string>
}

/** From the moment at which it may ask (contract §7, §10). */
const answerMs = 10_000
/** As much as is read of any answer with instructions. */
export const answerBytesMax = 100_000

/** Asks; `done` is called once, perhaps before this returns, and not behind `cancel`. */
export class Remote {
  readonly #context: RemoteContext
  readonly #question: RemoteQuestion
  readonly #party: Party
  readonly #done: (verdict: Verdict) => void
  #attempt: Attempt | undefined
  #deadline: Cancel | undefined
  /** While it waits for its turn. */
  #giveUpTurn: Cancel | undefined
  #status = 0
  #isDropped = false
  readonly #pieces: Uint8Array[] = []
  #size = 0
  #isOver = false

  constructor(
    context: RemoteContext,
    question: RemoteQuestion,
    party: Party,
    done: (verdict: Verdict) => void,
  ) {
    this.#context = context
    this.#question = question
    this.#party = party
    this.#done = done
  }

  start(): void {
    const text = this.#party.meta.get('url') ?? ''
    if (text === '') return this.#fail('missing url value')
    const url = resolveUri(text, this.#party.origin.uri)
    if (url === undefined) return this.#fail('invalid url value')
    const giveUpTurn = this.#context.allotment.add(url, () => this.#ask(url))
    if (!this.#isOver) this.#giveUpTurn = giveUpTurn
  }

  cancel(): void {
    this.#isOver = true
    this.#giveUpTurn?.()
    this.#deadline?.()
    this.#attempt?.abort()
  }

  #ask(url: string): void {
    const { name, content, published } = this.#question
    const { meta, channels, origin } = this.#party
    const post = {
      rawHeaders: ['Sub-Meta', headerOf(meta), 'Pub-Meta', headerOf(published)],
      body: name === 'http-check' ? nothing : content,
      channels,
    }
    this.#deadline = this.#context.clock.after(answerMs, () => this.#lose('request timed out'))
    const attempt = origin.post(url, post, this.#handlers())
    if (attempt === undefined) return this.#lose('the host is none of those that links may lead to')
    this.#context.counters.filterRequests++
    this.#attempt = attempt
    // It may have been answered at once, and needlessly long.
    if (this.#isOver) attempt.abort()
  }

  #handlers(): AttemptHandlers {
    return {
      onHead: (_target, status, _reason, rawHeaders) => {
        this.#status = status
        this.#isDropped = fieldsOf(rawHeaders, 'action').includes('drop')
        if (status !== 200 && status !== 204) this.#fail(`unexpected network request status: code=${status}`)
      },
      onBody: piece => {
        this.#take(piece)
        return true
      },
      onEnd: () => this.#end(),
      onFailure: failure => this.#lose(wordsOf(failure)),
    }
  }

  #take(piece: Uint8Array): void {
    this.#size += piece.length
    if (this.#size > answerBytesMax) return this.#fail(`network response exceeded ${answerBytesMax} bytes`)
    if (this.#question.name === 'http-modify') this.#pieces.push(piece)
  }

  #end(): void {
    const { name, content } = this.#question
    if (this.#isDropped) return this.#settle({ kind: 'drop' })
    const isReplaced = name === 'http-modify' && this.#status === 200
    this.#settle({ kind: 'pass', content: isReplaced ? Buffer.concat(this.#pieces) : content })
  }

  #lose(why: string): void {
    this.#fail(`network request failed: ${why}`)
  }

  #fail(why: string): void {
    this.#settle({ kind: 'fail', reason: `filter error: ${this.#question.name}: ${why}` })
  }

  #settle(verdict: Verdict): void {
    if (this.#isOver) return
    const isAnswered = verdict.kind !== 'fail'
    this.#isOver = true
    this.#deadline?.()
    if (!isAnswered) this.#attempt?.abort()
    this.#done(verdict)
  }
}

const nothing = new Uint8Array(0)

/** The meta as JSON, one character for each byte. JSON has no controls in it but the one that it takes for a letter. */
function headerOf(meta: ReadonlyMap<string, string>): string {
  return latin1Of(sortedJson(Object.fromEntries(meta))).replaceAll('\x7f', '\\u007f')
}

function wordsOf({ phase, isBlocked }: Failure): string {
  if (isBlocked) return 'the address is blocked'
  return phase === 'connecting' ? 'connection refused' : 'disconnected'
}
