// Plain data: values that cross threads and files as they are, made of nothing but texts, numbers, bytes, lists and
// records.

/** Texts in it are well-formed. */
export type Plain =
  | string
  | number
  | boolean
  | null
  | undefined
  | Uint8Array
  | readonly Plain[]
  | { readonly [name: string]: Plain }

/** Bytes that a value takes beside its text or content, about: a place in a list, and an object behind it. */
const placeBytes = 16
const objectBytes = 64

/** Bytes of memory that it takes, about. */
export function plainBytes(value: Plain): number {
  if (typeof value === 'string') return placeBytes + value.length
  if (typeof value !== 'object' || value === null) return placeBytes
  let bytes = objectBytes
  if (value instanceof Uint8Array) bytes += value.length
  else if (isList(value)) for (const element of value) bytes += plainBytes(element)
  else for (const [name, member] of Object.entries(value)) bytes += name.length + plainBytes(member)
  return bytes
}

/** The same data, holding no memory of others: bytes that are a part of a larger buffer are copied out of it. */
export function ownPlain(value: Plain): Plain {
  if (typeof value === 'string') return Buffer.from(value).toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) {
    return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)
  }
  if (isList(value)) return value.map(ownPlain)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, ownPlain(member)]))
}

/** What msgpack takes of a record as we write it. */
const membersMax = 65_535

/** Whether it is plain data, of lists and records nested so deep at most, and can be packed. */
export function isPlain(value: unknown, depthMax: number): value is Plain {
  if (typeof value !== 'object' || value === null) {
    return value === undefined || value === null || /^(?:string|number|boolean)$/.test(typeof value)
  }
  if (value instanceof Uint8Array) return true
  if (depthMax === 0) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && !Array.isArray(value)) return false
  const members = Object.values(value)
  if (!Array.isArray(value) && members.length > membersMax) return false
  return members.every(member => isPlain(member, depthMax - 1))
}

/** `Array.isArray` does not narrow readonly lists. */
function isList(value: object): value is readonly Plain[] {
  return Array.isArray(value)
}
