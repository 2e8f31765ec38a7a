// Decodes server-sent events (HTML standard, section 9.2.6) out of bytes that come in any pieces.

/** One event. Its fields are as they were sent; an empty `name` stands for the ordinary one. */
export interface StreamItem {
  readonly name: string
  /** The last id that the stream gave, with this event or before. */
  readonly id: string
  readonly data: string
  /** Said with this very event: milliseconds to wait before the stream is asked for again. */
  readonly retryMs?: number
}

/** Characters of one event, or of one line. A request body has 16 MiB at most, and an event carries one publication. */
const itemLengthMax = 32 * 1_048_576

export class StreamDecoder {
  readonly #lengthMax: number
  /** Holds back the first bytes of a character that is not complete, and drops a byte order mark. */
  readonly #text = new TextDecoder()
  /** The line that has no end yet. */
  #rest = ''
  /** The last piece ended in a carriage return: a line feed that follows belongs to it. */
  #afterReturn = false
  #name = ''
  #id = ''
  #data: string[] = []
  #length = 0
  #retryMs: number | undefined

  constructor(lengthMax: number = itemLengthMax) {
    this.#lengthMax = lengthMax
  }

  /** The events that are complete with these bytes. Throws a RangeError where one is too long. */
  push(bytes: Uint8Array): readonly StreamItem[] {
    let text = this.#text.decode(bytes, { stream: true })
    if (text === '') return []
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1)
    this.#afterReturn = text === '' ? false : text.endsWith('\r')
    // Only what is new is searched, so that a long line costs no more in many pieces.
    const [first = '', ...more] = text.split(/\r\n|\r|\n/)
    const lines = [this.#rest + first, ...more]
    this.#rest = lines.pop() ?? ''
    const items = lines.map(line => this.#take(line)).filter(item => item !== undefined)
    if (this.#length + this.#rest.length > this.#lengthMax) this.#refuse()
    return items
  }

  #take(line: string): StreamItem | undefined {
    if (line === '') return this.#dispatch()
    this.#length += line.length
    if (this.#length > this.#lengthMax) this.#refuse()
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') this.#name = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.#retryMs = Number(value)
    // Comments (an empty field) and fields of later standards mean nothing here.
    return undefined
  }

  /** An event without data is none. */
  #dispatch(): StreamItem | undefined {
    const retryMs = this.#retryMs
    const event = { name: this.#name, id: this.#id, data: this.#data.join('\n') }
    const item = retryMs === undefined ? event : { ...event, retryMs }
    const isEmpty = this.#data.length === 0
    this.#retryMs = undefined
    this.#name = ''
    this.#data = []
    this.#length = 0
    return isEmpty ? undefined : item
  }

  #refuse(): never {
    throw new RangeError(`an event of the stream is longer than ${this.#lengthMax} characters`)
  }
}
