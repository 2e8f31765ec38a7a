// Items that wait while an origin is asked, or one of them has to pass its filters: bounded in number and in bytes, for an item may be large.
import type { Item } from '../item/item.ts'
import type { Held } from './hold.ts'

/** An item that waits, and for which channel it came. */
export interface WaitingItem {
  readonly held: Held
  readonly item: Item
}

/** Contract §10. */
const itemsMax = 100
/** Ten contents as large as an origin's answer may be; the control door takes no larger body. */
const bytesMax = 1_000_000

export class Waiting {
  /** Made with the first one: most holds never have any. */
  #items: WaitingItem[] | undefined
  #bytes = 0

  /** False: more wait than may. */
  add(held: Held, item: Item): boolean {
    this.#items ??= []
    this.#items.push({ held, item })
    this.#bytes += bytesOf(item)
    return this.#items.length <= itemsMax && this.#bytes <= bytesMax
  }

  /** In the order in which they came. None is left. */
  take(): readonly WaitingItem[] {
    const items = this.#items ?? []
    this.clear()
    return items
  }

  clear(): void {
    this.#items = undefined
    this.#bytes = 0
  }
}

/** What clients may be sent of it. */
function bytesOf({ stream, response, socket }: Item): number {
  const content = stream?.action === 'send' ? stream.content.length : 0
  const message = socket?.action === 'send' ? socket.content.length : 0
  if (response?.action !== 'send') return content + message
  const { body } = response
  return content + message + (body instanceof Uint8Array ? body.length : body.patch.length)
}
