// Which rule a request gets (contract §2.4): by the id that it names, else in the table of its host. Rules are looked at
// one by one in their order, for what is more specific depends on it.
import { wireText } from './condition.ts'
import type { Rule } from './rule.ts'

/** What choosing looks at. */
export interface Asked {
  readonly isSocket: boolean
  /** Whether the request counts as one over TLS. */
  readonly isTls: boolean
  /** The `Host` of the request, with or without a port. */
  readonly host: string
  /** Normalised, without the query; Latin-1. */
  readonly path: string
  /** Of `Pushpin-Route`, where that is accepted. */
  readonly routeId?: string | undefined
}

export interface Table {
  /** Those that can be chosen, in the order of their lines. */
  readonly rules: readonly Rule[]
  choose(asked: Asked): Rule | undefined
}

export interface Built {
  readonly table: Table
  /** With the line that each begins with. */
  readonly warnings: readonly { readonly line: number; readonly text: string }[]
}

export function buildTable(given: readonly Rule[]): Built {
  const hosts = new Map<string, Rule[]>()
  const byId = new Map<string, Rule | 'twice'>()
  const rules: Rule[] = []
  const warnings: { line: number; text: string }[] = []
  const seen = new Map<string, Rule>()
  for (const rule of given) {
    const earlier = rule.host === '' ? undefined : seen.get(conditionOf(rule))
    if (earlier !== undefined) {
      const text = `has the condition of line ${earlier.line} again, and is skipped`
      warnings.push({ line: rule.line, text })
      continue
    }
    rules.push(rule)
    if (rule.host !== '') {
      seen.set(conditionOf(rule), rule)
      const rows = hosts.get(rule.host)
      if (rows === undefined) hosts.set(rule.host, [rule])
      else rows.push(rule)
    }
    if (rule.id === undefined || rule.id === '') continue
    const id = wireText(rule.id)
    if (byId.has(id))
      warnings.push({ line: rule.line, text: `has the id '${rule.id}' again: no rule is reached by it` })
    byId.set(id, byId.has(id) ? 'twice' : rule)
  }
  return { table: { rules, choose: asked => choose(asked, hosts, byId) }, warnings }
}

function choose(
  asked: Asked,
  hosts: ReadonlyMap<string, readonly Rule[]>,
  byId: ReadonlyMap<string, Rule | 'twice'>,
): Rule | undefined {
  if (asked.routeId !== undefined) {
    const named = byId.get(asked.routeId)
    return named !== undefined && named !== 'twice' && asked.path.startsWith(named.pathBeg)
      ? named
      : undefined
  }
  // A host with rules of its own never falls through to the others.
  const rules = hosts.get(nameOf(asked.host)) ?? hosts.get('*') ?? []
  let best: Rule | undefined
  for (const rule of rules) {
    if (matches(rule, asked) && (best === undefined || isMoreSpecific(rule, best))) best = rule
  }
  return best
}

function matches({ proto, ssl, pathBeg }: Rule, asked: Asked): boolean {
  if (proto !== undefined && (proto === 'ws') !== asked.isSocket) return false
  if (ssl !== undefined && ssl !== asked.isTls) return false
  return asked.path.startsWith(pathBeg)
}

/** Of two that match, whether the later one is chosen. */
function isMoreSpecific(later: Rule, best: Rule): boolean {
  if ((later.proto === undefined) !== (best.proto === undefined)) return later.proto !== undefined
  if (later.pathBeg.length > best.pathBeg.length) return true
  // A slip of the original that files may depend on: even with a shorter path.
  return best.ssl === undefined && later.ssl !== undefined
}

/** Without the port, in lower case. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '')
}

function conditionOf({ host, proto, ssl, pathBeg }: Rule): string {
  return JSON.stringify([host, proto, ssl, pathBeg])
}
