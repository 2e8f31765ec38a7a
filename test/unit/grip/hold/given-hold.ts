// What holds are made of, for tests: items, channels that are held, and an answer that a test opens and closes.

import { parseChannelName } from '../../../../src/engine/words/publication.ts'
import type { Held } from '../../../../src/frontends/grip/hold/hold.ts'
import type { Hold, Instruct } from '../../../../src/frontends/grip/instruct/instruct.ts'
import { Batch } from '../../../../src/frontends/grip/item/batch.ts'
import type { Item, ResponseFormat, StreamFormat } from '../../../../src/frontends/grip/item/item.ts'
import type { GateResponse } from '../../../../src/net/gate/gate-exchange.ts'

type Ids = Partial<Pick<Item, 'id' | 'prevId' | 'noSeq'>>

export function itemWith(formats: Pick<Item, 'stream' | 'response'>, ids: Ids = {}): Item {
  return { channel: 'a', noSeq: false, meta: new Map(), ...formats, ...ids }
}

export function content(text: string, ids: Ids = {}): Item {
  return itemWith({ stream: { action: 'send', content: Buffer.from(text) } satisfies StreamFormat }, ids)
}

export function response(text: string, ids: Ids = {}): Item {
  const format = { action: 'send', code: 200, reason: 'OK', headers: [], body: Buffer.from(text) } as const
  return itemWith({ response: format satisfies ResponseFormat }, ids)
}

export function batchOf(...items: readonly Item[]): Batch {
  return new Batch(items.map((item, offset) => ({ item, offset })))
}

export function held(name: string, ids: Partial<Pick<Held, 'prevId' | 'lastId'>> = {}): Held {
  const full = parseChannelName(name)
  if (full === undefined) throw new Error(`no channel: ${name}`)
  return { full, name, filters: [], prevId: ids.prevId, lastId: ids.lastId, isResumed: false }
}

export function holdOf(more: Partial<Hold> = {}): Hold {
  return { mode: 'stream', channels: [], timeoutMs: 55_000, meta: new Map(), ...more }
}

export function instructOf(more: Partial<Instruct> = {}): Instruct {
  return { hold: holdOf(), ignoredChannels: 0, ...more }
}

/** Each write is kept, and what becomes of the answer behind them. */
export class FakeResponse implements GateResponse {
  readonly waitingBytes = 0
  readonly isChunked: boolean
  readonly written: string[] = []
  isWritable = true
  /** What the client's leaving does, which a write may find out. */
  onWrite: () => void = () => {}
  #drained: (() => void) | undefined

  constructor(isChunked = true) {
    this.isChunked = isChunked
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString())
    this.onWrite()
    return this.isWritable
  }

  writeRaw(chunk: Uint8Array): boolean {
    this.written.push(`raw:${Buffer.from(chunk)}`)
    this.onWrite()
    return this.isWritable
  }

  onDrained(callback: () => void): void {
    this.#drained = callback
  }

  end(): void {
    this.written.push('END')
  }

  abort(): void {
    this.written.push('CUT')
  }

  drain(): void {
    const drained = this.#drained
    this.#drained = undefined
    this.isWritable = true
    drained?.()
  }
}
