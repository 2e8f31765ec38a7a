// JSON text in the original's normal form: one line, members sorted by the bytes of their keys, the last of equal
// keys, only the escapes that JSON needs, with hexadecimal digits in upper case. Numbers keep the text that they came
// with. Keys never become properties of an object, so `__proto__` is a key like any other. A text is judged at once and
// written anew only where somebody needs it: most of what is refused is refused without.
import { isJson } from '../../std/json-check.ts'
import { skipBlanks } from '../../std/json-tokens.ts'
import {
  enough,
  halfPairAt,
  meaningOf,
  passScalar,
  passString,
  passValue,
  walkList,
  walkObject,
} from '../../std/json-walk.ts'
import { normalString, stringText } from './json-string.ts'

const openBrace = 0x7b
const openBracket = 0x5b
const quote = 0x22

/** One member of an object: its key, and its value as normal JSON text. */
export interface Member {
  readonly key: string
  readonly text: string
}

/** Undefined: it is not JSON in UTF-8, too deep, or holds half of a surrogate pair. */
export function parseJson(text: string): JsonText | undefined {
  if (!isJson(text) || !text.isWellFormed() || halfPairAt(text) !== -1) return undefined
  return new JsonText(text)
}

/** One text that is known to be JSON. */
export class JsonText {
  readonly #text: string
  /** Where its value begins. */
  readonly #start: number
  /** Behind the value that was read last. */
  #end = 0
  #normal: string | undefined

  constructor(text: string) {
    this.#text = text
    this.#start = skipBlanks(text, 0)
  }

  /** The whole text in normal form. */
  normal(): string {
    this.#normal ??= this.#value(this.#start)
    return this.#normal
  }

  get isObject(): boolean {
    return this.#text.charCodeAt(this.#start) === openBrace
  }

  /** Those of an object, sorted and in normal form; none where it is something else. */
  members(): readonly Member[] {
    return this.isObject ? inOrder(this.#members(this.#start)) : []
  }

  /** The value of one member of an object as it came, of equal keys the last one: nothing is kept of the others. */
  part(wanted: string): string | undefined {
    let text: string | undefined
    if (!this.isObject) return text
    walkObject(this.#text, this.#start, (key, at) => {
      const end = passValue(this.#text, at)
      if (key === wanted) text = this.#text.slice(at, end)
      return end
    })
    return text
  }

  /** A list of texts, or one text; undefined where it is something else, or has more: read as far as that takes. */
  texts(countMax: number): readonly string[] | undefined {
    const unit = this.#text.charCodeAt(this.#start)
    if (unit === quote) return [meaningOf(this.#string(this.#start))]
    return unit === openBracket ? this.#textsOfList(countMax) : undefined
  }

  #textsOfList(countMax: number): readonly string[] | undefined {
    const texts: string[] = []
    const end = walkList(this.#text, this.#start, at => {
      if (this.#text.charCodeAt(at) !== quote || texts.length === countMax) return enough
      texts.push(meaningOf(this.#string(at)))
      return this.#end
    })
    return end === enough ? undefined : texts
  }

  #value(at: number): string {
    const unit = this.#text.charCodeAt(at)
    if (unit === quote) return normalString(this.#string(at))
    if (unit === openBrace) return objectText(inOrder(this.#members(at)))
    if (unit === openBracket) return this.#list(at)
    this.#end = passScalar(this.#text, at)
    return this.#text.slice(at, this.#end)
  }

  /** Of the object that begins there. Of equal keys the last one is kept. */
  #members(start: number): Map<string, string> {
    const members = new Map<string, string>()
    this.#end = walkObject(this.#text, start, (key, at) => {
      members.set(key, this.#value(at))
      return this.#end
    })
    return members
  }

  /** Added up, not joined: joined anew on each level, a deep text would be copied a hundred times. */
  #list(start: number): string {
    let elements = ''
    this.#end = walkList(this.#text, start, at => {
      const element = this.#value(at)
      elements += elements === '' ? element : `,${element}`
      return this.#end
    })
    return `[${elements}]`
  }

  /** With its quotes, as it stands. */
  #string(start: number): string {
    this.#end = passString(this.#text, start)
    return this.#text.slice(start, this.#end)
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
