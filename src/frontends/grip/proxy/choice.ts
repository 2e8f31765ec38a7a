// Which rule a request gets, and what of it the rest of its life needs (contract §2.4). What was routed is what is sent:
// dot segments are gone before a rule is chosen (§14, fault 28).
import type { GateExchange } from '../../../net/gate/gate-exchange.ts'
import type { Wrapping } from '../browser/jsonp-answer.ts'
import { normalisePath, rewritePath } from '../routes/path.ts'
import type { Rule } from '../routes/rule.ts'
import type { Table } from '../routes/table.ts'
import { countsAsTls } from './forwarded.ts'

export interface Choice {
  readonly rule: Rule
  readonly exchange: GateExchange
  /** Normalised, as the rule was chosen by it. */
  readonly path: string
  readonly query: string
  /** Path and query for the origin. */
  readonly target: string
  readonly isTls: boolean
  /** The client is a GRIP proxy itself (contract §4.4). */
  readonly isTrusted: boolean
  /** A script of another page asked (contract §12.2). */
  readonly wrapping?: Wrapping
}

export interface ChoiceContext {
  readonly table: Table
  readonly settings: { readonly acceptPushpinRoute: boolean; readonly acceptXForwardedProtocol: boolean }
  isTrusted(rawHeaders: readonly string[]): boolean
}

/** The host of a request without one (contract §4.1). */
const usualHost = 'localhost'

export function hostOf({ host = usualHost }: Pick<GateExchange, 'host'>): string {
  return host === '' ? usualHost : host
}

/** Absolute: what links go on from. */
export function uriOf({ exchange, path, isTls }: Choice): string {
  const where = path.startsWith('/') ? path : '/'
  return `${isTls ? 'https' : 'http'}://${hostOf(exchange)}${where}${tailOf(exchange)}`
}

/** A query that is empty is there all the same where its mark is. */
function tailOf({ target, query }: GateExchange): string {
  return target.includes('?') ? `?${query}` : ''
}

/** Undefined: there is no rule for it. */
export function choose(
  exchange: GateExchange,
  { table, settings, isTrusted }: ChoiceContext,
): Choice | undefined {
  const { rawHeaders, query, wantsSocket: isSocket } = exchange
  const path = normalisePath(exchange.path)
  const host = hostOf(exchange)
  const isTls = countsAsTls(rawHeaders, exchange.isTls, settings.acceptXForwardedProtocol)
  const routeId = settings.acceptPushpinRoute ? exchange.header('pushpin-route') : undefined
  const rule = table.choose({ isSocket, isTls, host, path, routeId })
  const rewritten = rule && rewritePath(path, rule)
  if (rule === undefined || rewritten === undefined) return undefined
  return {
    rule,
    exchange,
    path,
    query,
    target: rewritten + tailOf(exchange),
    isTls,
    isTrusted: isTrusted(rawHeaders),
  }
}
