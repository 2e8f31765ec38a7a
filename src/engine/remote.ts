// The far ends of links as the ports that hub and shard know: each call becomes one message.

import { type Link, linkBytes } from './words/link.ts'
import type { HubPort, ShardPort } from './words/ports.ts'
import { packPublication } from './words/publication.ts'

/** The hub of another worker, as this worker's shard sees it. */
export function remoteHub(link: Link): HubPort {
  return {
    publication: publication =>
      link.send(['publication', publication.channel, packPublication(publication)], linkBytes(publication)),
    matched: publication =>
      link.send(['matched', publication.channel, packPublication(publication)], linkBytes(publication)),
    attached(channel, attempt, { epoch, offset }, gap, lastId) {
      if (lastId === undefined) link.sendReserved(['attached', channel, attempt, epoch, offset, gap])
      else link.sendReserved(['attached', channel, attempt, epoch, offset, gap, lastId])
    },
    recovered(channel, request, from, range, gap) {
      link.sendReserved(['recovered', channel, request, from, range.map(packPublication), gap])
    },
    gap(channel, { epoch, offset }, lastId) {
      if (lastId === undefined) link.sendReserved(['gap', channel, epoch, offset])
      else link.sendReserved(['gap', channel, epoch, offset, lastId])
    },
    renumbered: (channel, from, to) =>
      link.sendReserved(['renumbered', channel, from.epoch, from.offset, to.epoch, to.offset]),
    patternGap: () => link.sendReserved(['pattern-gap']),
    watched: (_owner, pattern, attempt) => link.sendReserved(['watched', pattern, attempt]),
  }
}

/** The shard of another worker, as this worker's hub sees it. */
export function remoteShard(link: Link): ShardPort {
  return {
    attach: attach => link.sendReserved(['attach', attach]),
    detach: (channel, lingerMs) =>
      link.sendReserved(lingerMs > 0 ? ['detach', channel, lingerMs] : ['detach', channel]),
    count: (channel, subscribers) => link.sendReserved(['count', channel, subscribers]),
    pressure: (channel, on) => link.sendReserved(['pressure', channel, on]),
    recover(channel, { request, epoch, offset, rest }) {
      if (rest) link.sendReserved(['recover', channel, request, epoch, offset, rest])
      else link.sendReserved(['recover', channel, request, epoch, offset])
    },
    watch: (pattern, attempt) => link.sendReserved(['watch', pattern, attempt]),
    unwatch: pattern => link.sendReserved(['unwatch', pattern]),
  }
}
