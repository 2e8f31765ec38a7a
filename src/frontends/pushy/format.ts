// Publications as events: with an id of their own, as the first generation sends them, or with their position.

import type { Format } from '../../engine/reader/subscriber.ts'
import { type Epoch, formatPosition } from '../../engine/words/position.ts'
import type { Publication } from '../../engine/words/publication.ts'
import { covers, type Wildcards } from './channel-grants.ts'
import { dataOf, defaultEventName, derivedId, encodeEvent, encodePlace } from './codec.ts'

export interface Formats {
  /** Ids are random UUIDs, or look like it. */
  readonly plain: Format
  /** Ids are positions, from which a client can go on. */
  readonly positions: Format
  /** For a subscription of the engine's pattern, which may cover more than a token's pattern does. */
  ofPattern(pattern: string, wildcards: Wildcards): Format
}

export function createFormats(retryMs: number): Formats {
  const encode = (publication: Publication, id: string) =>
    encodeEvent(publication.meta?.event ?? defaultEventName, dataOf(publication.content), id, retryMs)
  const plain = (publication: Publication, epoch: Epoch) =>
    publication.content.kind === 'none' ? undefined : encode(publication, idOf(publication, epoch))
  return {
    plain: { id: 'pushy', encode: plain, omitted: () => 'pass' },
    positions: {
      id: 'pushy positions',
      encode(publication, epoch) {
        const position = { epoch, offset: publication.offset }
        // It moves a browser's last id, and wakes nobody.
        if (publication.content.kind === 'none') return encodePlace(position)
        return encode(publication, formatPosition(position))
      },
    },
    ofPattern: (pattern, wildcards) => ({
      id: `pushy ${wildcards} ${pattern}`,
      encode: (publication, epoch) =>
        covers(pattern, publication.channel, wildcards) ? plain(publication, epoch) : undefined,
      omitted: () => 'pass',
    }),
  }
}

function idOf({ meta, channel, offset }: Publication, epoch: Epoch): string {
  return meta?.id ?? derivedId(channel, { epoch, offset })
}
