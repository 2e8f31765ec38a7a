// Bodies of publishers to items (contract §6.1 to §6.3): all of them are read before anything is published, and one bad
// item is the end of all.
import { isJson } from '../../../std/json-check.ts'
import { Complaints, type Fields, fieldsIn, Members } from './fields.ts'
import { formatNames, readFormats } from './formats.ts'
import type { Item } from './item.ts'

/** `message` as the command socket tells it too; see `control/answers.ts` for what HTTP says. */
export type ItemsReading =
  | { readonly ok: true; readonly items: readonly Item[] }
  | {
      readonly ok: false
      /** `syntax`: no JSON, or nested deeper than anybody needs; `object`: JSON, but no object; both without a message. */
      readonly fault: 'syntax' | 'object' | 'format'
      readonly message: string
    }

export type ItemReading =
  | { readonly ok: true; readonly item: Item }
  | { readonly ok: false; readonly message: string }

/** The body of a request: `{"items": […]}`. A byte order mark in front of it is none of it. */
export function readItemsBody(body: Uint8Array): ItemsReading {
  const reading = parseDocument(body)
  if (reading === undefined) return { ok: false, fault: 'syntax', message: '' }
  const fields = fieldsIn(reading.value)
  if (fields === undefined) return { ok: false, fault: 'object', message: '' }
  return readItems(fields)
}

/** What `readItemsBody` reads, parsed already: the arguments of a command. */
export function readItems(fields: Fields): ItemsReading {
  const complaints = new Complaints()
  const members = new Members(fields, 'object', complaints)
  const list = members.list('items')
  if (list === undefined) complaints.missing('object', 'items')
  const items: Item[] = []
  for (const value of list ?? []) {
    const reading = readItem(value)
    if (!reading.ok) return { ok: false, fault: 'format', message: reading.message }
    items.push(reading.item)
  }
  const { first } = complaints
  return first === undefined ? { ok: true, items } : { ok: false, fault: 'format', message: first }
}

const what = 'publish item object'

/** `channel` is there where the item itself names none: a frame in front of it did. */
export function readItem(value: unknown, channel?: string): ItemReading {
  const fields = fieldsIn(value)
  if (fields === undefined) return { ok: false, message: `${what} is not an object` }
  const complaints = new Complaints()
  const members = new Members(fields, what, complaints)
  const own = members.text('channel')
  if (own === undefined && channel === undefined) complaints.missing(what, 'channel')
  const item: Item = {
    channel: channel ?? own ?? '',
    id: members.text('id'),
    prevId: members.text('prev-id'),
    ...readFormats(formatsIn(fields, members, complaints), complaints),
    meta: members.texts('meta'),
    size: members.integer('size', Number.MAX_SAFE_INTEGER),
    noSeq: members.flag('no-seq') ?? false,
  }
  const { first } = complaints
  return first === undefined ? { ok: true, item } : { ok: false, message: first }
}

/** Where no format is known, one that is not will do: the item has nothing for anybody. */
function formatsIn(fields: Fields, members: Members, complaints: Complaints): Fields {
  const formats = members.object('formats')
  const isThere =
    formats === undefined ? formatNames.some(name => members.has(name)) : Object.keys(formats).length > 0
  if (!isThere) complaints.add('no formats specified')
  return formats ?? fields
}

/** Undefined: it is no JSON, or too deep. */
export function parseDocument(bytes: Uint8Array): { readonly value: unknown } | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const json = text.startsWith('\ufeff') ? text.slice(1) : text
  return isJson(json) ? { value: JSON.parse(json) } : undefined
}
