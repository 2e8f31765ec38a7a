// Which channels a front-end may use at all, by lists of patterns, beside what namespaces say. Resolved once per
// channel and worker, together with the channel's namespace, so that a publish or subscribe looks at names only.
import { mayUse, type Namespace, namespaceOf } from './namespace.ts'
import { matches } from './pattern.ts'
import type { ChannelName } from './publication.ts'

/** Channel patterns; an empty list is all channels. */
export interface AccessList {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/** By name of the front-end; one that is not in it may use all channels. */
export type Access = ReadonlyMap<string, AccessList>

/** A channel's own namespace, and the front-ends whose lists leave the channel out. */
export interface ChannelNamespace extends Namespace {
  readonly publishBarred: readonly string[]
  readonly subscribeBarred: readonly string[]
}

export function mayPublish({ publish, publishBarred }: ChannelNamespace, via: string): boolean {
  return mayUse(publish, via) && !publishBarred.includes(via)
}

/** For a pattern subscription: whatever fits a pattern that itself fits a list's pattern, fits the list too. */
export function maySubscribe({ subscribe, subscribeBarred }: ChannelNamespace, via: string): boolean {
  return mayUse(subscribe, via) && !subscribeBarred.includes(via)
}

/** Channels with the same namespace and the same barred front-ends share one record, so that a channel costs none. */
export function channelNamespaces(
  namespaces: readonly Namespace[],
  access: Access = new Map(),
): (channel: ChannelName) => ChannelNamespace {
  const made = new Map<Namespace, Map<string, ChannelNamespace>>()
  return channel => {
    const namespace = namespaceOf(namespaces, channel)
    const publishBarred = barred(access, 'publish', channel)
    const subscribeBarred = barred(access, 'subscribe', channel)
    const key = JSON.stringify([publishBarred, subscribeBarred])
    const own = made.get(namespace) ?? new Map<string, ChannelNamespace>()
    made.set(namespace, own)
    const known = own.get(key)
    if (known !== undefined) return known
    const fresh = { ...namespace, publishBarred, subscribeBarred }
    own.set(key, fresh)
    return fresh
  }
}

function barred(access: Access, use: keyof AccessList, channel: ChannelName): string[] {
  const vias: string[] = []
  for (const [via, { [use]: patterns }] of access) {
    if (patterns.length > 0 && !patterns.some(pattern => matches(pattern, channel))) vias.push(via)
  }
  return vias
}
