// What holds for a family of channels: history, the policy for slow subscribers, bounds, and who may use them. The
// first namespace whose pattern matches is a channel's own, resolved once per channel and worker.
import { namespaceMembers } from './namespace-members.ts'
import { matches, patternFault } from './pattern.ts'
import type { EngineSettings, HistorySettings } from './settings.ts'

/** What happens to a subscriber that is too many bytes behind. Too long without any progress always ends it. */
export type Policy = EngineSettings['policy']

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

/** What is kept of a channel. */
export type Keep = Pick<Namespace, 'historySize' | 'historyTtlMs' | 'historyBytesMax'>

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

/** By what the words of an entry are judged, beside the table. */
export interface NamespaceWords {
  /** Names of the front-ends, and of the API. */
  readonly vias: readonly string[]
  /** `is unknown`, with the name that was probably meant. */
  unknown(name: string, known: readonly string[]): string
}

/** Reads a JSON list of objects with a `pattern` and any other fields; what is not said is as in `base`. */
export function parseNamespaces(
  text: string,
  base: Namespace,
  words: NamespaceWords,
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
  const patterns: { readonly path: string; readonly pattern: string }[] = []
  for (const [index, entry] of (list as unknown[]).entries()) {
    const path = `namespaces[${index}]`
    const own = parseNamespace(entry, path, words, mistakes)
    if (own === undefined) continue
    const { pattern } = own
    // A pattern's star fits the stars of another one, so that whatever fits the later one fits the earlier one, too.
    const before = patterns.find(earlier => matches(earlier.pattern, pattern))
    if (before !== undefined) {
      mistakes.push(`${path} can never count: ${before.path} stands before it, and fits all its channels`)
    }
    patterns.push({ path, pattern })
    namespaces.push({ ...base, ...own })
  }
  namespaces.push(base)
  return { namespaces, mistakes }
}

export function namespaceOf<Each extends Namespace>(namespaces: readonly Each[], channel: string): Each {
  for (const namespace of namespaces) if (matches(namespace.pattern, channel)) return namespace
  throw new Error('the list of namespaces must end in one that matches all')
}

export function mayUse(frontends: readonly string[] | undefined, via: string): boolean {
  return frontends === undefined || frontends.includes(via)
}

type Own = Partial<Namespace> & Pick<Namespace, 'pattern'>

function parseNamespace(
  entry: unknown,
  path: string,
  words: NamespaceWords,
  mistakes: string[],
): Own | undefined {
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
    for (const fault of memberFaults(key, value, words)) mistakes.push(`${path}.${key} ${fault}`)
  }
  return entry as Own
}

/** Each to follow the member's name. */
function memberFaults(key: string, value: unknown, words: NamespaceWords): readonly string[] {
  const known = Object.keys(namespaceMembers)
  if (!isMember(key)) {
    const unknown = words.unknown(key, known)
    return [unknown === 'is unknown' ? `${unknown}; known are ${known.join(', ')}` : unknown]
  }
  const { setting } = namespaceMembers[key]
  switch (setting.type) {
    case 'integer': {
      const { min, max } = setting
      const fits = Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
      return fits ? [] : [`must be a whole number from ${min} to ${max}`]
    }
    case 'choice':
      return setting.choices.some(choice => choice === value)
        ? []
        : [`must be one of ${setting.choices.join(', ')}`]
    case 'list':
      return viaFaults(value, words)
    case 'text': {
      const fault = patternFault(String(value))
      return fault === undefined ? [] : [fault]
    }
    default:
      return setting satisfies never
  }
}

function viaFaults(value: unknown, { vias, unknown }: NamespaceWords): readonly string[] {
  if (!Array.isArray(value) || !value.every(name => typeof name === 'string')) {
    return ['must be a list of protocols']
  }
  return value.filter(name => !vias.includes(name)).map(name => `has ${name}, which ${unknown(name, vias)}`)
}

function isMember(key: string): key is keyof typeof namespaceMembers {
  return Object.hasOwn(namespaceMembers, key)
}
