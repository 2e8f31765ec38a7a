// Raw lists of headers: name, value, … Case and repetition are kept, and each character is a byte.
import { latin1Of } from '../instruct/list.ts'

/** What says where a response ends, or what becomes of its connection, is said by whoever sends it. */
const framing: readonly string[] = [
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
]

export function isFraming(name: string): boolean {
  return framing.includes(name)
}

/** `keeps` gets names in lower case. */
export function filterHeaders(
  rawHeaders: readonly string[],
  keeps: (name: string) => boolean,
): readonly string[] {
  return rawHeaders.filter((_, at) => keeps((rawHeaders[at - (at % 2)] ?? '').toLowerCase()))
}

/**
 * Texts out of JSON as bytes of headers, framing aside. One that is no header, or would begin another one, is left out:
 * RFC 9110 §5.5.
 */
export function soundHeaders(texts: readonly string[]): readonly string[] {
  const sound: string[] = []
  for (let at = 0; at + 1 < texts.length; at += 2) {
    const [name = '', value = ''] = [texts[at], texts[at + 1]]
    const isName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !isFraming(name.toLowerCase())
    if (isName && !/[\0-\x08\x0a-\x1f\x7f]/.test(value)) sound.push(name, latin1Of(value))
  }
  return sound
}

/** A text out of JSON as a reason phrase: no line of its own. */
export function soundReason(text: string): string {
  return latin1Of(text).replace(/[\0-\x08\x0a-\x1f\x7f]/g, ' ')
}
