// What a message from another worker means: one case each, to shard, hub or router.

import type { Broadcasts } from './broadcasts.ts'
import type { Inspection } from './owner/inspection.ts'
import type { Shard } from './owner/shard.ts'
import type { Spread } from './owner/spread.ts'
import type { Hub } from './reader/hub.ts'
import { remoteHub, remoteShard } from './remote.ts'
import type { Router } from './router.ts'
import { unpackEach } from './words/each.ts'
import type { Attach, Link, LinkMessage, Slot } from './words/link.ts'
import type { HubPort, ShardPort } from './words/ports.ts'
import { type Position, parseEpoch, parseOffset, type Since } from './words/position.ts'
import { type ChannelName, packPublication, unpackDraft, unpackPublication } from './words/publication.ts'

/** What leads to another worker, and what came from it before the engine was open. */
export interface Neighbour {
  readonly link: Link
  readonly hub: HubPort
  readonly shard: ShardPort
  /** Undefined until its hello; messages that follow it wait in `early` until the engine is open. */
  hello: { readonly attaches: readonly Attach[]; readonly patterns: readonly string[] } | undefined
  readonly early: LinkMessage[]
  /** Channels its farewell does not vouch for; undefined: it said none. */
  farewell: readonly string[] | undefined
}

export function neighbourOf(link: Link): Neighbour {
  const ends = { hub: remoteHub(link), shard: remoteShard(link) }
  return { link, ...ends, hello: undefined, early: [], farewell: undefined }
}

/** It leads to an owner of channels. */
export function isOwner({ link }: Neighbour): boolean {
  return link.isReader !== true
}

/** The shards that can be reached over links. */
export function ownersOf(peers: ReadonlyMap<Slot, Neighbour>): (readonly [Slot, ShardPort])[] {
  return [...peers].filter(([, peer]) => isOwner(peer)).map(([to, peer]) => [to, peer.shard] as const)
}

export interface Receivers {
  /** Of this worker. */
  readonly slot: Slot
  readonly shard: Shard
  readonly hub: Hub
  readonly router: Router
  readonly broadcasts: Broadcasts
}

/**
 * What came before the engine was open, of peers that all said hello: first what the lost owner's hubs know of its numbering,
 * then their attaches, then the rest.
 */
export function receiveAllEarly(receivers: Receivers, peers: ReadonlyMap<Slot, Neighbour>): void {
  receivers.shard.adopt([...peers.values()].flatMap(({ hello }) => hello?.attaches ?? []))
  for (const [slot, peer] of peers)
    receiveFrom(receivers, slot, peer, ['hello', peer.hello?.attaches ?? [], peer.hello?.patterns ?? []])
  for (const [slot, peer] of peers)
    for (const message of peer.early.splice(0)) receiveFrom(receivers, slot, peer, message)
}

export function receiveFrom(receivers: Receivers, from: Slot, peer: Neighbour, message: LinkMessage): void {
  const { shard, hub } = receivers
  const { spread } = shard
  switch (message[0]) {
    case 'hello':
      return helloFrom(spread, from, peer, message)
    case 'publish':
      return publishFor(shard, peer, message)
    case 'publish-each':
      return publishEachFor(shard, peer, message)
    case 'count-each':
      return countEachFor(shard, peer, message)
    case 'presence':
      return shard.presence(named(message[2]), subscribers =>
        peer.link.sendReserved(['present', message[1], subscribers]),
      )
    case 'inspect':
      return inspectFor(shard, peer, message)
    case 'attach':
      return spread.attach(from, message[1])
    case 'detach':
      return spread.detach(from, message[1], message[2])
    case 'count':
      return spread.count(from, message[1], message[2])
    case 'pressure':
      return spread.pressure(from, message[1], message[2])
    case 'recover':
      return recoverFor(spread, from, message)
    case 'trim':
      return shard.trim(named(message[1]), parseOffset(message[2]))
    case 'watch':
      return watchFor(receivers, from, peer, message)
    case 'unwatch':
      return spread.watchers.remove(from, message[1])
    case 'watched':
    case 'attached':
    case 'recovered':
    case 'gap':
    case 'renumbered':
    case 'publication':
    case 'matched':
    case 'pattern-gap':
      return toldBy(hub, from, message)
    case 'published':
    case 'published-each':
    case 'unplaced':
    case 'refused':
    case 'present':
    case 'inspected':
      return answerFrom(receivers, message)
    case 'farewell':
      peer.farewell = message[1]
      return
    case 'stays':
      peer.farewell = undefined
      return
    default:
      message satisfies never
  }
}

/** To the hub of this worker, by an owner. */
function toldBy(hub: Hub, from: Slot, message: Told): void {
  switch (message[0]) {
    case 'watched':
      return hub.watched(from, message[1], message[2])
    case 'attached':
      return hub.attached(named(message[1]), message[2], at(message[3], message[4]), message[5], message[6])
    case 'recovered':
      return recoveredBy(hub, message)
    case 'gap':
      return hub.gap(named(message[1]), at(message[2], message[3]), message[4])
    case 'renumbered':
      return hub.renumbered(named(message[1]), at(message[2], message[3]), at(message[4], message[5]))
    case 'publication':
      hub.publication(unpackPublication(message[1], message[2]))
      return
    case 'matched':
      hub.matched(unpackPublication(message[1], message[2]))
      return
    case 'pattern-gap':
      return hub.patternGap()
    default:
      message satisfies never
  }
}

type Told = LinkMessage & {
  0: 'watched' | 'attached' | 'recovered' | 'gap' | 'renumbered' | 'publication' | 'matched' | 'pattern-gap'
}

/** To what this worker asked. */
function answerFrom({ router, broadcasts }: Receivers, message: Answer): void {
  switch (message[0]) {
    case 'published':
      return router.published(message[1], message[2], message[3], message[4], message[5])
    case 'published-each':
      return broadcasts.published(message[1], message[2], message[3])
    case 'unplaced':
      return router.unplaced(message[1], message[2], message[3])
    case 'refused':
      return router.refused(message[1], message[2])
    case 'present':
      return router.present(message[1], message[2])
    case 'inspected':
      return router.inspected(message[1], inspectionOf(message))
    default:
      message satisfies never
  }
}

type Answer = LinkMessage & {
  0: 'published' | 'published-each' | 'unplaced' | 'refused' | 'present' | 'inspected'
}

function helloFrom(spread: Spread, from: Slot, peer: Neighbour, message: LinkMessage & { 0: 'hello' }): void {
  const [, attaches, patterns] = message
  peer.hello = { attaches, patterns }
  spread.watchers.begin(from, patterns)
  for (const attach of attaches) spread.attach(from, attach)
}

function watchFor(
  { slot, shard }: Receivers,
  from: Slot,
  { hub }: Neighbour,
  [, pattern, attempt]: LinkMessage & { 0: 'watch' },
): void {
  shard.spread.watchers.add(from, pattern, () => hub.watched(slot, pattern, attempt))
}

function publishFor(shard: Shard, { link }: Neighbour, message: LinkMessage & { 0: 'publish' }): void {
  const [, request, draft] = message
  shard.publish(unpackDraft(draft), outcome => {
    if (typeof outcome === 'string') return link.sendReserved(['refused', request, outcome])
    if ('fate' in outcome) {
      return link.sendReserved(['unplaced', request, outcome.fate, outcome.subscribers])
    }
    const { epoch, offset, subscribers, duplicate } = outcome
    link.sendReserved(['published', request, epoch, offset, subscribers, duplicate])
  })
}

function publishEachFor(
  shard: Shard,
  { link }: Neighbour,
  message: LinkMessage & { 0: 'publish-each' },
): void {
  const [, request, each] = message
  shard.publishEach(unpackEach(each), (channels, isWhole) =>
    link.sendReserved(['published-each', request, channels, isWhole]),
  )
}

function countEachFor(shard: Shard, { link }: Neighbour, message: LinkMessage & { 0: 'count-each' }): void {
  const [, request, group, except] = message
  link.sendReserved(['published-each', request, shard.spread.groups.countOf(group, except), true])
}

function recoverFor(spread: Spread, from: Slot, message: LinkMessage & { 0: 'recover' }): void {
  const [, channel, request, epoch, offset, rest = false] = message
  spread.recover(from, named(channel), { request, epoch, offset, rest })
}

function recoveredBy(hub: Hub, message: LinkMessage & { 0: 'recovered' }): void {
  const [, channel, request, from, packed, gap] = message
  const range = packed.map(each => unpackPublication(channel, each))
  hub.recovered(named(channel), request, parseOffset(from), range, gap)
}

function inspectFor(shard: Shard, { link }: Neighbour, message: LinkMessage & { 0: 'inspect' }): void {
  const [, request, channel, epoch, offset, limit, id] = message
  const since = offset < 0 ? undefined : sinceOf(epoch, offset)
  shard.inspect(named(channel), { since, limit, id }, outcome => {
    if (typeof outcome === 'string') link.sendReserved(['refused', request, outcome])
    else link.sendReserved(inspectedOf(request, channel, outcome))
  })
}

function inspectedOf(
  request: number,
  channel: string,
  { position, subscribers, publications, gap, more, history, placed }: Inspection,
): LinkMessage {
  const answer = [
    'inspected',
    request,
    channel,
    position?.epoch ?? '',
    position?.offset ?? 0,
    subscribers,
    publications.map(packPublication),
    gap,
    more,
    history.size,
    history.bytes,
  ] as const
  return placed === undefined ? answer : [...answer, placed.offset]
}

function inspectionOf(message: LinkMessage & { 0: 'inspected' }): Inspection {
  const [, , channel, epoch, offset, subscribers, range, gap, more, size, bytes, placed] = message
  const position = epoch === '' ? undefined : at(epoch, offset)
  const publications = range.map(each => unpackPublication(channel, each))
  const inspection = { position, subscribers, publications, gap, more, history: { size, bytes } }
  return placed === undefined ? inspection : { ...inspection, placed: at(epoch, placed) }
}

function sinceOf(epoch: string, offset: number): Since {
  return { epoch: epoch === '' ? undefined : parseEpoch(epoch), offset: parseOffset(offset) }
}

/** Names on a link were parsed before they were sent. */
function named(channel: string): ChannelName {
  return channel as ChannelName // see above
}

function at(epoch: string, offset: number): Position {
  return { epoch: parseEpoch(epoch), offset: parseOffset(offset) }
}
