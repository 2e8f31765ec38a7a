// Publications as the HTTP API takes them: JSON text, cut into requests that it does not refuse for their size.
import { faultText } from '../std/fault.ts'

/** The member that holds the content. */
export type Kind = 'data' | 'text' | 'base64'

/** One publication of a list, and the line of input that it is. */
export interface Entry {
  readonly json: string
  readonly line: number
}

/** The API's own limit of a list. */
const batchMax = 1_000
/** Larger requests save nothing. */
const batchBytesMax = 262_144

interface Said {
  readonly channel: string
  readonly kind: Kind
  readonly text: string
  readonly key: string | undefined
}

/** JSON goes as it was written: numbers keep their digits. */
export function entryOf({
  channel,
  kind,
  text,
  key,
}: Said): { readonly json: string } | { readonly mistake: string } {
  const content = contentOf(kind, text)
  if ('mistake' in content) return content
  const own = key === undefined ? '' : `,"idempotency_key":${JSON.stringify(key)}`
  return { json: `{"channel":${JSON.stringify(channel)},"${kind}":${content.json}${own}}` }
}

/** In order. An entry that is too large by itself goes alone, and the API says so. */
export function batchesOf(entries: readonly Entry[], bodyBytesMax: number): readonly (readonly Entry[])[] {
  const limit = Math.min(batchBytesMax, bodyBytesMax)
  const batches: Entry[][] = []
  let bytes = 0
  for (const entry of entries) {
    // Each is followed by a comma or the closing bracket, and the opening one comes on top.
    const more = Buffer.byteLength(entry.json) + 1
    const last = batches.at(-1)
    if (last === undefined || last.length === batchMax || bytes + more > limit) {
      batches.push([entry])
      bytes = 1 + more
    } else {
      last.push(entry)
      bytes += more
    }
  }
  return batches
}

/** The content as JSON text. */
export function contentOf(
  kind: Kind,
  text: string,
): { readonly json: string } | { readonly mistake: string } {
  if (kind === 'text') return { json: JSON.stringify(text) }
  if (kind === 'base64') {
    const compact = text.replace(/\s+/g, '')
    const isBase64 = Buffer.from(compact, 'base64').toString('base64') === compact
    return isBase64 ? { json: JSON.stringify(compact) } : { mistake: 'the data is not base64 with padding' }
  }
  try {
    JSON.parse(text)
    return { json: text }
  } catch (error) {
    const reason = faultText(error)
    return { mistake: `the data is not JSON (${reason}); say --text to publish text` }
  }
}
