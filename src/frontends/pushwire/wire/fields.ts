// The members of one operation, read out of JSON text that is known to be some (contract §1.4): nothing is made of what
// nobody asks for, so a stranger's object of half a million members costs its length alone. A member that is `null` is
// missing. The first one that does not fit is remembered, and whoever decodes asks for it once, at the end.
import {
  enough,
  passScalar,
  passString,
  passValue,
  stringAt,
  walkList,
  walkObject,
} from '../../../std/json-walk.ts'
import { ownText } from '../../../std/own-text.ts'

const openBrace = 0x7b
const openBracket = 0x5b

/** In a list or a map. A configuration has 255 channels at most; a client of several of them may name more. */
export const namesMax = 1_024
/** Of the name of a channel in the configuration, and of a word in `features`. */
export const nameUnitsMax = 64
/** Of a text that people read. */
export const textUnitsMax = 256

/** How the engine writes epochs; nothing else is one. */
const epochForm = /^[\w-]{1,64}$/

/** Fields of all operations: of other members not even the place is kept. */
const known: ReadonlySet<string> = new Set([
  'client_id',
  'token',
  'capabilities',
  'resume_cursor',
  'resume_cursors',
  'resume_epochs',
  'window',
  'channel',
  'cursor',
  'from_cursor',
  'channels',
  'status',
  'detail',
  'supported',
  'requested',
  'reason',
])

export class Fields {
  readonly #text: string
  /** Where values begin, of equal names the last one. */
  readonly #places = new Map<string, number>()
  #wrong: string | undefined

  /** `start`: of the object, or of `null`, which is an empty one; undefined where there is none. */
  constructor(text: string, start: number | undefined) {
    this.#text = text
    if (start === undefined || text.startsWith('null', start)) return
    if (text.charCodeAt(start) !== openBrace) {
      this.#wrong = 'content'
      return
    }
    walkObject(text, start, (name, at) => {
      if (known.has(name)) this.#places.set(name, at)
      return passValue(text, at)
    })
  }

  /** The first member that is missing or does not fit. */
  get wrong(): string | undefined {
    return this.#wrong
  }

  /** What is too long for people is cut. */
  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, '')
  }

  optionalText(name: string): string | undefined {
    const text = this.whole(name)
    return text === undefined ? undefined : cut(text, textUnitsMax)
  }

  /** As long as the message lets it be. */
  whole(name: string): string | undefined {
    const at = this.#find(name)
    if (at === undefined) return undefined
    return this.#stringAt(at) ?? this.#refuse(name, undefined)
  }

  /** Undefined too where it is no text. */
  textIfAny(name: string): string | undefined {
    const at = this.#find(name)
    return at === undefined ? undefined : this.#stringAt(at)
  }

  /** Of a channel. */
  name(name: string): string {
    const text = this.whole(name)
    return text === undefined ? this.#refuse(name, '') : nameOf(text)
  }

  cursor(name: string): number {
    return this.optionalNumber(name, Number.MAX_SAFE_INTEGER) ?? this.#refuse(name, 0)
  }

  /** An integer that is not negative, written as one. */
  optionalNumber(name: string, max: number): number | undefined {
    const at = this.#find(name)
    if (at === undefined) return undefined
    return this.#numberAt(at, max) ?? this.#refuse(name, undefined)
  }

  /** Each once. */
  names(name: string): readonly string[] {
    const at = this.#find(name)
    if (at === undefined) return []
    const names = new Set<string>()
    let count = 0
    const isList = this.#text.charCodeAt(at) === openBracket
    const end = !isList
      ? enough
      : walkList(this.#text, at, element => {
          const text = count++ === namesMax ? undefined : this.#stringAt(element)
          if (text === undefined) return enough
          names.add(nameOf(text))
          return passString(this.#text, element)
        })
    return end === enough ? this.#refuse(name, []) : [...names]
  }

  cursors(name: string): ReadonlyMap<string, number> {
    return this.#map(name, at => this.#numberAt(at, Number.MAX_SAFE_INTEGER))
  }

  epochs(name: string): ReadonlyMap<string, string> {
    return this.#map(name, at => {
      const text = this.#stringAt(at)
      return text !== undefined && epochForm.test(text) ? ownText(text) : undefined
    })
  }

  /** By names of channels. */
  #map<Value>(name: string, read: (at: number) => Value | undefined): ReadonlyMap<string, Value> {
    const values = new Map<string, Value>()
    const start = this.#find(name)
    if (start === undefined) return values
    if (this.#text.charCodeAt(start) !== openBrace) return this.#refuse(name, values)
    let count = 0
    walkObject(this.#text, start, (member, at) => {
      if (count++ >= namesMax) this.#refuse(name, undefined)
      else if (!this.#isNull(at)) {
        const value = read(at)
        if (value === undefined) this.#refuse(name, undefined)
        else values.set(nameOf(member), value)
      }
      return passValue(this.#text, at)
    })
    return values
  }

  /** Undefined where it is missing. */
  #find(name: string): number | undefined {
    const at = this.#places.get(name)
    return at === undefined || this.#isNull(at) ? undefined : at
  }

  #isNull(at: number): boolean {
    return this.#text.startsWith('null', at)
  }

  #stringAt(at: number): string | undefined {
    return stringAt(this.#text, at)
  }

  /** JSON has no zeros in front. What has more digits than a safe integer is larger than each of them. */
  #numberAt(at: number, max: number): number | undefined {
    const digits = this.#text.slice(at, passScalar(this.#text, at))
    const value = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY
    return value <= max ? value : undefined
  }

  #refuse<Value>(name: string, instead: Value): Value {
    this.#wrong ??= name
    return instead
  }
}

/**
 * The name of a channel as a client said it, holding nothing of its message. A longer one than any channel has stays
 * none: it is an unknown name like others, which an `error` may repeat.
 */
export function nameOf(text: string): string {
  return ownText(text.length <= nameUnitsMax ? text : `${cut(text, nameUnitsMax)}…`)
}

/** As many UTF-16 units at most, with no half of a pair at the end. */
export function cut(text: string, unitsMax: number): string {
  return text.length <= unitsMax ? text : text.slice(0, unitsMax).toWellFormed()
}
