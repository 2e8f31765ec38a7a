// Which channels a front-end may use at all, by lists of patterns, beside what namespaces say. Resolved
// together with the channel's namespace, and remembered where there are many, so that a publish looks at names only.
import { NameMemo } from '../../std/name-memo.ts'
import { mayUse, type Namespace, namespaceOf } from './namespace.ts'
import { matches } from './pattern.ts'
import { groupOf, isPrivate, namedAs } from './private.ts'
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
  const lists = [...access].flatMap(([via, { publish, subscribe }]): BarringList[] => [
    { via, use: 'publish', patterns: publish },
    { via, use: 'subscribe', patterns: subscribe },
  ])
  // An empty list bars nothing. The others are few: two for each front-end.
  const barring = lists.filter(({ patterns }) => patterns.length > 0)
  // The record of a namespace that no list bars from, and those of its channels that some do: all carry its pattern.
  const open = namespaces.map(namespace => barred(namespace, barring, 0))
  const others = new Map<ChannelNamespace, Map<number, ChannelNamespace>>()
  // Nothing that stands for names counts for a channel without one: neither patterns, nor lists.
  const groups = new Map(open.map(record => [groupOf(record.pattern), record]))
  const closed = { ...open.at(-1), publish: [], subscribe: [] } as ChannelNamespace // the last one is always there
  const resolve = (channel: ChannelName) => {
    const record = namespaceOf(open, channel)
    let barredBy = 0
    for (let index = 0; index < barring.length; index++) {
      if (!barring[index]?.patterns.some(pattern => matches(pattern, channel))) barredBy += 2 ** index
    }
    if (barredBy === 0) return record
    const made = others.get(record) ?? new Map<number, ChannelNamespace>()
    const other = made.get(barredBy) ?? barred(record, barring, barredBy)
    others.set(record, made.set(barredBy, other))
    return other
  }
  const patterns = namespaces.length + barring.reduce((sum, list) => sum + list.patterns.length, 0)
  // Neither namespaces nor lists change while the engine runs.
  const remembered = patterns <= searchedMax ? undefined : new NameMemo(rememberedMax, resolve)
  const find = (channel: ChannelName) => remembered?.of(channel) ?? resolve(channel)
  return name => {
    // Most channels have a name of their own: they are looked at once.
    if (!isPrivate(name)) return find(name)
    const channel = namedAs(name)
    return isPrivate(channel) ? (groups.get(groupOf(channel)) ?? closed) : find(channel)
  }
}

/** Looking through so few patterns costs no more than remembering. */
const searchedMax = 8
/** About 2 MB of names; beyond it all are forgotten, and looked for again. */
const rememberedMax = 10_000

interface BarringList {
  readonly via: string
  readonly use: keyof AccessList
  readonly patterns: readonly string[]
}

/** `barredBy` has a bit for each list that does not fit the channel. */
function barred(namespace: Namespace, lists: readonly BarringList[], barredBy: number): ChannelNamespace {
  const viasOf = (use: keyof AccessList) =>
    lists.flatMap((list, index) =>
      list.use === use && Math.floor(barredBy / 2 ** index) % 2 === 1 ? [list.via] : [],
    )
  return { ...namespace, publishBarred: viasOf('publish'), subscribeBarred: viasOf('subscribe') }
}
