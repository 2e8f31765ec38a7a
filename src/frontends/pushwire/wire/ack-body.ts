// The body of an acknowledgement over HTTP (contract §3.4): what is no JSON is told apart from what does not fit.
import { jsonFaultOf } from '../../../std/json-check.ts'
import { skipBlanks } from '../../../std/json-tokens.ts'
import { halfPairAt } from '../../../std/json-walk.ts'
import { Fields } from './fields.ts'
import { parseClientId } from './operations.ts'

export interface AckBody {
  readonly ok: true
  readonly clientId: string
  readonly channel: string
  readonly cursor: number
}

type AckReading =
  | AckBody
  | { readonly ok: false; readonly reason: 'json-syntax' | 'ack-invalid'; readonly detail: string }

export function readAckBody(text: string): AckReading {
  if (jsonFaultOf(text) !== undefined || halfPairAt(text) !== -1) {
    return { ok: false, reason: 'json-syntax', detail: '' }
  }
  const fields = new Fields(text, skipBlanks(text, 0))
  const clientId = parseClientId(fields.textIfAny('client_id') ?? '')
  const channel = fields.name('channel')
  const cursor = fields.cursor('cursor')
  const wrong = fields.wrong ?? (clientId === undefined ? 'client_id' : undefined)
  if (clientId === undefined || wrong !== undefined) {
    return { ok: false, reason: 'ack-invalid', detail: wrong ?? 'client_id' }
  }
  return { ok: true, clientId, channel, cursor }
}
