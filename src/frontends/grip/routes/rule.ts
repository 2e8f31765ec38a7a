// A line's sections to a rule: plain data that never changes, so that a hold may keep the one it came by. Where the
// original passes over a word in silence, a remark names it.
import { type Condition, emptyCondition, properties } from './condition.ts'
import type { LineSection, Property } from './grammar.ts'
import { isHostHeader, parseTarget, type Target } from './target.ts'

export interface Rule extends Condition {
  /** Where it stands in its source, from 1. */
  readonly line: number
  /** In lower case; `*` is every host without a table of its own; empty: it is reached by its id alone. */
  readonly host: string
  /** In the order in which they are tried; at least one. */
  readonly targets: readonly Target[]
}

export type RuleReading =
  /** Remarks are ends of sentences that begin with the line. */
  | { readonly ok: true; readonly rule: Rule; readonly remarks: readonly string[] }
  | { readonly ok: false; readonly mistake: string }

/** Each is tried until one connects, and a client waits for all of them. */
const targetsMax = 64

/** Understood, and without effect so far, or for good. */
const inert: ReadonlyMap<string, string> = new Map([
  ['session', 'does nothing: there is no state service'],
  ['log_level', 'does nothing: all rules share one log'],
])

/** `sections` are those of one line, and not none. */
export function parseRule([first, ...rest]: readonly LineSection[], line: number): RuleReading {
  if (first === undefined || rest.length === 0) {
    return { ok: false, mistake: 'needs a condition and at least one target' }
  }
  if (rest.length > targetsMax) return { ok: false, mistake: `has more than ${targetsMax} targets` }
  const condition = parseCondition(first.properties)
  if (!condition.ok) return condition
  const { value } = condition
  const host = first.value.toLowerCase()
  const hostMistake = mistakeInHost(host, value.id)
  if (hostMistake !== undefined) return { ok: false, mistake: hostMistake }
  const remarks = [...condition.remarks]
  const targets: Target[] = []
  for (const section of rest) {
    const read = parseTarget(section)
    if (!read.ok) return read
    targets.push(read.target)
    remarks.push(...read.remarks)
  }
  return { ok: true, rule: { ...value, line, host, targets }, remarks }
}

function parseCondition(
  given: readonly Property[],
):
  | { readonly ok: true; readonly value: Condition; readonly remarks: readonly string[] }
  | { readonly ok: false; readonly mistake: string } {
  const value = { ...emptyCondition }
  const remarks: string[] = []
  for (const property of given) {
    const apply = properties.get(property.name)
    const mistake = apply?.(value, property.value)
    if (mistake !== undefined) return { ok: false, mistake }
    const reason = apply === undefined ? 'is unknown, and is passed over' : inert.get(property.name)
    if (reason !== undefined) remarks.push(`has the property '${property.name}', which ${reason}`)
  }
  return { ok: true, value, remarks }
}

function mistakeInHost(host: string, id: string | undefined): string | undefined {
  if (host === '') return id ? undefined : 'has neither a host nor an id, so that nothing could reach it'
  if (host === '*') return undefined
  // The port of a request's `Host` is not looked at, so a rule with one would never be chosen.
  const isName = isHostHeader(host) && !/:\d+$/.test(host.replace(/^\[.*\]/, ''))
  return isName ? undefined : `has the host '${host}', which no request can name`
}
