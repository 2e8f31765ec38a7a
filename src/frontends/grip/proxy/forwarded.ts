// What is said of the client towards the origin: X-Forwarded-For, X-Forwarded-Proto and CDN-Loop (contract §4.2), and what
// is believed of a proxy in front.
import { membersOf, type RawHeaders, valuesOf } from './raw-headers.ts'

/** What becomes of X-Forwarded-For. Without a word in it the client's passes. */
export interface ForwardRule {
  /** How many of the last values are kept; undefined: all. */
  readonly keep: number | undefined
  /** The address of whoever is connected to us comes behind them. */
  readonly append: boolean
}

export type ForwardReading =
  | { readonly ok: true; readonly rule: ForwardRule }
  /** The word that is none. */
  | { readonly ok: false; readonly word: string }

/** Words as in the original's settings: `truncate:N` and `append`. */
export function parseForwardRule(words: readonly string[]): ForwardReading {
  let rule: ForwardRule = { keep: undefined, append: false }
  for (const word of words) {
    const count = /^truncate:(\d{1,4})$/.exec(word)?.[1]
    if (count !== undefined) rule = { ...rule, keep: Number(count) }
    else if (word === 'append') rule = { ...rule, append: true }
    else return { ok: false, word }
  }
  return { ok: true, rule }
}

/** The value for the origin; undefined: no header. `peer` is empty where a connection has no address (a unix socket). */
export function forwardedFor(
  values: readonly string[],
  { keep, append }: ForwardRule,
  peer: string,
): string | undefined {
  const given = membersOf(values)
  const kept = keep === undefined ? given : given.slice(Math.max(given.length - keep, 0))
  const all = append && peer !== '' ? [...kept, peer] : kept
  return all.length === 0 ? undefined : all.join(', ')
}

/** For statistics: what the first proxy said, unless nothing of it is believed (contract §4.2). */
export function logicalPeer(raw: RawHeaders, { keep }: ForwardRule, peer: string): string {
  if (keep === 0) return peer
  return membersOf(valuesOf(raw, 'x-forwarded-for'))[0] ?? peer
}

/** Whether a request counts as one over TLS, for choosing a rule and for the header below. */
export function countsAsTls(raw: RawHeaders, isTls: boolean, acceptXForwardedProtocol: boolean): boolean {
  if (isTls || !acceptXForwardedProtocol) return isTls
  const said = [...valuesOf(raw, 'x-forwarded-proto'), ...valuesOf(raw, 'x-forwarded-protocol')]
  return said.some(value => value === 'https' || value === 'wss')
}

/** The incoming values with our own name behind them (RFC 8586). */
export function cdnLoop(values: readonly string[], own: string): string {
  return [...membersOf(values), own].join(', ')
}
