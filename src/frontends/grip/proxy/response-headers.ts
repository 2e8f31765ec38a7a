// The headers of an origin's answer as the client gets them (contract §4.6, §5.2). What says where the body ends is put
// there by whoever sends it.
import { headersOf, membersOf, type RawHeaders, valuesOf, without } from './raw-headers.ts'

/** Not Content-Encoding, which the original drops (contract fault 15): bodies pass as they are, so what they are stays. */
const hopByHop: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** Of an answer that is passed on: a plain one, or one without our reading of it (`no_grip`, trusted clients). */
export function passedHeaders(raw: RawHeaders): string[] {
  return without(raw, lower => hopByHop.has(lower))
}

/** Whether an answer has instructions for us (contract §4.7). */
export function isAccepted(raw: RawHeaders): boolean {
  for (const [lower, , value] of headersOf(raw)) {
    if (lower.startsWith('grip-')) return true
    if (lower === 'content-type' && /^application\/grip-instruct(?:[\t ]*;|[\t ]*$)/i.test(value)) return true
  }
  return false
}

/** Names in lower case; undefined: the answer does not choose. */
export function exposedNames(raw: RawHeaders): ReadonlySet<string> | undefined {
  const values = valuesOf(raw, 'grip-expose-headers')
  return values.length === 0 ? undefined : new Set(membersOf(values).map(name => name.toLowerCase()))
}

/**
 * Of an answer whose instructions we follow, or of a published one: no `Grip-` header, no length, for its body may become
 * another one, and of the rest those alone that are exposed, where it says which.
 */
export function acceptedHeaders(raw: RawHeaders, exposed: ReadonlySet<string> | undefined): string[] {
  return without(raw, lower => {
    if (hopByHop.has(lower) || lower === 'content-length' || lower.startsWith('grip-')) return true
    return exposed !== undefined && !exposed.has(lower)
  })
}
