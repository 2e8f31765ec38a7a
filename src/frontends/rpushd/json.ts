// Reads JSON text and writes it again in rpushd's normal form, in one pass: no white space, members sorted by
// the UTF-8 bytes of their keys, the last of equal keys, minimal escapes. Number text is kept as it was sent,
// where rpushd 1.0.3 reformats floats and rounds long integers; clients parse both to the same value or ours to
// a better one. Keys never become properties of an object, so `__proto__` is a key like any other.
// Stands beside the tokenizer of std: it judges, names faults as Rust does and writes, in one pass. On that tokenizer it
// was 3 to 10 % slower, and by a third where there are many numbers.
import { describe } from './json-fault.ts'
import { numberEnd, numberFault } from './json-number.ts'
import { inOrder, type Member } from './json-order.ts'
import { hasSurrogate, isSurrogate, readString, stringOf } from './json-string.ts'

/** rpushd 1.0.3 counts down from 128 and refuses at zero: 127 nested arrays or objects pass, 128 do not. */
const depthMax = 127

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

type Normalised =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly detail: string }

/** Normalises one JSON text. A failure's detail names the place, such as `expected value at line 1 column 5`. */
export function normalise(text: string): Normalised {
  const reader = new JsonReader(text)
  const value = reader.value()
  return reader.end() ? { ok: true, text: value } : { ok: false, detail: reader.failure }
}

/**
 * Reads one text front to back. After a failure `failure` is set, every value read is empty and every list is
 * cut short, so that a caller may read on and ask `end` once.
 */
export class JsonReader {
  failure = ''
  readonly #text: string
  #at = 0
  #depth = 0
  /** Whether the normal form differs from the text read since the innermost open array or object began. */
  #changed = false
  /** Whether a surrogate was read, without which the order of code units is the order of UTF-8. */
  #astral = false

  constructor(text: string) {
    this.#text = text
  }

  /** Skips white space and returns the code unit behind it; NaN at the end of the text. */
  peek(): number {
    const text = this.#text
    let at = this.#at
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) continue
      this.#changed ||= at !== this.#at
      this.#at = at
      return unit
    }
    this.#at = at
    return Number.NaN
  }

  /** The next value in normal form. */
  value(): string {
    const unit = this.peek()
    if (unit === quote) return this.#string()
    if (unit === openBrace) return this.#object()
    if (unit === openBracket) return this.#array()
    if (unit === 0x74) return this.#word('true')
    if (unit === 0x66) return this.#word('false')
    if (unit === 0x6e) return this.#word('null')
    return this.#number()
  }

  /** The members of the object that begins here, in the order of the text, equal keys included. */
  members(): Member[] {
    const members: Member[] = []
    for (let more = this.#open(closeBrace); more; more = this.#more(closeBrace, 'an object')) {
      if (this.peek() !== quote) this.#fail('key must be a string', 'an object')
      const name = this.failure === '' ? this.#string() : ''
      if (this.peek() === colon) this.#at++
      else this.#fail('expected `:`', 'an object')
      if (this.failure !== '') break
      members.push({ key: stringOf(name) ?? '', name, value: this.value() })
    }
    return members
  }

  /** The elements of the array that begins here. */
  elements(): string[] {
    const elements: string[] = []
    for (let more = this.#open(closeBracket); more; more = this.#more(closeBracket, 'a list')) {
      elements.push(this.value())
    }
    return elements
  }

  /** Whether the whole text was valid and read. */
  end(): boolean {
    if (this.failure === '' && !Number.isNaN(this.peek())) this.#fail('trailing characters', 'a value')
    return this.failure === ''
  }

  #object(): string {
    const start = this.#at
    const changedBefore = this.#changed
    this.#changed = false
    const members = this.members()
    if (this.failure !== '') return ''
    const sorted = inOrder(members, this.#astral)
    if (sorted !== members) this.#changed = true
    if (!this.#changed) {
      this.#changed = changedBefore
      return this.#text.slice(start, this.#at)
    }
    let text = '{'
    for (const { name, value } of sorted) text += `${text.length > 1 ? ',' : ''}${name}:${value}`
    return `${text}}`
  }

  #array(): string {
    const start = this.#at
    const changedBefore = this.#changed
    this.#changed = false
    const elements = this.elements()
    if (this.failure !== '') return ''
    if (this.#changed) return `[${elements.join(',')}]`
    this.#changed = changedBefore
    return this.#text.slice(start, this.#at)
  }

  #string(): string {
    const text = this.#text
    const start = this.#at
    for (let at = start + 1; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === quote) {
        this.#at = at + 1
        return text.slice(start, at + 1)
      }
      if (unit === backslash || unit < 0x20 || isSurrogate(unit)) break
    }
    const read = readString(text, start)
    if (read.fault !== '') return this.#fail(read.fault, 'a string', read.at)
    this.#at = read.at
    this.#changed ||= read.text !== text.slice(start, read.at)
    this.#astral ||= hasSurrogate(read.text)
    return read.text
  }

  #number(): string {
    const start = this.#at
    const end = numberEnd(this.#text, start)
    if (end < 0) return this.#fail(numberFault(this.#text, start, ~end), 'a value', ~end)
    this.#at = end
    return this.#text.slice(start, end)
  }

  #word(word: string): string {
    if (!this.#text.startsWith(word, this.#at)) return this.#fail('expected ident', 'a value')
    this.#at += word.length
    return word
  }

  /** Enters the array or object that begins here; false if it ends at once or must not be entered. */
  #open(closer: number): boolean {
    if (this.#depth === depthMax) this.#fail('recursion limit exceeded', 'a value')
    if (this.failure !== '') return false
    this.#depth++
    this.#at++
    return this.peek() !== closer || this.#close()
  }

  /** Behind an element: true behind a comma, false behind the closer or a fault. */
  #more(closer: number, within: string): boolean {
    if (this.failure !== '') return false
    const unit = this.peek()
    if (unit === closer) return this.#close()
    if (unit !== comma) this.#fail(`expected \`,\` or \`${String.fromCharCode(closer)}\``, within)
    this.#at++
    return this.failure === ''
  }

  #close(): false {
    this.#depth--
    this.#at++
    return false
  }

  /** The first fault is the one that is kept. The empty text it returns is no JSON value, so it cannot be mistaken. */
  #fail(what: string, within: string, at = this.#at): '' {
    if (this.failure !== '') return ''
    this.failure = describe(this.#text, at, what, within)
    return ''
  }
}
