// What an origin answers, until it is known what becomes of it: passed on as it is, or an instruction with a response
// (contract §4.7). How much of it is read, and what is too much, is said here.
import { filterBody, isBodyFiltered } from '../filter/bodies.ts'
import { instructKindOf } from '../instruct/from-headers.ts'
import type { Instruct, InstructReading } from '../instruct/instruct.ts'
import { type Target, targetName } from '../routes/target.ts'
import { instructCause, instructTooLargeCause } from './failures.ts'
import { keptBytesMax } from './request-body.ts'

export interface Head {
  readonly status: number
  readonly reason: string
  readonly rawHeaders: readonly string[]
}

/** Takes a body as it comes. */
export interface Receiver {
  /** Bytes of the callee's. False: the origin waits until it is resumed. */
  piece(piece: Uint8Array): boolean
  end(): void
}

export interface AnswerOwner {
  /** Nothing in it is for us. */
  relay(head: Head): Receiver
  /** A stream, or a page with another one behind it: its body is passed on. */
  openStream(instruct: Instruct, head: Head): Receiver
  /** Everything else that has an instruction. */
  accept(instruct: Instruct, head: Head, body: Uint8Array): void
  /** The filters of its hold cannot be applied to its body: it is a head alone, and nothing is held (contract §7). */
  unfit(instruct: Instruct, head: Head, cause: string): void
  /** It cannot be used. `cause` is for who debugs. */
  unusable(cause: string): void
}

export interface AnswerOptions {
  /** Instructions are nobody's business here (contract §2.2, §4.4). */
  readonly isPassed: boolean
  readHeaders(rawHeaders: readonly string[]): InstructReading
  /** `status`: of the answer around it. */
  readJson(status: number, body: Uint8Array): InstructReading
}

/** For a body that nobody wants any more. */
export const deaf: Receiver = { piece: () => true, end: () => {} }

/** What takes the body; undefined: it is not wanted. */
export function receive(
  target: Target,
  head: Head,
  { isPassed, readHeaders, readJson }: AnswerOptions,
  owner: AnswerOwner,
): Receiver | undefined {
  const kind = isPassed ? undefined : instructKindOf(head.rawHeaders)
  if (kind === undefined) return owner.relay(head)
  const broken = (error: string) => void owner.unusable(instructCause(error))
  const collect = (done: (body: Uint8Array) => void) =>
    collecting(done, () => owner.unusable(instructTooLargeCause(targetName(target))))
  const accept = (instruct: Instruct, head: Head, body: Uint8Array): void => {
    const filtered = filterBody(body, instruct)
    if (filtered.ok) owner.accept(instruct, head, filtered.body)
    else owner.unfit(instruct, head, filtered.reason)
  }
  if (kind === 'json') {
    return collect(body => {
      const reading = readJson(head.status, body)
      if (!reading.ok) return broken(reading.error)
      const {
        code = 200,
        reason = 'OK',
        rawHeaders = [],
        body: inner = nothing,
      } = reading.instruct.response ?? {}
      accept(reading.instruct, { status: code, reason, rawHeaders }, inner)
    })
  }
  const reading = readHeaders(head.rawHeaders)
  if (!reading.ok) return broken(reading.error) ?? undefined
  const { instruct } = reading
  const { hold, next } = instruct
  const isStream = hold === undefined ? next !== undefined : hold.mode === 'stream'
  if (isStream && !isBodyFiltered(instruct)) return owner.openStream(instruct, head)
  return collect(body => accept(instruct, head, body))
}

function collecting(done: (body: Uint8Array) => void, tooLarge: () => void): Receiver {
  const pieces: Uint8Array[] = []
  let size = 0
  return {
    piece(piece) {
      pieces.push(piece)
      size += piece.length
      if (size > keptBytesMax) tooLarge()
      return true
    },
    end: () => done(Buffer.concat(pieces)),
  }
}

const nothing = new Uint8Array(0)
