// Bytes to the head of a request, or to what is wrong with it. Pure: who asks keeps the bytes and asks again when more came.
// Every line is judged when it is complete, and the head as a whole when its empty line is there: so the answer depends on
// the bytes alone, not on how they were cut. What is looked at twice is bounded: see `judgeLines`.
import { CR, isFieldLine, isOddEncoding, LF, readFieldLine } from './field-line.ts'
import { type HeadMeaning, type MeaningFault, readMeaning } from './head-meaning.ts'
import { type LineFault, methodFault, readRequestLine } from './request-line.ts'

export interface RequestHead extends HeadMeaning {
  readonly method: string
  /** As sent; of the absolute form what follows the authority, "/" where nothing does; "*" only with OPTIONS. Latin-1. */
  readonly target: string
  /** The target up to its first "?". */
  readonly path: string
  /** What is behind it, "" where there is none. */
  readonly query: string
  readonly version: '1.0' | '1.1'
  /** Name, value, name, value, in order, case and repetition kept, one character per byte; blanks around values are cut. */
  readonly rawHeaders: readonly string[]
  /** Of the absolute form, else of `Host`; undefined where neither names one. */
  readonly host: string | undefined
}

export type RequestFault = LineFault | MeaningFault | 'too-many-headers' | 'head-too-large'

export interface HeadLimits {
  /** From the method to the end of the empty line. */
  readonly headBytesMax: number
  readonly headersMax: number
  readonly targetBytesMax: number
}

type Unfinished = { readonly kind: 'more' } | { readonly kind: 'fault'; readonly fault: RequestFault }

const more = { kind: 'more' } as const

/**
 * Looks for one whole head at the front of `bytes`. `more`: it is not there yet. `bytes` of the result: what the head took,
 * an empty line in front of it included (RFC 9112 §2.2 asks to skip one, which some clients send behind a body).
 * `scannedFrom`: so many bytes were there when this said `more` the last time, and they are the same still.
 */
export function readRequestHead(
  bytes: Buffer,
  limits: HeadLimits,
  scannedFrom = 0,
): { readonly kind: 'head'; readonly head: RequestHead; readonly bytes: number } | Unfinished {
  if (bytes[0] === CR && bytes.length === 1) return more
  const start = bytes[0] === CR && bytes[1] === LF ? 2 : 0
  const wrong = methodFault(bytes, start)
  if (wrong !== undefined) return { kind: 'fault', fault: wrong }
  const judged = judgeLines(bytes, start, limits, scannedFrom)
  if (judged.kind !== 'whole') return judged
  const head = readLines(bytes, start, judged.end, limits)
  return typeof head === 'string'
    ? { kind: 'fault', fault: head }
    : { kind: 'head', head, bytes: judged.end + 2 }
}

/**
 * Judges the lines that have become complete since `scannedFrom`, each once. It counts the others by their ends, and only
 * if there is a new end among the bytes that came, so at most once for each line that a head may have.
 */
function judgeLines(
  bytes: Buffer,
  start: number,
  limits: HeadLimits,
  scannedFrom: number,
): Unfinished | { readonly kind: 'whole'; readonly end: number } {
  const { headBytesMax, headersMax } = limits
  const endMax = start + headBytesMax
  let at = start
  let lf = bytes.indexOf(LF, Math.max(start, scannedFrom)) === -1 ? -1 : bytes.indexOf(LF, start)
  for (let lines = 0; lf !== -1; lines++) {
    if (lf >= endMax) return { kind: 'fault', fault: 'head-too-large' }
    // The first line is the request's, and it is none where the method was taken.
    if (lines > 0 && lf === at + 1 && bytes[at] === CR) return { kind: 'whole', end: at }
    if (lines > headersMax) return { kind: 'fault', fault: 'too-many-headers' }
    const fault = lf < scannedFrom ? undefined : lineFault(bytes, at, lf, lines === 0 ? limits : undefined)
    if (fault !== undefined) return { kind: 'fault', fault }
    at = lf + 1
    lf = bytes.indexOf(LF, at)
  }
  return bytes.length > endMax ? { kind: 'fault', fault: 'head-too-large' } : more
}

/** With limits it is the first line. */
function lineFault(
  bytes: Buffer,
  at: number,
  lf: number,
  limits: HeadLimits | undefined,
): RequestFault | undefined {
  if (limits === undefined) {
    if (!isFieldLine(bytes, at, lf)) return 'invalid-token'
    return isOddEncoding(bytes, at, lf) ? 'invalid-length' : undefined
  }
  const line = readRequestLine(bytes, at, lf, limits.targetBytesMax)
  return typeof line === 'string' ? line : undefined
}

/** The head whose lines were judged; its empty line begins at `end`. */
function readLines(
  bytes: Buffer,
  start: number,
  end: number,
  limits: HeadLimits,
): RequestHead | RequestFault {
  let lf = bytes.indexOf(LF, start)
  const line = readRequestLine(bytes, start, lf, limits.targetBytesMax)
  if (typeof line === 'string') return line
  const rawHeaders: string[] = []
  for (let at = lf + 1; at < end; at = lf + 1) {
    lf = bytes.indexOf(LF, at)
    rawHeaders.push(...readFieldLine(bytes, at, lf))
  }
  const { method, target, version } = line
  const meaning = readMeaning(rawHeaders, version)
  if (typeof meaning === 'string') return meaning
  const mark = target.indexOf('?')
  return {
    method,
    target,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    version,
    // A copy has no room to grow, which this one has for 17 texts at least: a held request keeps it.
    rawHeaders: rawHeaders.slice(),
    ...meaning,
    host: line.host ?? meaning.host,
  }
}
