// JSON text in the original's normal form: one line, members sorted by the bytes of their keys, the last of equal
// keys, only the escapes that JSON needs, with hexadecimal digits in upper case. Numbers keep the text that they came
// with. Keys never become properties of an object, so `__proto__` is a key like any other.

/** One member of an object: its key, and its value as normal JSON text. */
export interface Member {
  readonly key: string
  readonly text: string
}

/** Deeper text would only be there to exhaust the stack. */
const depthMax = 128

const quote = 0x22
const backslash = 0x5c

/** Undefined: it is not JSON in UTF-8, too deep, or holds half of a surrogate pair. */
export function parseJson(text: string): JsonText | undefined {
  try {
    JSON.parse(text)
  } catch {
    return undefined
  }
  if (depthOf(text) > depthMax) return undefined
  const json = new JsonText(text)
  return json.normal().isWellFormed() ? json : undefined
}

/** One text that is known to be JSON. */
export class JsonText {
  readonly #text: string
  #at = 0
  #normal: string | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** The whole text in normal form. */
  normal(): string {
    if (this.#normal !== undefined) return this.#normal
    this.#at = 0
    this.#normal = this.#value()
    return this.#normal
  }

  get isObject(): boolean {
    return this.normal().startsWith('{')
  }

  /** Those of an object, sorted; none where it is something else. */
  members(): readonly Member[] {
    if (!this.isObject) return []
    this.#at = 0
    this.#peek()
    return inOrder(this.#members())
  }

  /** The next code unit that is no white space. */
  #peek(): number {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit
      this.#at++
    }
  }

  #value(): string {
    const unit = this.#peek()
    if (unit === quote) return normalString(this.#string())
    if (unit === 0x7b) return objectText(inOrder(this.#members()))
    if (unit === 0x5b) return `[${this.#elements().join(',')}]`
    const start = this.#at
    while (this.#at < this.#text.length && !/[\s,\]}]/.test(this.#text.charAt(this.#at))) this.#at++
    return this.#text.slice(start, this.#at)
  }

  #members(): Member[] {
    const members: Member[] = []
    this.#at++
    while (this.#peek() !== 0x7d) {
      const key: string = JSON.parse(this.#string())
      this.#peek()
      this.#at++ // the colon
      members.push({ key, text: this.#value() })
      if (this.#peek() === 0x2c) this.#skipComma()
    }
    this.#at++
    return members
  }

  #elements(): string[] {
    const elements: string[] = []
    this.#at++
    while (this.#peek() !== 0x5d) {
      elements.push(this.#value())
      if (this.#peek() === 0x2c) this.#skipComma()
    }
    this.#at++
    return elements
  }

  #skipComma(): void {
    this.#at++
    this.#peek()
  }

  /** With its quotes, as it stands. */
  #string(): string {
    const start = this.#at++
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at++)
      if (unit === quote) return this.#text.slice(start, this.#at)
      if (unit === backslash) this.#at++
    }
  }
}

export function objectText(members: readonly Member[]): string {
  return `{${members.map(({ key, text }) => `${unescaped(key)}:${text}`).join(',')}}`
}

/** The members with another one, in its place; one of the same key goes. */
export function withMember(members: readonly Member[], member: Member): readonly Member[] {
  return inOrder([...members, member])
}

/** A text as a JSON string in normal form. */
export function stringText(value: string): string {
  const text = JSON.stringify(value)
  if (!text.includes('\\u00')) return text
  // An escaped backslash is taken whole, so that what follows it is not taken for an escape.
  return text.replace(/\\(?:u(00[0-9a-f]{2})|.)/g, (whole, digits?: string) =>
    digits === undefined ? whole : `\\u${digits.toUpperCase()}`,
  )
}

function normalString(raw: string): string {
  return raw.includes('\\') ? unescaped(JSON.parse(raw)) : raw
}

/** Half a pair stays one, so that the caller can see it: JSON.stringify would hide it in an escape. */
function unescaped(value: string): string {
  return value.isWellFormed() ? stringText(value) : `"${value}"`
}

function inOrder(members: readonly Member[]): readonly Member[] {
  return members
    .toSorted((one, other) => compareKeys(one.key, other.key))
    .filter(({ key }, index, all) => key !== all[index + 1]?.key)
}

/** By code units, which is the order of UTF-8 but for surrogates. */
function compareKeys(one: string, other: string): number {
  if (one === other) return 0
  if (surrogate.test(one) || surrogate.test(other))
    return Buffer.compare(Buffer.from(one), Buffer.from(other))
  return one < other ? -1 : 1
}

const surrogate = /[\ud800-\udfff]/

function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isString) {
      if (unit === backslash) at++
      else if (unit === quote) isString = false
    } else if (unit === quote) {
      isString = true
    } else if (unit === 0x7b || unit === 0x5b) {
      deepest = Math.max(deepest, ++depth)
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--
    }
  }
  return deepest
}
