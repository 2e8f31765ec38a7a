// Whoever subscribes to the statistics of a daemon from its beginning on, in either format.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { Subscriber } from 'zeromq'
import { parseTnetstring, type Tnet } from '../../../src/frontends/grip/zmq/tnetstring.ts'
import { until } from '../../helpers/until.ts'
import type { ZmqFields } from './zmq-words.ts'

export type StatisticsFormat = 'json' | 'tnetstring'

interface Told {
  readonly type: string
  readonly fields: ZmqFields
}

/** A report comes every second, and what is told else within less. */
const waitMs = 20_000

export class StatisticsReader {
  readonly #socket = new Subscriber({ linger: 0 })
  readonly #format: StatisticsFormat
  readonly #told: Told[] = []
  readonly #found = new Set<Told>()
  #mistake: unknown

  constructor(spec: string, format: StatisticsFormat) {
    this.#format = format
    this.#socket.connect(spec)
    this.#socket.subscribe()
    this.#read().catch(error => {
      this.#mistake = error
    })
  }

  /** Nothing is told from before a subscription; `act` does what is told of. */
  async begin(act: () => Promise<void>): Promise<void> {
    await until('statistics', async () => {
      await act()
      return this.#told.length > 0
    })
  }

  close(): void {
    this.#socket.close()
  }

  /** Where whatever was told until now is past. */
  get end(): number {
    return this.#told.length
  }

  /** The first one behind `from` that is it, and was not found before. */
  async find(
    from: number,
    type: string,
    isIt: (fields: ZmqFields) => boolean,
    what: unknown,
  ): Promise<ZmqFields> {
    const found = () =>
      this.#told.slice(from).find(each => each.type === type && !this.#found.has(each) && isIt(each.fields))
    const failed = () => (this.#mistake === undefined ? false : Promise.reject(this.#mistake))
    const told = await until(JSON.stringify(what), async () => (await failed()) || found(), waitMs).catch(
      () => {},
    )
    if (told !== undefined) {
      this.#found.add(told)
      return told.fields
    }
    deepEqual(
      this.#told.slice(from).filter(each => each.type === type),
      what,
      `no ${type} is it`,
    )
    throw new Error('nothing came')
  }

  async #read(): Promise<void> {
    for await (const frames of this.#socket) {
      equal(frames.length, 1)
      const [frame = Buffer.alloc(0)] = frames
      const at = frame.indexOf(' ')
      const letter = String.fromCharCode(frame[at + 1] ?? 0)
      equal(letter, this.#format === 'json' ? 'J' : 'T')
      const { from, ...fields } = this.#parse(frame.subarray(at + 2))
      equal(typeof from, 'string')
      this.#told.push({ type: frame.toString('latin1', 0, at), fields })
    }
  }

  #parse(bytes: Buffer): ZmqFields {
    if (this.#format === 'json') return JSON.parse(String(bytes))
    const parsed = parseTnetstring(bytes)
    ok(parsed, String(bytes))
    return texts(parsed.value) as ZmqFields // a statistic is a map
  }
}

/** Bytes as text, and members in any order. */
export function texts(value: Tnet): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (Array.isArray(value)) return value.map(texts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, texts(member)]))
}
