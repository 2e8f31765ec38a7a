// A publication's content in the API's JSON: a member named after its kind. JSON goes in and out as its own text, so
// that numbers and the order of members stay as they were sent.
import type { Content } from '../engine/words/publication.ts'

/** `"data":…`, `"text":"…"`, `"base64":"…"` or `"none":true`, on one line. */
export function memberOf({ kind, payload }: Content): string {
  if (kind === 'none') return '"none":true'
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  // Outside of strings a line end is white space, and inside of them JSON has none.
  if (kind === 'json') return `"data":${bytes.toString('utf8').replace(/[\r\n]/g, ' ')}`
  if (kind === 'text') return `"text":${JSON.stringify(bytes.toString('utf8'))}`
  return `"base64":"${bytes.toString('base64')}"`
}
