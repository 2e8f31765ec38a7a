// A request that a page of another origin makes by a script (contract §12.2): its query says what the request is to be.
import { isMethod } from '../../../net/gate/request-line.ts'
import { isJson } from '../../../std/json-check.ts'
import type { Choice } from '../proxy/choice.ts'
import type { RawHeaders } from '../proxy/raw-headers.ts'
import { without } from '../proxy/raw-headers.ts'
import { wireText } from '../routes/condition.ts'
import type { Rule } from '../routes/rule.ts'
import { isCallback } from './callback.ts'
import { Query, textOf } from './query.ts'
import { Rewritten } from './rewritten.ts'

export type JsonpReading =
  | { readonly ok: true; readonly choice: Choice }
  /** Why not, as its client is told. */
  | { readonly ok: false; readonly error: string }

/** As many as a head may have. */
const headersMax = 64

/**
 * What the proxy writes itself, or what says where a body ends: one request must not be read as two, and nobody speaks for a GRIP
 * proxy.
 */
const notTheirs =
  /^(?:host|accept|connection|keep-alive|proxy-connection|transfer-encoding|content-length|expect|upgrade|te|trailer|grip-.*)$/i

/** Of what the client sent itself: this says something about a body that is not read. */
const notKept = /^(?:accept|accept-encoding|content-length|transfer-encoding|expect|trailer)$/

/** Undefined: it is an ordinary request. */
export function readJsonp(choice: Choice): JsonpReading | undefined {
  const { exchange, rule } = choice
  if (exchange.method !== 'GET') return undefined
  const { jsonp } = rule
  const query = new Query(exchange.query)
  const names = { callback: wireText(jsonp.callback || 'callback'), body: bodyNameOf(rule) }
  const asked = query.get(names.callback)
  const isDefault = jsonp.defaultCallback !== undefined && jsonp.defaultCallback !== ''
  if (asked === undefined && !(isDefault && jsonp.body && query.get(names.body) !== undefined))
    return undefined
  if (asked !== undefined && !isCallback(asked)) return refused('callback')
  const isExtended = jsonp.mode === 'extended'
  const method = query.get('_method') ?? (jsonp.defaultMethod || (isExtended ? 'GET' : 'POST'))
  if (!isMethod(method)) return refused('_method')
  const headers = headersOf(query.get('_headers'))
  if (headers === undefined) return refused('_headers')
  const body = query.get(names.body)
  if (body === '') return refused(jsonp.body ? 'body' : '_body')
  const isJsonBody = body !== undefined && Boolean(jsonp.body)
  const rest = query.without(new Set([names.callback, '_method', '_headers', names.body]))
  const tail = rest === '' ? '' : `?${rest}`
  const rewritten = new Rewritten(exchange, {
    method,
    target: withTail(exchange.target, tail),
    query: rest,
    rawHeaders: [
      ...(isJsonBody ? without(headers, isContentType) : headers),
      ...(isJsonBody ? ['Content-Type', 'application/json'] : []),
      'Accept',
      '*/*',
      ...without(exchange.rawHeaders, lower => notKept.test(lower) || (isJsonBody && isContentType(lower))),
    ],
    body: Buffer.from(body ?? '', 'latin1'),
  })
  const wrapping = { callback: asked ?? jsonp.defaultCallback ?? '', isExtended }
  const target = withTail(choice.target, tail)
  return { ok: true, choice: { ...choice, exchange: rewritten, query: rest, target, wrapping } }
}

function bodyNameOf({ jsonp }: Rule): string {
  return jsonp.body ? wireText(jsonp.body) : '_body'
}

function refused(name: string): JsonpReading {
  return { ok: false, error: `Invalid ${name} parameter.` }
}

function isContentType(lower: string): boolean {
  return lower === 'content-type'
}

function withTail(target: string, tail: string): string {
  return `${target.split('?', 1)[0]}${tail}`
}

/** Undefined: what was given is no object of headers. */
function headersOf(bytes: string | undefined): RawHeaders | undefined {
  if (bytes === undefined) return []
  const text = textOf(bytes)
  if (!isJson(text)) return undefined
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  if (entries.length > headersMax) return undefined
  const headers: string[] = []
  for (const [name, content] of entries) {
    if (typeof content !== 'string' || !isHeader(name, content)) return undefined
    if (!notTheirs.test(name)) headers.push(name, wireText(content).trim())
  }
  return headers
}

function isHeader(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[\0-\x08\x0a-\x1f\x7f]/.test(value)
}
