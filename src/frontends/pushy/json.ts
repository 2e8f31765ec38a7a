// JSON text in the original's normal form: one line, members sorted by the bytes of their keys, the last of equal
// keys, only the escapes that JSON needs, with hexadecimal digits in upper case. Numbers keep the text that they came
// with. Keys never become properties of an object, so `__proto__` is a key like any other. A text is judged at once and
// written anew only where somebody needs it: most of what is refused is refused without.
import { isJson } from '../../std/json-check.ts'
import { endOfString, hasHalfPair, meaningOf, normalString, quoteUnit, stringText } from './json-string.ts'

/** One member of an object: its key, and its value as normal JSON text. */
export interface Member {
  readonly key: string
  readonly text: string
}

const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/** Undefined: it is not JSON in UTF-8, too deep, or holds half of a surrogate pair. */
export function parseJson(text: string): JsonText | undefined {
  if (!isJson(text) || !text.isWellFormed() || hasHalfPair(text)) return undefined
  return new JsonText(text)
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
    this.#at = 0
    this.#normal ??= this.#value()
    return this.#normal
  }

  get isObject(): boolean {
    this.#at = 0
    return this.#peek() === openBrace
  }

  /** Those of an object, sorted and in normal form; none where it is something else. */
  members(): readonly Member[] {
    return this.isObject ? inOrder(this.#members()) : []
  }

  /** The value of one member of an object as it came, of equal keys the last one: nothing is kept of the others. */
  part(wanted: string): string | undefined {
    let found: string | undefined
    if (!this.isObject) return found
    this.#eachMember(key => {
      const text = this.#raw()
      if (key === wanted) found = text
    })
    return found
  }

  /** A list of texts, or one text; undefined where it is something else, or has more: read as far as that takes. */
  texts(countMax: number): readonly string[] | undefined {
    this.#at = 0
    if (this.#peek() === quoteUnit) return [meaningOf(this.#string())]
    if (this.#peek() !== openBracket) return undefined
    const texts: string[] = []
    this.#at++
    while (this.#peek() !== closeBracket) {
      if (this.#peek() !== quoteUnit || texts.length === countMax) return undefined
      texts.push(meaningOf(this.#string()))
      if (this.#peek() === comma) this.#skipComma()
    }
    return texts
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
    if (unit === quoteUnit) return normalString(this.#string())
    if (unit === openBrace) return objectText(inOrder(this.#members()))
    return unit === openBracket ? this.#list() : this.#scalar()
  }

  /** A value as it stands. */
  #raw(): string {
    const unit = this.#peek()
    if (unit === quoteUnit) return this.#string()
    if (unit !== openBrace && unit !== openBracket) return this.#scalar()
    const start = this.#at
    this.#at = endOf(this.#text, start)
    return this.#text.slice(start, this.#at)
  }

  /** At an object. Of equal keys the last one is kept. */
  #members(): Map<string, string> {
    const members = new Map<string, string>()
    this.#eachMember(key => members.set(key, this.#value()))
    return members
  }

  /** At an object; `take` reads the value of the key. */
  #eachMember(take: (key: string) => void): void {
    this.#at++
    while (this.#peek() !== closeBrace) {
      const key = meaningOf(this.#string())
      this.#peek()
      this.#at++ // the colon
      take(key)
      if (this.#peek() === comma) this.#skipComma()
    }
    this.#at++
  }

  /** Added up, not joined: joined anew on each level, a deep text would be copied a hundred times. */
  #list(): string {
    let elements = ''
    this.#at++
    while (this.#peek() !== closeBracket) {
      const element = this.#value()
      elements += elements === '' ? element : `,${element}`
      if (this.#peek() === comma) this.#skipComma()
    }
    this.#at++
    return `[${elements}]`
  }

  #skipComma(): void {
    this.#at++
    this.#peek()
  }

  /** A number, true, false or null: up to white space, a comma or a bracket, all of which JSON has outside of them. */
  #scalar(): string {
    const text = this.#text
    const start = this.#at
    let at = start
    for (let unit = text.charCodeAt(at); unit > 0x20; unit = text.charCodeAt(++at)) {
      if (unit === comma || unit === closeBrace || unit === closeBracket) break
    }
    this.#at = at
    return text.slice(start, at)
  }

  /** With its quotes, as it stands. */
  #string(): string {
    const start = this.#at
    this.#at = endOfString(this.#text, start)
    return this.#text.slice(start, this.#at)
  }
}

/** Added up like a list. */
export function objectText(members: readonly Member[]): string {
  let all = ''
  for (const { key, text } of members) all += `${all === '' ? '' : ','}${stringText(key)}:${text}`
  return `{${all}}`
}

/** Sorted members with another one, in its place; one of the same key goes. Its key has no surrogates. */
export function withMember(members: readonly Member[], member: Member): readonly Member[] {
  const found = members.findIndex(({ key }) => key >= member.key)
  const at = found === -1 ? members.length : found
  return members.toSpliced(at, members[at]?.key === member.key ? 1 : 0, member)
}

/** By code units, which is the order of UTF-8 but for surrogates: those stand behind what is above them. */
function inOrder(members: ReadonlyMap<string, string>): readonly Member[] {
  if (members.size === 0) return []
  const keys = [...members.keys()]
  if (keys.some(key => surrogate.test(key))) {
    const bytes = new Map(keys.map(key => [key, Buffer.from(key).toString('latin1')]))
    keys.sort((one, other) => ((bytes.get(one) ?? '') < (bytes.get(other) ?? '') ? -1 : 1))
  } else {
    keys.sort()
  }
  return keys.map(key => ({ key, text: members.get(key) ?? '' }))
}

const surrogate = /[\ud800-\udfff]/

/** Where the object or list that begins at `start` is over. */
function endOf(text: string, start: number): number {
  let depth = 0
  for (let at = start; ; at++) {
    const unit = text.charCodeAt(at)
    if (unit === quoteUnit) at = endOfString(text, at) - 1
    else if (unit === openBrace || unit === openBracket) depth++
    else if ((unit === closeBrace || unit === closeBracket) && --depth === 0) return at + 1
  }
}
