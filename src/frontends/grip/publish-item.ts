// The item that pushpin-publish makes of its arguments (contract §11), as JSON has it.
import { isUtf8 } from 'node:buffer'
import { statusCodeMax } from './hold/reasons.ts'
import { parseDocument } from './item/from-json.ts'
import type { Json } from './item/pointer.ts'

export type Published = { [name: string]: Json }

export interface Said {
  readonly action: 'hint' | 'close' | 'patch' | undefined
  readonly code: string | undefined
  /** `Name: value` each. */
  readonly headers: readonly string[]
  /** `name=value` each. */
  readonly meta: readonly string[]
  readonly id: string | undefined
  readonly prevId: string | undefined
  readonly noSeq: boolean
}

export interface SaidContent {
  readonly bytes: Uint8Array
  /** Responses and streams get a line feed behind it. */
  readonly hasEol: boolean
}

/** A text: what is wrong. */
export function publishedItem(
  channel: string,
  content: SaidContent | undefined,
  said: Said,
): Published | string {
  const meta = pairsOf(said.meta, /^([^=]+)=(.*)$/s)
  if (meta === undefined) return 'meta must be given as "name=value"'
  const formats = formatsOf(content, said)
  if (typeof formats === 'string') return formats
  return {
    channel,
    formats,
    ...(said.id !== undefined && { id: said.id }),
    ...(said.prevId !== undefined && { 'prev-id': said.prevId }),
    ...(said.noSeq && { 'no-seq': true }),
    ...(meta.length > 0 && { meta: Object.fromEntries(meta) }),
  }
}

function formatsOf(content: SaidContent | undefined, said: Said): Published | string {
  const { action } = said
  if (action === 'hint')
    return { 'http-response': { action }, 'http-stream': { action }, 'ws-message': { action } }
  if (action === 'close') return { 'http-stream': { action }, 'ws-message': { action } }
  if (content === undefined) return 'must specify content'
  const head = responseHead(said)
  if (typeof head === 'string') return head
  if (action === 'patch') {
    const patch = parseDocument(content.bytes)?.value
    if (!Array.isArray(patch)) return 'content must be a JSON list'
    return { 'http-response': { ...head, 'body-patch': patch } }
  }
  const lined = content.hasEol ? Buffer.concat([content.bytes, Buffer.from('\n')]) : content.bytes
  return {
    'http-response': { ...head, ...member('body', lined) },
    'http-stream': member('content', lined),
    'ws-message': member('content', content.bytes),
  }
}

/** Code and headers. A reason is left to whoever answers. */
function responseHead({ code: text = '200', headers }: Said): Published | string {
  const code = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (!(code <= statusCodeMax)) return `code must be an integer between 0 and ${statusCodeMax}`
  const pairs = pairsOf(headers, /^([^:]+):[ \t]*(.*)$/s)
  if (pairs === undefined) return 'header must be given as "name: value"'
  return { code, ...(pairs.length > 0 && { headers: pairs }) }
}

/** Undefined: one does not have that form. */
function pairsOf(texts: readonly string[], form: RegExp): [string, string][] | undefined {
  const pairs = texts.map(text => form.exec(text))
  if (pairs.includes(null)) return undefined
  return pairs.map(pair => [pair?.[1] ?? '', pair?.[2] ?? ''])
}

/** Bytes that are no text go as base64. */
function member(name: string, bytes: Uint8Array): Published {
  const buffer = Buffer.from(bytes)
  return isUtf8(bytes) ? { [name]: buffer.toString('utf8') } : { [`${name}-bin`]: buffer.toString('base64') }
}
