// What the engine is handed of an item: its content for others, the item itself for our own, and its place among others.
import { type Draft, parseChannelName } from '../../../engine/words/publication.ts'
import { encodeItem } from './codec.ts'
import { contentOf } from './content.ts'
import type { Item } from './item.ts'

/** Undefined: no channel has that name. */
export function draftOf(item: Item): Draft | undefined {
  const channel = parseChannelName(item.channel)
  if (channel === undefined) return undefined
  const { id, prevId, noSeq } = item
  return {
    channel,
    content: contentOf(item),
    renderings: { grip: encodeItem(item) },
    via: 'grip',
    sequence: {
      ...(id !== undefined && { id }),
      ...(prevId !== undefined && { after: prevId }),
      ...(noSeq && { isLoose: true }),
    },
  }
}
