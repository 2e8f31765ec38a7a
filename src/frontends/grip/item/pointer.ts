// Places in a JSON document by RFC 6901, and what a patch does at one. Members are read and set as own ones, so that
// `__proto__` is a name like any other.

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** A patch cannot be applied; its text is for nobody. Caught where patches are applied, and nowhere else. */
export class PatchFailure extends Error {}

/** Deeper places are in no document that anybody sends, and a patch could go on for ever. */
const tokensMax = 128

/** The names and numbers on the way, none for the whole document. */
export function parsePointer(text: unknown): readonly string[] {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) throw new PatchFailure()
  if (/~(?![01])/.test(text)) throw new PatchFailure()
  const tokens = text.split('/').slice(1)
  if (tokens.length > tokensMax) throw new PatchFailure()
  return tokens.map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function valueAt(document: Json, tokens: readonly string[]): Json {
  let value = document
  for (const token of tokens) value = memberOf(value, token)
  return value
}

/** The document afterwards: another one only where the place is the document itself. `-` is behind the last element. */
export function addAt(document: Json, tokens: readonly string[], value: Json): Json {
  const token = tokens.at(-1)
  if (token === undefined) return value
  const parent = valueAt(document, tokens.slice(0, -1))
  if (Array.isArray(parent)) {
    const at = token === '-' ? parent.length : indexOf(token)
    if (at > parent.length) throw new PatchFailure()
    parent.splice(at, 0, value)
  } else setMember(parent, token, value)
  return document
}

export function replaceAt(document: Json, tokens: readonly string[], value: Json): Json {
  const token = tokens.at(-1)
  if (token === undefined) return value
  const parent = valueAt(document, tokens.slice(0, -1))
  memberOf(parent, token)
  if (Array.isArray(parent)) parent[indexOf(token)] = value
  else setMember(parent, token, value)
  return document
}

/** Nothing would be left of a document without itself. */
export function removeAt(document: Json, tokens: readonly string[]): void {
  const token = tokens.at(-1)
  if (token === undefined) throw new PatchFailure()
  const parent = valueAt(document, tokens.slice(0, -1))
  memberOf(parent, token)
  if (Array.isArray(parent)) parent.splice(indexOf(token), 1)
  else if (isObject(parent)) delete parent[token]
}

function memberOf(parent: Json, token: string): Json {
  const member = Array.isArray(parent)
    ? parent[indexOf(token)]
    : isObject(parent) && Object.hasOwn(parent, token)
      ? parent[token]
      : undefined
  if (member === undefined) throw new PatchFailure()
  return member
}

function setMember(parent: Json, name: string, value: Json): void {
  if (!isObject(parent)) throw new PatchFailure()
  Object.defineProperty(parent, name, { value, writable: true, enumerable: true, configurable: true })
}

/** Digits without zeros in front of them. */
function indexOf(token: string): number {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(token)) throw new PatchFailure()
  return Number(token)
}

export function isObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
