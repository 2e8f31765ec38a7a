// Reads bodies and token claims: a JSON object with known fields, or an array of them in order. rpushd 1.0.3
// takes the array as a side effect of its deserialiser; it costs nothing to accept it too. What the values mean
// is left to codec.ts and token.ts.
import { isAscii, isUtf8 } from 'node:buffer'
import { JsonReader } from './json.ts'
import type { Member } from './json-order.ts'

export type Malformed = {
  readonly ok: false
  /** `json-syntax` is text that is no JSON; `json-shape` is JSON of another shape than wanted. */
  readonly reason: 'json-syntax' | 'json-shape'
  readonly detail: string
}

/** The fields' values in the order of the names asked for, each as JSON text in normal form. */
type RecordRead =
  | { readonly ok: true; readonly values: readonly string[]; readonly extra: string | undefined }
  | Malformed

/**
 * Reads the named fields in one pass. Other members are checked as JSON and ignored, but for `extra`, a member that
 * an object may have (an array may not).
 */
export function readRecord(bytes: Uint8Array, fields: readonly string[], extra?: string): RecordRead {
  const text = decodeUtf8(bytes)
  if (text === undefined) return { ok: false, reason: 'json-syntax', detail: 'invalid unicode code point' }
  const reader = new JsonReader(text)
  const opener = reader.peek()
  if (opener === 0x7b) {
    const members = reader.members()
    return reader.end() ? pick(members, fields, extra) : syntax(reader.failure)
  }
  if (opener === 0x5b) {
    const elements = reader.elements()
    return reader.end() ? count(elements, fields) : syntax(reader.failure)
  }
  reader.value()
  return reader.end() ? shape('expected an object') : syntax(reader.failure)
}

export function shape(detail: string): Malformed {
  return { ok: false, reason: 'json-shape', detail }
}

function syntax(detail: string): Malformed {
  return { ok: false, reason: 'json-syntax', detail }
}

/** rpushd 1.0.3: a field given twice is a wrong shape, although inside a message the last member wins. */
function pick(members: readonly Member[], fields: readonly string[], extra: string | undefined): RecordRead {
  const values: string[] = []
  for (const field of fields) {
    let value: string | undefined
    for (const member of members) {
      if (member.key !== field) continue
      if (value !== undefined) return shape(`duplicate field \`${field}\``)
      value = member.value
    }
    if (value === undefined) return shape(`missing field \`${field}\``)
    values.push(value)
  }
  // The last one wins, as for every member that the original does not know.
  const last = extra === undefined ? undefined : members.findLast(member => member.key === extra)
  return { ok: true, values, extra: last?.value }
}

/** rpushd 1.0.3 finds trailing characters in a longer array, a syntax error, and too few elements in a shorter one. */
function count(values: readonly string[], fields: readonly string[]): RecordRead {
  if (values.length > fields.length) return syntax(`trailing characters behind element ${fields.length}`)
  if (values.length === fields.length) return { ok: true, values, extra: undefined }
  return shape(`invalid length ${values.length}, expected an array with ${fields.length} elements`)
}

/** A byte-order mark stays in the text, where it is no JSON. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  const buffer =
    bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isAscii(buffer)) return buffer.toString('latin1')
  return isUtf8(buffer) ? buffer.toString('utf8') : undefined
}
