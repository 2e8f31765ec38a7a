// What the owners of channels appended, as they did it: the truth by which clients of the model are judged.
import { fail, ok } from 'node:assert/strict'
import type { ChannelName } from '../../../src/engine/words/publication.ts'

interface Item {
  readonly text: string
  /** Place among all of the channel, over all epochs. */
  readonly index: number
  /** Place among everything that happened. */
  readonly at: number
  /** What its owner held was lost so often before it was appended. */
  readonly losses: number
}

export class ModelOrder {
  readonly #items = new Map<ChannelName, Item[]>()
  readonly #byText = new Map<string, Item>()
  #happened = 0

  /** A place among everything that happens: nothing that happened before is later. */
  now(): number {
    return ++this.#happened
  }

  append(channel: ChannelName, text: string, losses: number): void {
    const items = this.#items.get(channel) ?? []
    ok(!this.#byText.has(`${channel} ${text}`), `${text} is appended twice`)
    const item = { text, index: items.length, at: this.now(), losses }
    items.push(item)
    this.#items.set(channel, items)
    this.#byText.set(`${channel} ${text}`, item)
  }

  of(channel: ChannelName): readonly Item[] {
    return this.#items.get(channel) ?? []
  }

  find(channel: ChannelName, text: string): Item {
    return this.#byText.get(`${channel} ${text}`) ?? fail(`nobody published ${text}`)
  }
}
