// A publish request to a draft: the object that a client sent, with the second in which it came.
import { type ChannelName, type Draft, parseChannelName } from '../../engine/words/publication.ts'
import { meaningOf } from '../../std/json-walk.ts'
import { isEventName, uuidOf } from './codec.ts'
import { JsonText, objectText, withMember } from './json.ts'
import { need, type Parameters } from './parameters.ts'
import type { Reason } from './refusals.ts'
import { pushySection } from './settings.ts'

export interface DraftParts {
  readonly channel: ChannelName
  readonly idempotencyKey: string | undefined
  readonly unixMs: number
  /** 16 random bytes. */
  readonly randomHex: string
  readonly namesEvents: boolean
}

type DraftReading =
  | { readonly ok: true; readonly draft: Draft }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string }

/** `detail` is the name of the parameter that does not fit. */
export function readDraft(parameters: Parameters, parts: DraftParts): DraftReading {
  const data = need(parameters, 'data')
  if (!data.ok) return { ok: false, reason: data.reason, detail: 'data' }
  const json = new JsonText(data.text)
  if (!json.isObject) return { ok: false, reason: 'parameter-invalid', detail: 'data' }
  const event = parts.namesEvents ? eventOf(parameters) : undefined
  if (event === '') return { ok: false, reason: 'parameter-invalid', detail: 'event' }
  const seconds = String(Math.floor(parts.unixMs / 1_000))
  const text = objectText(withMember(json.members(), { key: 'timestamp', text: seconds }))
  const { channel, idempotencyKey, randomHex } = parts
  const content = { kind: 'json', payload: Buffer.from(text) } as const
  const meta = { id: uuidOf(randomHex), ...(event !== undefined && { event }) }
  return { ok: true, draft: { channel, content, via: pushySection.name, idempotencyKey, meta } }
}

/** Empty where it is none. */
function eventOf(parameters: Parameters): string | undefined {
  const text = parameters.get('event')
  if (text === undefined || text === 'null') return undefined
  const name = text.startsWith('"') ? meaningOf(text) : ''
  return isEventName(name) ? name : ''
}

/** Undefined where the name is empty or too long. */
export function channelOf(name: string, bytesMax: number): ChannelName | undefined {
  if (Buffer.byteLength(name) > bytesMax) return undefined
  return parseChannelName(name)
}
