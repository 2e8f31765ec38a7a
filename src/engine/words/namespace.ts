// What holds for a family of channels: history, the policy for slow subscribers, bounds, and who may use them. The
// first namespace whose pattern matches is a channel's own.

import type { EngineSettings, HistorySettings } from '../settings.ts'
import { matches, patternFault } from './pattern.ts'

/** What happens to a subscriber that is too many bytes behind. Too long without any progress always ends it. */
export type Policy = EngineSettings['policy']

/** Who goes first where several channels want the same: a turn of the fan-out, or the next write to a slow connection. */
export type Priority = 'high' | 'normal' | 'low'

export interface Namespace {
  readonly pattern: string
  /** Publications kept at most; 0: no history. */
  readonly historySize: number
  readonly historyTtlMs: number
  readonly historyBytesMax: number
  readonly policy: Policy
  readonly priority: Priority
  readonly outboxBytesMax: number
  readonly outboxAgeMsMax: number
  /** Subscribers of one channel in one worker. */
  readonly subscribersMax: number
  /** Front-ends that may publish or subscribe; undefined: all. */
  readonly publish: readonly string[] | undefined
  readonly subscribe: readonly string[] | undefined
  /** Of private channels: how long one without subscribers is kept; left out: as the engine's settings say. */
  readonly idleMs?: number
}

/** What is kept of a channel. */
export interface Keep extends Pick<Namespace, 'historySize' | 'historyTtlMs' | 'historyBytesMax' | 'idleMs'> {
  /** How long a broker knows the draft's idempotency key; left out: as its settings say. */
  readonly keyMs?: number
}

/** What holds where no pattern matches. */
export function defaultNamespace(engine: EngineSettings, history: HistorySettings): Namespace {
  return {
    pattern: '*',
    historySize: history.size,
    historyTtlMs: history.ttlMs,
    historyBytesMax: history.bytesMax,
    policy: engine.policy,
    priority: 'normal',
    outboxBytesMax: engine.outboxBytesMax,
    outboxAgeMsMax: engine.outboxAgeMsMax,
    subscribersMax: engine.subscribersMax,
    publish: undefined,
    subscribe: undefined,
  }
}

/** What differs for the channels of a pattern. */
export type NamespaceEntry = Pick<Namespace, 'pattern'> & Partial<Omit<Namespace, 'idleMs'>>

/** What a front-end says of a group of its private channels: see private.ts. It alone may use them. */
export type PrivateGroup = Omit<NamespaceEntry, 'pattern' | 'publish' | 'subscribe'> & {
  readonly group: string
  readonly idleMs?: number
}

/** By what the words of an entry are judged, beside the table of members. */
export interface NamespaceWords {
  /** Names of the front-ends, and of the API. */
  readonly vias: readonly string[]
  /** `is unknown`, with the name that was probably meant. */
  unknown(name: string, known: readonly string[]): string
}

/** The last one matches every channel; what an entry does not say is as in `base`. */
export function namespacesFrom(entries: readonly NamespaceEntry[], base: Namespace): readonly Namespace[] {
  return [...entries.map(entry => ({ ...base, ...entry })), base]
}

/** What is wrong with entries that fit the table of members, one sentence each; `name` is the list's. */
export function namespaceMistakes(
  entries: readonly NamespaceEntry[],
  name: string,
  words: NamespaceWords,
): readonly string[] {
  return entries.flatMap(({ pattern, publish = [], subscribe = [] }, index) => {
    const path = `${name}[${index}]`
    const fault = patternFault(pattern)
    // A pattern's star fits the stars of another one, so that whatever fits the later one fits the earlier one, too.
    const earlier = entries.slice(0, index).findIndex(one => matches(one.pattern, pattern))
    return [
      ...(fault === undefined ? [] : [`${path}.pattern ${fault}`]),
      ...strangers(publish, words).map(text => `${path}.publish ${text}`),
      ...strangers(subscribe, words).map(text => `${path}.subscribe ${text}`),
      ...(earlier < 0
        ? []
        : [`${path} can never count: ${name}[${earlier}] stands before it, and fits all its channels`]),
    ]
  })
}

function strangers(names: readonly string[], { vias, unknown }: NamespaceWords): readonly string[] {
  return names.filter(name => !vias.includes(name)).map(name => `has ${name}, which ${unknown(name, vias)}`)
}

export function namespaceOf<Each extends Namespace>(namespaces: readonly Each[], channel: string): Each {
  for (const namespace of namespaces) if (matches(namespace.pattern, channel)) return namespace
  throw new Error('the list of namespaces must end in one that matches all')
}

export function mayUse(frontends: readonly string[] | undefined, via: string): boolean {
  return frontends === undefined || frontends.includes(via)
}
