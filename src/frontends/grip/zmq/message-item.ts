// One message of a publisher to an item (contract §6.6): JSON behind a J, or a tnetstring, with a T in front or without.
import { parseDocument, readItem } from '../item/from-json.ts'
import type { Item } from '../item/item.ts'
import { parseTnetstring } from './tnetstring.ts'

export type MessageReading =
  | { readonly ok: true; readonly item: Item }
  /** `message` as the command socket tells it. */
  | { readonly ok: false; readonly message: string }

/** What a first byte says of the others. */
function parseMessage(bytes: Uint8Array): { readonly value: unknown } | undefined {
  if (bytes[0] === 0x4a) return parseDocument(bytes.subarray(1))
  return parseTnetstring(bytes[0] === 0x54 ? bytes.subarray(1) : bytes)
}

/** `channel`: of the frame in front, which counts in place of the item's own. */
export function readMessage(bytes: Uint8Array, channel?: string): MessageReading {
  const parsed = parseMessage(bytes)
  return parsed === undefined
    ? { ok: false, message: 'message is neither JSON nor a tnetstring' }
    : readItem(parsed.value, channel)
}
