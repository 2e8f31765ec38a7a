// Channels that nobody can name (law 19): a front-end's own streams, one or more for each of its clients. Their names are
// minted here and never parsed, so that no path, body, pattern or list reaches one. A group is a family of them, called by
// its front-end's name or what begins with that and a slash; the key says whose it is.
import { type ChannelName, channelNameBytesMax, privateMark } from './publication.ts'

/** What begins the name of a node's own channel, where nodes are joined: no group has an empty name. Behind it stands the named one. */
const nodeMark = privateMark + privateMark

/** Nothing in a name but its ends may be the mark, and a group has a name. */
const groupForm = /^[a-z][a-z0-9/_.-]{0,127}$/

/** The channel of that key in the group. Both are the front-end's own words: what they cannot be is a bug, and throws. */
export function privateChannel(group: string, key: string): ChannelName {
  const name = privateChannelIf(group, key)
  if (name === undefined)
    throw new RangeError(`${JSON.stringify([group, key])} cannot be the name of a private channel`)
  return name
}

/** The same for words that others may have written; undefined: they cannot be a name. */
export function privateChannelIf(group: string, key: string): ChannelName | undefined {
  const name = `${privateMark}${group}${privateMark}${key}`
  return isPrivateName(name) ? (name as ChannelName) : undefined // see above: this is where they are made
}

/** No front-end has this name, so its groups are others. */
const broadcastGroup = 'each'

/** Where nodes are joined, what is published to the whole group stands in this one: each node follows it that has some of them. */
export function broadcastChannel(group: string): ChannelName {
  return privateChannel(broadcastGroup, group)
}

/** Whether the channel is one of these, in which publications are for others. */
export function isBroadcastChannel(name: string): boolean {
  return groupOf(name) === broadcastGroup
}

/**
 * The channel of that name that is this node's alone, though others are joined to it: the same namespace, the same lists and
 * the same worker, in an order of its own, and nothing to patterns.
 */
export function nodeChannel(channel: ChannelName): ChannelName {
  return `${nodeMark}${channel}` as ChannelName // see above: this is where they are made
}

export function isNodeChannel(name: string): boolean {
  return name.startsWith(nodeMark)
}

/** What the channel is called outside; that it is a node's own does not show. */
export function namedAs<Name extends string>(name: Name): Name {
  return isNodeChannel(name) ? (name.slice(nodeMark.length) as Name) : name // it was one of those before
}

/** Whether the channel is one of them, or a node's own. */
export function isPrivate(name: string): boolean {
  return name.startsWith(privateMark)
}

/** Whether a text out of a file is the name of one. */
export function isPrivateName(text: string): boolean {
  const parts = partsOf(text)
  if (parts === undefined || !groupForm.test(parts.group)) return false
  const isKey = parts.key !== '' && !parts.key.includes(privateMark) && parts.key.isWellFormed()
  return isKey && Buffer.byteLength(text) <= channelNameBytesMax
}

/** Undefined: the channel is not private, or it is a node's own, which has a name. */
export function groupOf(name: string): string | undefined {
  const group = partsOf(name)?.group
  return group === '' ? undefined : group
}

/**
 * By what the owner of a channel is found: whatever the group, all that one key has is at home with one worker. Of a
 * channel that has a name it is that.
 */
export function homeKeyOf(name: string): string {
  return partsOf(name)?.key ?? name
}

/** In lists of namespaces, what stands for the channels of a group and for no other. */
export function privatePattern(group: string): string {
  if (!groupForm.test(group))
    throw new RangeError(`${JSON.stringify(group)} cannot be a group of private channels`)
  return `${privateMark}${group}${privateMark}*`
}

function partsOf(name: string): { readonly group: string; readonly key: string } | undefined {
  if (!isPrivate(name)) return undefined
  const end = name.indexOf(privateMark, 1)
  return end < 0 ? undefined : { group: name.slice(1, end), key: name.slice(end + 1) }
}
