// A published JSON Patch (RFC 6902) on the stored body of a long poll (contract §6.5), with what the original gets wrong
// mended: an element is inserted where one stands, and a patch that fails leaves the body as it was stored.
import { parseDocument } from './from-json.ts'
import {
  addAt,
  isObject,
  type Json,
  PatchFailure,
  parsePointer,
  removeAt,
  replaceAt,
  valueAt,
} from './pointer.ts'

/**
 * What all operations of a patch may add together, in characters and some for each value: copies of copies would fill
 * any memory. Stored bodies have 100,000 bytes, published ones 1,000,000.
 */
const addedMax = 1_000_000
/** Of one added value, as deep as what is taken of anybody. */
const depthMax = 128
const unitsPerValue = 16
/** Each may move a whole list of the stored body by a place. */
const operationsMax = 1_000

/** `patch` is JSON text, a list of operations. */
export function applyPatch(stored: Uint8Array, patch: string): Uint8Array {
  const document = parseDocument(stored)
  if (document === undefined) return stored
  try {
    const operations: unknown = JSON.parse(patch)
    if (!Array.isArray(operations) || operations.length > operationsMax) return stored
    const patched = applyAll(document.value as Json, operations) // it was parsed from JSON
    return Buffer.from(sortedJson(patched) + lineEndOf(stored))
  } catch (error) {
    if (error instanceof PatchFailure || error instanceof SyntaxError) return stored
    throw error
  }
}

interface Operation {
  readonly op?: unknown
  readonly path?: unknown
  readonly from?: unknown
  readonly value?: Json
}

function applyAll(document: Json, operations: readonly unknown[]): Json {
  const budget = { left: addedMax }
  let patched = document
  for (const operation of operations) {
    if (typeof operation !== 'object' || operation === null) throw new PatchFailure()
    patched = apply(patched, operation, budget)
  }
  return patched
}

interface Budget {
  left: number
}

function apply(document: Json, { op, path, from, value }: Operation, budget: Budget): Json {
  const tokens = parsePointer(path)
  const given = (): Json => {
    if (value === undefined) throw new PatchFailure()
    return copyOf(value, budget, depthMax)
  }
  switch (op) {
    case 'add':
      return addAt(document, tokens, given())
    case 'replace':
      return replaceAt(document, tokens, given())
    case 'test':
      testAt(document, tokens, given(), budget)
      return document
    case 'remove':
      removeAt(document, tokens)
      return document
    case 'copy':
      return addAt(document, tokens, copyOf(valueAt(document, parsePointer(from)), budget, depthMax))
    case 'move':
      return move(document, parsePointer(from), tokens, budget)
    default:
      throw new PatchFailure()
  }
}

/** What is written down to be compared counts too. */
function testAt(document: Json, tokens: readonly string[], value: Json, budget: Budget): void {
  const found = sortedJson(valueAt(document, tokens))
  budget.left -= found.length
  if (budget.left < 0 || found !== sortedJson(value)) throw new PatchFailure()
}

function move(document: Json, from: readonly string[], to: readonly string[], budget: Budget): Json {
  const isInside = to.length > from.length && from.every((token, at) => token === to[at])
  if (isInside) throw new PatchFailure()
  const value = copyOf(valueAt(document, from), budget, depthMax)
  if (from.length === to.length && from.every((token, at) => token === to[at])) return document
  removeAt(document, from)
  return addAt(document, to, value)
}

/** Of its own, so that a later operation changes one place; counted, and no deeper than allowed. */
function copyOf(value: Json, budget: Budget, depth: number): Json {
  budget.left -= unitsPerValue + (typeof value === 'string' ? value.length : 0)
  if (budget.left < 0 || depth === 0) throw new PatchFailure()
  if (Array.isArray(value)) return value.map(element => copyOf(element, budget, depth - 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      budget.left -= name.length
      return [name, copyOf(member, budget, depth - 1)]
    }),
  )
}

/** Compact, members sorted by their names. No deeper than a place and what was put there. */
export function sortedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map(name => `${JSON.stringify(name)}:${sortedJson(value[name] ?? null)}`).join(',')}}`
}

/** The one at the end of the stored body is kept. */
function lineEndOf(bytes: Uint8Array): string {
  if (bytes.at(-1) !== 0x0a) return ''
  return bytes.at(-2) === 0x0d ? '\r\n' : '\n'
}
