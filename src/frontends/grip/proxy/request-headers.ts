// The headers of a client's request as the origin gets them (contract §4.2): what is removed, what the rule sets, and what
// comes behind, in the original's order. A pure function of what is known when a target is called.
import { filterNames } from '../filter/names.ts'
import { wireText } from '../routes/condition.ts'
import type { Rule } from '../routes/rule.ts'
import type { Target } from '../routes/target.ts'
import { extensionsHeader, gripExtensions } from '../socket/extensions.ts'
import { cdnLoop, type ForwardRule, forwardedFor } from './forwarded.ts'
import { headersOf, isNamed, type RawHeaders, valuesOf, without } from './raw-headers.ts'

/** What of the settings these headers depend on. */
export interface HeaderSettings {
  readonly acceptXForwardedProtocol: boolean
  /** `true`: X-Forwarded-Protocol, too. */
  readonly setXForwardedProtocol: 'proto-only' | 'true' | 'false'
  readonly forwardedFor: ForwardRule
  readonly forwardedForTrusted: ForwardRule
  /** In lower case: they are forwarded as marked only where the client marked them. */
  readonly origHeadersNeedMark: ReadonlySet<string>
  readonly acceptPushpinRoute: boolean
  /** Empty: none is sent. */
  readonly cdnLoop: string
}

export interface OriginCall {
  readonly rule: Pick<Rule, 'asHost' | 'headers' | 'noGrip' | 'origHeaders'>
  readonly target: Pick<Target, 'host'>
  readonly settings: HeaderSettings
  /** Address of whoever is connected to us; empty: it has none. */
  readonly peer: string
  /** As `countsAsTls` says. */
  readonly isTls: boolean
  /** A GRIP proxy itself (contract §4.4). */
  readonly isTrusted: boolean
  /** Made by us for a link, and not by a client: its `Grip-` headers are ours. */
  readonly isInternal?: boolean
  /** A WebSocket to an origin that speaks WebSocket. */
  readonly isNativeSocket?: boolean
  /** Events of a WebSocket, posted to an origin that speaks HTTP alone (contract §8.2). */
  readonly isEvents?: boolean
  /** The token of `Grip-Sig`; undefined: there is no key. */
  readonly signature: string | undefined
  /** Of channels that had one, where the origin is asked again. */
  readonly lastIds?: readonly LastId[]
}

export interface LastId {
  /** Without the prefix of the rule. */
  readonly channel: string
  readonly id: string
}

/** What we understand, as origins look for it and in the original's order (contract §4.2). */
export const gripFeatures = [
  'status',
  'session',
  'link:next',
  'link:gone',
  ...filterNames.map(name => `filter:${name}`),
].join(', ')

/** What a handshake says that a request with events does not, or what is ours to say there. */
const notOfEvents: ReadonlySet<string> = new Set([
  'accept',
  'connection-id',
  'content-length',
  'content-type',
  'content-bytes-replayed',
  'sec-websocket-extensions',
])

/** Marks copies of headers, so that an origin can tell the client's own from what a proxy changed. */
const mark = 'eb9bf0f5-'

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'accept-encoding',
  'content-encoding',
  'transfer-encoding',
  'expect',
  // Not in the original's list: without the Connection that is removed it says nothing (RFC 9110 section 7.8).
  'upgrade',
])

export function requestHeaders(raw: RawHeaders, call: OriginCall): string[] {
  const { rule, settings, isTrusted, signature } = call
  const forwards = settings.setXForwardedProtocol !== 'false'
  const set = new Set(rule.headers.map(({ name }) => name.toLowerCase()))
  const headers = without(raw, lower => {
    if (hopByHop.has(lower) || set.has(lower)) return true
    if (call.isNativeSocket === true && lower === extensionsHeader) return true
    if (call.isEvents === true && isOfEvents(lower)) return true
    if (lower.startsWith('grip-')) return !isTrusted && call.isInternal !== true
    if (lower.startsWith(mark)) return !(rule.origHeaders && isTrusted)
    if (lower === 'pushpin-route') return settings.acceptPushpinRoute
    if (lower === 'x-forwarded-proto' || lower === 'x-forwarded-protocol') {
      return forwards || settings.acceptXForwardedProtocol
    }
    return false
  })
  // The original keeps them in a table without order, and they come out in reverse.
  for (const { name, value } of rule.headers.toReversed()) if (value !== '') headers.push(name, value)
  if (rule.origHeaders && !isTrusted) headers.push(...marked(raw, settings.origHeadersNeedMark))
  if (settings.cdnLoop !== '') replace(headers, 'CDN-Loop', values => cdnLoop(values, settings.cdnLoop))
  if (call.isNativeSocket === true) headers.push(...extensionOf(raw, call))
  if (call.isEvents === true) headers.push(...offerOf(raw, call))
  else if (!isTrusted && !rule.noGrip) {
    if (signature !== undefined) replace(headers, 'Grip-Sig', () => signature)
    replace(headers, 'Grip-Feature', () => gripFeatures)
    headers.push(...lastHeaders(call.lastIds))
  }
  if (forwards && call.isTls) {
    const scheme = call.isNativeSocket === true ? 'wss' : 'https'
    replace(headers, 'X-Forwarded-Proto', () => scheme)
    if (settings.setXForwardedProtocol === 'true') replace(headers, 'X-Forwarded-Protocol', () => scheme)
  }
  const forwardRule = forwardRuleOf(settings, isTrusted)
  replace(headers, 'X-Forwarded-For', values => forwardedFor(values, forwardRule, call.peer))
  return withHost(headers, call)
}

/** Ours to say with events, in the spelling too that CGI and its heirs take for the same. */
function isOfEvents(lower: string): boolean {
  const name = lower.replaceAll('_', '-')
  return notOfEvents.has(name) || name.startsWith('meta-')
}

/** GRIP for a WebSocket over HTTP, in the original's order; nothing of it where a rule has none (contract §14, fault 20). */
function offerOf(raw: RawHeaders, call: OriginCall): readonly string[] {
  const extension = extensionOf(raw, call)
  const { rule, isTrusted, signature } = call
  if (isTrusted || rule.noGrip) return extension
  const signed = signature === undefined ? [] : ['Grip-Sig', signature]
  return ['Grip-Feature', gripFeatures, ...extension, ...signed, ...lastHeaders(call.lastIds)]
}

/** A GRIP proxy in front offers it itself, or does not. */
function extensionOf(raw: RawHeaders, { rule, isTrusted }: OriginCall): readonly string[] {
  const offered = isTrusted ? gripExtensions(raw) : rule.noGrip ? '' : 'grip'
  return offered === '' ? [] : ['Sec-WebSocket-Extensions', offered]
}

/** Whether the address of the client's connection is among them. */
export function saysPeer(settings: HeaderSettings, isTrusted: boolean): boolean {
  return forwardRuleOf(settings, isTrusted).append
}

function forwardRuleOf(settings: HeaderSettings, isTrusted: boolean): ForwardRule {
  return isTrusted ? settings.forwardedForTrusted : settings.forwardedFor
}

/** The `Host` that the origin gets; a request without one counts as one for `localhost` (contract §4.1). */
export function originHost(raw: RawHeaders, { rule, target }: Pick<OriginCall, 'rule' | 'target'>): string {
  return target.host ?? rule.asHost ?? valuesOf(raw, 'host')[0] ?? 'localhost'
}

/** The client's own headers under marked names; what is marked already stays as it is. */
function marked(raw: RawHeaders, needMark: ReadonlySet<string>): readonly string[] {
  const copies: string[] = []
  for (const [lower, name, value] of headersOf(raw)) {
    if (lower.startsWith(mark)) copies.push(name, value)
    else if (!needMark.has(lower)) copies.push(`${mark}${name}`, value)
  }
  return copies
}

/** Takes all of a name away, and puts one at the end unless it has no value. */
function replace(
  headers: string[],
  name: string,
  makeValue: (values: readonly string[]) => string | undefined,
): void {
  const value = makeValue(take(headers, name.toLowerCase()))
  if (value !== undefined) headers.push(name, value)
}

/** The values of what is taken away, in order. */
function take(headers: string[], lower: string): readonly string[] {
  const values: string[] = []
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (!isNamed(headers[at] ?? '', lower)) continue
    values.unshift(headers[at + 1] ?? '')
    headers.splice(at, 2)
  }
  return values
}

/** Where it is another one, it comes last. */
function withHost(headers: string[], call: OriginCall): string[] {
  const host = originHost(headers, call)
  if (valuesOf(headers, 'host')[0] !== host) replace(headers, 'Host', () => host)
  return headers
}

/** What made it here by JSON may be no header; the wire has one character a byte. */
function lastHeaders(lastIds: readonly LastId[] = []): readonly string[] {
  return lastIds.flatMap(({ channel, id }) => {
    const value = wireText(`${channel}; last-id=${id}`)
    return /[\0-\x08\x0a-\x1f\x7f]/.test(value) ? [] : ['Grip-Last', value]
  })
}
