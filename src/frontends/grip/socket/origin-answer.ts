// What an origin's answers say beside their events (contract §8.3), and what of them a client may see.
import type { Head } from '../proxy/answer.ts'
import type { Choice } from '../proxy/choice.ts'
import { membersOf, type RawHeaders, valuesOf, without } from '../proxy/raw-headers.ts'
import { isEventsType } from './events.ts'
import { extensionsHeader, gripExtensions } from './extensions.ts'

/** Events are in it. */
export function isEvents({ status, rawHeaders }: Head): boolean {
  return status === 200 && isEventsType(valuesOf(rawHeaders, 'content-type')[0])
}

/** 24 days: more is for ever to whoever waits. */
const intervalSecondsMax = 2_000_000

/** Milliseconds; 0: none any more; undefined: nothing is said of it. */
export function keepAliveIntervalMs(answer: RawHeaders, minMs: number): number | undefined {
  const text = valuesOf(answer, 'keep-alive-interval')[0]?.trim()
  if (text === undefined) return undefined
  const seconds = /^\+?\d{1,15}$/.test(text) ? Number(text) : 0
  return seconds === 0 ? 0 : Math.max(minMs, Math.min(seconds, intervalSecondsMax) * 1_000)
}

/** Undefined: nothing is said of it, or nothing that is a number, and it took everything. */
export function acceptedBytes(answer: RawHeaders): number | undefined {
  const text = valuesOf(answer, 'content-bytes-accepted')[0]?.trim()
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

const ofTheConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
])

/** What is between an origin and us, and leaks from the original (contract §14, fault 16). */
const ofTheEvents: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'content-bytes-accepted',
  'keep-alive-interval',
  'sec-websocket-accept',
])

export interface ClientSees {
  /** GRIP is nobody's business here (contract §2.2, §4.4). */
  readonly isPassed: boolean
  /** The client is a GRIP proxy, which speaks it with the origin. */
  readonly isTrusted: boolean
}

export function clientSees({ rule, isTrusted }: Pick<Choice, 'rule' | 'isTrusted'>): ClientSees {
  return { isPassed: rule.noGrip || isTrusted, isTrusted }
}

/** For the 101. */
export function acceptedHeaders(answer: RawHeaders, { isPassed, isTrusted }: ClientSees): readonly string[] {
  const named = connectionNames(answer)
  const kept = without(answer, lower => {
    if (ofTheConnection.has(lower) || ofTheEvents.has(lower) || named.has(lower)) return true
    return (
      lower === extensionsHeader || lower.startsWith('set-meta-') || (!isPassed && lower.startsWith('grip-'))
    )
  })
  const grip = isTrusted ? gripExtensions(answer) : ''
  return grip === '' ? kept : [...kept, 'Sec-WebSocket-Extensions', grip]
}

/** With a body in place of the 101. */
export function refusedHeaders(answer: RawHeaders, { isPassed }: ClientSees): readonly string[] {
  const named = connectionNames(answer)
  return without(answer, lower => {
    if (ofTheConnection.has(lower) || named.has(lower)) return true
    return !isPassed && lower.startsWith('grip-')
  })
}

/** RFC 9110 §7.6.1. */
function connectionNames(raw: RawHeaders): ReadonlySet<string> {
  return new Set(membersOf(valuesOf(raw, 'connection')).map(name => name.toLowerCase()))
}

/** Contract §10. */
const eventBytesMax = 1_000_000
const refusalBytesMax = 100_000

/** How much of an answer is read; a sentence: it is not wanted, and why. */
export function bytesMaxOf(head: Head, isOpening: boolean): number | string {
  if (isEvents(head)) return eventBytesMax
  return isOpening ? refusalBytesMax : `an answer ${head.status} that has no events`
}
