// Tnetstrings (contract §6.6): LENGTH, a colon, so many bytes, and a byte that says what they are. Strict: what is accepted has
// one spelling, but for numbers, and its depth is bounded; its size is by whoever has the bytes.

export type Tnet = Uint8Array | string | number | boolean | null | readonly Tnet[] | TnetMap

export interface TnetMap {
  readonly [name: string]: Tnet
}

/** Deeper is nothing that anybody publishes: formats, response, headers, pair and text make six. */
const depthMax = 32

/** Nine digits, as the form's own description has it. */
const lengthDigitsMax = 9

const code = (character: string) => character.charCodeAt(0)
const [colon, comma, hash, caret, bang, tilde, brace, bracket] = [':', ',', '#', '^', '!', '~', '}', ']'].map(
  code,
)

/** Bytes in it are views. Undefined: it is none, or more than one, or nested too deep. Names of a map are UTF-8. */
export function parseTnetstring(bytes: Uint8Array): { readonly value: Tnet } | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const reader = new Reader(buffer)
  const value = reader.read(0, buffer.length, depthMax)
  return value === undefined || reader.at !== buffer.length ? undefined : { value }
}

class Reader {
  readonly #bytes: Buffer
  /** Behind what was read last. */
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** One element between `from` and `end`; undefined: there is none. */
  read(from: number, end: number, depth: number): Tnet | undefined {
    const start = this.#startOf(from, end)
    if (start === undefined || depth === 0) return undefined
    const stop = start + Number(this.#bytes.toString('latin1', from, start - 1))
    if (stop >= end) return undefined
    const value = this.#valueOf(this.#bytes[stop], start, stop, depth)
    this.at = stop + 1
    return value
  }

  /** Behind the colon. A length has no zero in front. */
  #startOf(from: number, end: number): number | undefined {
    let at = from
    while (at < end && isDigit(this.#bytes[at])) at++
    const digits = at - from
    const isLength =
      digits > 0 && digits <= lengthDigitsMax && (digits === 1 || this.#bytes[from] !== code('0'))
    return isLength && at < end && this.#bytes[at] === colon ? at + 1 : undefined
  }

  #valueOf(type: number | undefined, start: number, stop: number, depth: number): Tnet | undefined {
    switch (type) {
      case comma:
        return this.#bytes.subarray(start, stop)
      case hash:
        return numberOf(this.#bytes.toString('latin1', start, stop), /^-?\d{1,16}$/)
      case caret:
        return numberOf(
          this.#bytes.toString('latin1', start, stop),
          /^-?\d{1,32}(?:\.\d{1,32})?(?:[eE][+-]?\d{1,3})?$/,
        )
      case bang:
        return wordOf(this.#bytes.toString('latin1', start, stop))
      case tilde:
        return start === stop ? null : undefined
      case brace:
        return this.#mapOf(start, stop, depth - 1)
      case bracket:
        return this.#listOf(start, stop, depth - 1)
      default:
        return undefined
    }
  }

  #listOf(start: number, stop: number, depth: number): readonly Tnet[] | undefined {
    const list: Tnet[] = []
    for (let at = start; at < stop; at = this.at) {
      const element = this.read(at, stop, depth)
      if (element === undefined) return undefined
      list.push(element)
    }
    return list
  }

  /** Of equal names the last one counts, as in JSON. */
  #mapOf(start: number, stop: number, depth: number): TnetMap | undefined {
    const members: [string, Tnet][] = []
    for (let at = start; at < stop; at = this.at) {
      const name = this.read(at, stop, depth)
      if (!(name instanceof Uint8Array)) return undefined
      const value = this.read(this.at, stop, depth)
      if (value === undefined) return undefined
      members.push([Buffer.from(name.buffer, name.byteOffset, name.length).toString('utf8'), value])
    }
    return Object.fromEntries(members)
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

/** One that cannot be kept exactly is none. */
function numberOf(text: string, form: RegExp): number | undefined {
  const number = form.test(text) ? Number(text) : Number.NaN
  const isInteger = !/[.eE]/.test(text)
  return Number.isFinite(number) && (!isInteger || Number.isSafeInteger(number)) ? number : undefined
}

function wordOf(text: string): boolean | undefined {
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** Texts become UTF-8. Members come in the order that the object has. */
export function formatTnetstring(value: Tnet): Buffer {
  if (value instanceof Uint8Array) return framed(value, ',')
  if (typeof value === 'string') return framed(Buffer.from(value), ',')
  if (typeof value === 'number')
    return framed(Buffer.from(String(value)), Number.isInteger(value) ? '#' : '^')
  if (typeof value === 'boolean') return framed(Buffer.from(String(value)), '!')
  if (value === null) return framed(Buffer.alloc(0), '~')
  if (isList(value)) return framed(Buffer.concat(value.map(formatTnetstring)), ']')
  const members = Object.entries(value).flatMap(([name, member]) => [
    formatTnetstring(name),
    formatTnetstring(member),
  ])
  return framed(Buffer.concat(members), '}')
}

function framed(bytes: Uint8Array, type: string): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes, Buffer.from(type)])
}

/** `Array.isArray` does not narrow readonly lists. */
function isList(value: object): value is readonly Tnet[] {
  return Array.isArray(value)
}
