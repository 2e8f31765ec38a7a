// Members of JSON objects with the original's complaints (contract §5.10, §6.3). The first complaint is the one that is
// told, so a reader may go on as if nothing were wrong and look at the end. Where there are bytes in place of texts, as in
// tnetstrings (§6.6), they are texts of UTF-8, and contents as they are.

export type Fields = Readonly<Record<string, unknown>>

/** Undefined where it is no object; a list and null are none. */
export function fieldsIn(value: unknown): Fields | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && !(value instanceof Uint8Array) ? (value as Fields) : undefined // an object has members
}

/** Collects what is wrong with one document, and knows only the first thing. */
export class Complaints {
  #first: string | undefined

  /** Undefined as long as nothing is wrong. It may be empty. */
  get first(): string | undefined {
    return this.#first
  }

  /** Returns undefined, for whoever has no value then. */
  add(text: string): undefined {
    this.#first ??= text
    return undefined
  }

  wrongType(what: string, key: string): undefined {
    return this.add(`${what} contains '${key}' with wrong type`)
  }

  wrongValue(what: string, key: string): undefined {
    return this.add(`${what} contains '${key}' with invalid value`)
  }

  missing(what: string, ...keys: readonly string[]): undefined {
    return this.add(`${what} does not contain ${alternatives(keys)}`)
  }
}

/** `'a'`, `'a' or 'b'`, `'a', 'b', or 'c'`. */
function alternatives(keys: readonly string[]): string {
  const quoted = keys.map(key => `'${key}'`)
  if (quoted.length < 3) return quoted.join(' or ')
  return `${quoted.slice(0, -1).join(', ')}, or ${quoted.at(-1)}`
}

/** One object of a document: `what` names it in complaints. Absent members are undefined; null is a wrong type. */
export class Members {
  readonly #fields: Fields
  readonly #what: string
  readonly #complaints: Complaints

  constructor(fields: Fields, what: string, complaints: Complaints) {
    this.#fields = fields
    this.#what = what
    this.#complaints = complaints
  }

  has(key: string): boolean {
    return this.#fields[key] !== undefined
  }

  /** Well-formed: what is kept and sent is UTF-8. */
  text(key: string): string | undefined {
    const value = this.#fields[key]
    if (value === undefined) return undefined
    return textOf(value) ?? this.#complaints.wrongType(this.#what, key)
  }

  /** One of these words. */
  choice<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const text = this.text(key)
    const word = words.find(each => each === text)
    return word === undefined && text !== undefined ? this.#complaints.wrongValue(this.#what, key) : word
  }

  flag(key: string): boolean | undefined {
    const value = this.#fields[key]
    if (value === undefined || typeof value === 'boolean') return value
    return this.#complaints.wrongType(this.#what, key)
  }

  list(key: string): readonly unknown[] | undefined {
    const value = this.#fields[key]
    if (value === undefined || Array.isArray(value)) return value
    return this.#complaints.wrongType(this.#what, key)
  }

  object(key: string): Fields | undefined {
    const value = this.#fields[key]
    if (value === undefined) return undefined
    return fieldsIn(value) ?? this.#complaints.wrongType(this.#what, key)
  }

  /**
   * A whole number up to `max` from a number, a fraction rounded, or from a text of digits. `otherwise` stands for a text
   * that is no number; without it such a text has an invalid value.
   */
  integer(key: string, max: number, otherwise = Number.NaN): number | undefined {
    const value = this.#fields[key]
    if (value === undefined) return undefined
    const text = textOf(value)
    if (typeof value !== 'number' && text === undefined) {
      return this.#complaints.wrongType(this.#what, key)
    }
    const number = typeof value === 'number' ? Math.round(value) : integerIn(text ?? '', otherwise)
    // Rounding makes a negative zero of some fractions.
    return number >= 0 && number <= max ? number + 0 : this.#complaints.wrongValue(this.#what, key)
  }

  /** Text as UTF-8 from the first of the two members that is there, or bytes as base64 from the other. */
  content(textKey: string, bytesKey: string): Uint8Array | undefined {
    const value = this.#fields[textKey]
    if (value instanceof Uint8Array) return value
    if (value !== undefined) return encoded(this.text(textKey), 'utf8')
    return encoded(this.text(bytesKey), 'base64')
  }

  /** An object of texts. */
  texts(key: string): ReadonlyMap<string, string> {
    const texts = new Map<string, string>()
    for (const [name, value] of Object.entries(this.object(key) ?? {})) {
      const text = textOf(value)
      if (text !== undefined) texts.set(name.toWellFormed(), text)
      else return this.#complaints.wrongType(`'${key}'`, name) ?? texts
    }
    return texts
  }

  /** A list of texts. */
  textList(key: string): readonly string[] | undefined {
    const list = this.list(key)
    const texts = list?.flatMap(element => textOf(element) ?? [])
    if (texts?.length === list?.length) return texts
    return this.#complaints.add(`${key} contains element with wrong type`)
  }

  /** Headers as a list of pairs or as an object, to a raw list of names and values, which are text still. */
  headers(): readonly string[] {
    const value = this.#fields['headers']
    if (value === undefined) return []
    if (Array.isArray(value)) return value.flatMap((pair: unknown) => this.#pair(pair) ?? [])
    const object = this.object('headers') ?? {}
    return Object.entries(object).flatMap(([name, value]) => {
      const text = textOf(value)
      if (text !== undefined) return [name.toWellFormed(), text]
      return this.#complaints.wrongType('headers', name) ?? []
    })
  }

  #pair(pair: unknown): readonly string[] | undefined {
    if (!Array.isArray(pair)) return this.#complaints.add('headers contains element with wrong type')
    if (pair.length !== 2) {
      return this.#complaints.add('headers contains list with wrong number of elements')
    }
    const [name, value] = [textOf(pair[0]), textOf(pair[1])]
    if (name !== undefined && value !== undefined) return [name, value]
    return this.#complaints.add('headers contains element with wrong type')
  }
}

/** Half of a surrogate pair becomes U+FFFD, and so do bytes that are no UTF-8. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toWellFormed()
  if (!(value instanceof Uint8Array)) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')
}

function integerIn(text: string, otherwise: number): number {
  return /^\s*[+-]?\d{1,15}\s*$/.test(text) ? Number(text) : otherwise
}

/** Base64 is lenient: what is in no alphabet is skipped. */
function encoded(text: string | undefined, encoding: 'utf8' | 'base64'): Uint8Array | undefined {
  return text === undefined ? undefined : Buffer.from(text, encoding)
}
