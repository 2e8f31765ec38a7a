// Body of a publish request to drafts, and outcomes back to JSON. A body is taken whole or not at all: whatever has a
// wrong shape refuses it before anything is published.
import { isUtf8 } from 'node:buffer'
import type { PublishOutcome } from '../engine/router.ts'
import { formatPosition } from '../engine/words/position.ts'
import { type Content, type Draft, parseChannelName } from '../engine/words/publication.ts'
import { jsonDepthMax, jsonFaultOf } from '../std/json-check.ts'
import { compact, elementsOf, membersOf } from '../std/json-text.ts'
import { describe, type ShapeFault } from './refusals.ts'
import { adminSection } from './settings.ts'

/** Enough to make a request's own cost small, few enough that a turn of the owner stays short. */
export const batchMax = 1_000

type Parsed =
  | { readonly ok: true; readonly drafts: readonly Draft[]; readonly isBatch: boolean }
  | { readonly ok: false; readonly code: 'json-syntax'; readonly detail: string }
  | { readonly ok: false; readonly code: 'json-shape'; readonly fault: ShapeFault }

const kinds = ['data', 'text', 'base64'] as const
const known: readonly string[] = ['channel', 'idempotency_key', ...kinds]

export function parsePublications(body: Uint8Array): Parsed {
  if (!isUtf8(body)) return { ok: false, code: 'json-syntax', detail: 'The body is not UTF-8.' }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  if (jsonFaultOf(text) === 'depth') {
    return misshapen(fault('#', `Objects and lists are nested deeper than ${jsonDepthMax}.`))
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, code: 'json-syntax', detail: error instanceof Error ? error.message : String(error) }
  }
  if (!Array.isArray(value)) {
    const draft = parseEntry(value, text, '#')
    return isFault(draft) ? misshapen(draft) : { ok: true, drafts: [draft], isBatch: false }
  }
  if (value.length === 0 || value.length > batchMax) {
    return misshapen(fault('#', `A list holds 1 to ${batchMax} publications.`))
  }
  const drafts: Draft[] = []
  for (const [index, own] of elementsOf(text).entries()) {
    const draft = parseEntry(value[index], own, `#/${index}`)
    if (isFault(draft)) return misshapen(draft)
    drafts.push(draft)
  }
  return { ok: true, drafts, isBatch: true }
}

/** What the publisher is told of one draft. */
export function publishedJson(channel: string, outcome: PublishOutcome): object {
  if (typeof outcome === 'string') return { channel, error: describe(outcome) }
  if ('fate' in outcome) throw new RangeError('a draft of the API says nothing of its order')
  const { epoch, offset, subscribers, duplicate } = outcome
  return { channel, position: formatPosition(outcome), epoch, offset, subscribers, duplicate }
}

/** `text` is that of `value`. */
function parseEntry(value: unknown, text: string, pointer: string): Draft | ShapeFault {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fault(pointer, 'A publication is an object.')
  }
  const members = new Map<string, string>()
  for (const { name, text: own } of membersOf(text)) {
    if (members.has(name)) return fault(pointerTo(pointer, name), 'The member is there twice.')
    if (!known.includes(name)) {
      return fault(pointerTo(pointer, name), `The member is unknown; known are ${known.join(', ')}.`)
    }
    members.set(name, own)
  }
  const entry = value as Entry
  if (!isText(entry['channel'])) return fault(`${pointer}/channel`, textExpected)
  const channel = parseChannelName(entry['channel'])
  if (channel === undefined) return fault(`${pointer}/channel`, nameExpected)
  const key = entry['idempotency_key']
  if (members.has('idempotency_key') && !isKey(key)) {
    return fault(`${pointer}/idempotency_key`, 'A key has 1 to 255 visible ASCII characters.')
  }
  const content = parseContent(entry, members, pointer)
  if ('pointer' in content) return content
  return { channel, content, via: adminSection.name, idempotencyKey: isKey(key) ? key : undefined }
}

type Entry = Readonly<Record<string, unknown>>

const textExpected = 'Expected a string of whole characters.'
const nameExpected = 'A channel name has 1024 bytes at most, and does not begin with U+0001.'

function parseContent(
  entry: Entry,
  members: ReadonlyMap<string, string>,
  pointer: string,
): Content | ShapeFault {
  const [kind, second] = kinds.filter(name => members.has(name))
  if (kind === undefined || second !== undefined) {
    return fault(pointer, 'A publication has exactly one of data, text and base64.')
  }
  if (kind === 'data') return { kind: 'json', payload: Buffer.from(compact(members.get(kind) ?? '')) }
  const text = entry[kind]
  if (!isText(text)) return fault(`${pointer}/${kind}`, textExpected)
  if (kind === 'text') return { kind, payload: Buffer.from(text) }
  const payload = Buffer.from(text, 'base64')
  // Node's decoder skips what it does not know, so only the canonical text survives the way back.
  const isCanonical = payload.toString('base64') === text
  const expected = 'Expected base64 with padding (RFC 4648 section 4).'
  return isCanonical ? { kind: 'bytes', payload } : fault(`${pointer}/base64`, expected)
}

/** A lone surrogate has no UTF-8: it would silently become another character. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)
}

function fault(pointer: string, detail: string): ShapeFault {
  return { pointer, detail }
}

function isFault(parsed: Draft | ShapeFault): parsed is ShapeFault {
  return 'pointer' in parsed
}

function misshapen(own: ShapeFault): Parsed {
  return { ok: false, code: 'json-shape', fault: own }
}

/** RFC 6901 sections 3 and 6. */
function pointerTo(pointer: string, name: string): string {
  const escaped = name.replaceAll('~', '~0').replaceAll('/', '~1')
  return `${pointer}/${encodeURIComponent(escaped.toWellFormed())}`
}
