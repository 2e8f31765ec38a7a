// What a publication is to clients of GRIP: the item that a publisher of ours handed in, or one that is made of its content.
import type { Publication } from '../../../engine/words/publication.ts'
import { decodeItem } from './codec.ts'
import { itemOf } from './content.ts'
import type { Item } from './item.ts'

export function itemIn({ channel, content, renderings }: Publication): Item {
  const own = renderings?.['grip']
  return (own === undefined ? undefined : decodeItem(channel, own)) ?? itemOf(channel, content)
}
