// What holds for a family of channels: history, the policy for slow subscribers, bounds, and who may use them. The
// first namespace whose pattern matches is a channel's own, resolved once per channel and worker.
import { matches } from './pattern.ts'
import type { EngineSettings, HistorySettings } from './settings.ts'

const policies = ['disconnect', 'drop-oldest', 'latest', 'catch-up'] as const

/** What happens to a subscriber that is too many bytes behind. Too long without any progress always ends it. */
export type Policy = (typeof policies)[number]

export interface Namespace {
  readonly pattern: string
  /** Publications kept at most; 0: no history. */
  readonly historySize: number
  readonly historyTtlMs: number
  readonly historyBytesMax: number
  readonly policy: Policy
  readonly outboxBytesMax: number
  readonly outboxAgeMsMax: number
  /** Subscribers of one channel in one worker. */
  readonly subscribersMax: number
  /** Front-ends that may publish or subscribe; undefined: all. */
  readonly publish: readonly string[] | undefined
  readonly subscribe: readonly string[] | undefined
}

interface NumberField {
  readonly min: number
  readonly max: number
}

const numbers: Readonly<Record<string, NumberField>> = {
  historySize: { min: 0, max: 1_000_000 },
  historyTtlMs: { min: 1, max: 30 * 86_400_000 },
  historyBytesMax: { min: 0, max: 1_073_741_824 },
  outboxBytesMax: { min: 1, max: 1_073_741_824 },
  outboxAgeMsMax: { min: 100, max: 600_000 },
  subscribersMax: { min: 1, max: 100_000_000 },
}

/** What holds where no pattern matches. */
export function defaultNamespace(engine: EngineSettings, history: HistorySettings): Namespace {
  return {
    pattern: '*',
    historySize: history.size,
    historyTtlMs: history.ttlMs,
    historyBytesMax: history.bytesMax,
    policy: engine.policy,
    outboxBytesMax: engine.outboxBytesMax,
    outboxAgeMsMax: engine.outboxAgeMsMax,
    subscribersMax: engine.subscribersMax,
    publish: undefined,
    subscribe: undefined,
  }
}

/** Reads a JSON list of objects with a `pattern` and any other fields; what is not said is as in `base`. */
export function parseNamespaces(
  text: string,
  base: Namespace,
): { namespaces: Namespace[]; mistakes: string[] } {
  const mistakes: string[] = []
  let list: unknown = []
  try {
    list = text === '' ? [] : JSON.parse(text)
  } catch (error) {
    mistakes.push(`namespaces: not JSON: ${error instanceof Error ? error.message : error}`)
  }
  if (!Array.isArray(list)) {
    mistakes.push('namespaces: must be a list of objects, each with a pattern')
    list = []
  }
  const namespaces: Namespace[] = []
  for (const [index, entry] of (list as unknown[]).entries()) {
    const own = parseNamespace(entry, `namespaces[${index}]`, mistakes)
    if (own !== undefined) namespaces.push({ ...base, ...own })
  }
  namespaces.push(base)
  return { namespaces, mistakes }
}

export function namespaceOf(namespaces: readonly Namespace[], channel: string): Namespace {
  const found = namespaces.find(({ pattern }) => matches(pattern, channel))
  if (found === undefined) throw new Error('the list of namespaces must end in one that matches all')
  return found
}

export function mayUse(frontends: readonly string[] | undefined, via: string): boolean {
  return frontends === undefined || frontends.includes(via)
}

function parseNamespace(entry: unknown, path: string, mistakes: string[]): Partial<Namespace> | undefined {
  if (
    typeof entry !== 'object' ||
    entry === null ||
    !('pattern' in entry) ||
    typeof entry.pattern !== 'string'
  ) {
    mistakes.push(`${path}: must be an object with a pattern`)
    return undefined
  }
  for (const [key, value] of Object.entries(entry)) {
    const mistake = fieldMistake(key, value)
    if (mistake !== undefined) mistakes.push(`${path}.${key} ${mistake}`)
  }
  return entry as Partial<Namespace>
}

function fieldMistake(key: string, value: unknown): string | undefined {
  if (key === 'pattern') return undefined
  if (key === 'policy') {
    return policies.some(policy => policy === value) ? undefined : `must be one of ${policies.join(', ')}`
  }
  if (key === 'publish' || key === 'subscribe') {
    const fits = Array.isArray(value) && value.every(name => typeof name === 'string')
    return fits ? undefined : 'must be a list of protocols'
  }
  const bounds = Object.hasOwn(numbers, key) ? numbers[key] : undefined
  if (bounds === undefined)
    return `is unknown; known are ${['pattern', 'policy', 'publish', 'subscribe', ...Object.keys(numbers)].join(', ')}`
  const fits = Number.isSafeInteger(value) && Number(value) >= bounds.min && Number(value) <= bounds.max
  return fits ? undefined : `must be a whole number from ${bounds.min} to ${bounds.max}`
}
