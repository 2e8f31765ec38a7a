// Instructions as a JSON document, `application/grip-instruct` (contract §5.9): the hold and the response in one. What the
// outer response has beside it is not looked at.
import { soundHeaders, soundReason } from '../hold/headers.ts'
import { reasonOf, statusCodeMax } from '../hold/reasons.ts'
import { Complaints, type Fields, fieldsIn, Members } from '../item/fields.ts'
import { parseDocument } from '../item/from-json.ts'
import {
  filtersMistake,
  type Hold,
  type HoldChannel,
  holdTimeoutMs,
  type InstructLimits,
  type InstructReading,
  type InstructResponse,
  type KeepAlive,
  keepAliveTimeoutMs,
  limitChannels,
} from './instruct.ts'

/** Seconds, as in headers. */
const secondsMax = 2_147_483_647

/** `code` is the outer response's. */
export function readJsonInstruct(code: number, body: Uint8Array, limits: InstructLimits): InstructReading {
  if (code !== 200) return fail('response code for application/grip-instruct content must be 200')
  const document = parseDocument(body)
  if (document === undefined) return fail('failed to parse application/grip-instruct content as JSON')
  const fields = fieldsIn(document.value)
  if (fields === undefined) return fail('instruct must be an object')
  const complaints = new Complaints()
  const members = new Members(fields, 'instruct', complaints)
  const held = members.object('hold')
  const given = held === undefined ? undefined : readHold(held, complaints)
  const response = readResponse(fields['response'], complaints)
  if (complaints.first !== undefined) return fail(complaints.first)
  const { channels, ignoredChannels } = limitChannels(given?.channels ?? [], limits)
  return { ok: true, instruct: { hold: given && { ...given, channels }, ignoredChannels, response } }
}

function fail(error: string): InstructReading {
  return { ok: false, error }
}

function readHold(fields: Fields, complaints: Complaints): Hold {
  const members = new Members(fields, 'hold', complaints)
  const mode = members.text('mode') ?? 'response'
  if (mode !== 'response' && mode !== 'stream') {
    complaints.add(`hold 'mode' must be set to either 'response' or 'stream'`)
  }
  const list = members.list('channels')
  if (list === undefined) complaints.missing('hold', 'channels')
  const channels = (list ?? []).flatMap(value => readChannel(value, complaints) ?? [])
  return {
    mode: mode === 'stream' ? 'stream' : 'response',
    channels,
    timeoutMs: holdTimeoutMs(members.integer('timeout', secondsMax, 0)),
    keepAlive: readKeepAlive(members.object('keep-alive'), complaints),
    meta: members.texts('meta'),
  }
}

function readChannel(value: unknown, complaints: Complaints): HoldChannel | undefined {
  const fields = fieldsIn(value)
  if (fields === undefined) return complaints.add('channel is not an object')
  const members = new Members(fields, 'channel', complaints)
  const name = members.text('name')
  if (name === undefined) return complaints.missing('channel', 'name')
  const prevId = members.text('prev-id')
  const channel = { name, prevId, filters: members.textList('filters') ?? [] }
  const mistake = filtersMistake(channel)
  return mistake === undefined ? channel : complaints.add(mistake)
}

/** There is no `mode` here: it goes on whatever is sent. */
function readKeepAlive(fields: Fields | undefined, complaints: Complaints): KeepAlive | undefined {
  if (fields === undefined) return undefined
  const members = new Members(fields, 'keep-alive', complaints)
  const bytes = members.content('content', 'content-bin')
  if (bytes === undefined) return complaints.missing('keep-alive', 'content', 'content-bin')
  const timeoutMs = keepAliveTimeoutMs(members.integer('timeout', secondsMax, 0))
  return { bytes, timeoutMs, mode: 'interval' }
}

/** One that is no object is told without a word (contract §5.10). */
function readResponse(value: unknown, complaints: Complaints): InstructResponse {
  const fields = value === undefined ? {} : fieldsIn(value)
  if (fields === undefined) complaints.add('')
  const members = new Members(fields ?? {}, 'response', complaints)
  const code = members.integer('code', statusCodeMax) ?? 200
  const reason = members.text('reason')
  return {
    code,
    reason: reason === undefined ? reasonOf(code) : soundReason(reason),
    rawHeaders: soundHeaders(members.headers()),
    body: members.content('body', 'body-bin') ?? new Uint8Array(0),
  }
}
