// The answer of an application that was asked whether a client may come in (contract §6.2), read as what it says: yes, no, or
// nothing that can be relied on. Pure. What cannot be read never lets anybody in.
import { isUtf8 } from 'node:buffer'
import { isJson } from '../../../std/json-check.ts'
import { type Grants, parseGrants } from '../config/permission.ts'
import { expired, refusal, unauthorized } from './answers.ts'
import type { Verdict } from './validator.ts'

export type WebhookAnswer =
  | {
      readonly kind: 'yes'
      readonly grants: Grants
      /** How long the answer holds for the same question; 0: not at all. */
      readonly keptMs: number
      /** As of `Permission`. */
      readonly expires: number | undefined
    }
  | { readonly kind: 'no'; readonly verdict: Verdict }
  /** Why, for the operator. */
  | { readonly kind: 'fault'; readonly why: string }

/** Contract §6.2. */
const keptMsMax = 60_000

export function readWebhookAnswer(
  { status, body }: { readonly status: number; readonly body: Uint8Array },
  asked: { readonly clientId: string; readonly unixMs: number },
): WebhookAnswer {
  if (status === 401 || status === 403) {
    return { kind: 'no', verdict: refusal(parseObject(body)?.['message']) }
  }
  if (status < 200 || status > 299) return fault(`status ${status}`)
  const said = body.length === 0 ? {} : parseObject(body)
  if (said === undefined) return fault('a body that is no JSON object')
  return readYes(said, asked)
}

function readYes(
  said: Readonly<Record<string, unknown>>,
  { clientId, unixMs }: { readonly clientId: string; readonly unixMs: number },
): WebhookAnswer {
  const grants = parseGrants(said['channels'])
  if (grants === undefined) return fault('channels that are neither a list nor a map of names')
  const id = said['client_id'] ?? clientId
  if (typeof id !== 'string') return fault('a client_id that is no text')
  const ttl = said['ttl'] ?? 0
  if (typeof ttl !== 'number' || ttl < 0) return fault('a ttl that is no number of seconds')
  const end = said['expires_at'] ?? undefined
  if (end !== undefined && !(typeof end === 'number' && Math.abs(end) <= Number.MAX_SAFE_INTEGER)) {
    return fault('an expires_at that is no Unix time in seconds')
  }
  if (id.toLowerCase() !== clientId) return { kind: 'no', verdict: unauthorized }
  const expires = end === undefined ? undefined : Math.ceil(end)
  if (expires !== undefined && expires * 1_000 <= unixMs) return { kind: 'no', verdict: expired }
  return { kind: 'yes', grants, keptMs: Math.min(ttl * 1_000, keptMsMax), expires }
}

/** Undefined where it is none, or deeper than anybody means it. */
function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (!isUtf8(body)) return undefined
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  const value: unknown = isJson(text) ? JSON.parse(text) : undefined
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Record<string, unknown>) : undefined // it was judged just now
}

function fault(why: string): WebhookAnswer {
  return { kind: 'fault', why }
}
