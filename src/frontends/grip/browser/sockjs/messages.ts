// Messages as SockJS clients write them: a list of texts in JSON.
import { isJson } from '../../../../std/json-check.ts'

/** Contract §10: of one message, of what waits for a client, and half of what a WebSocket may bring at a time. */
export const bufferBytesMax = 200_000

/** Undefined: it is something else. */
export function readMessages(text: string): readonly string[] | undefined {
  if (!isJson(text)) return undefined
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) return undefined
  return value.every(one => typeof one === 'string') ? value : undefined
}
