// Requests of zhttpreq targets and their answers as bytes (contract §2.7): a T and one map each. Texts of headers are Latin-1 in
// here, since a header's bytes are nobody's to change.
import { fieldsIn } from '../item/fields.ts'
import { formatTnetstring, parseTnetstring, type Tnet } from './tnetstring.ts'
import type { BackendAnswer, BackendRequest } from './wire.ts'

/** Bytes of a body that a backend may answer with; it is told. */
export const answerBytesMax = 1_000_000

const prefix = Buffer.from('T')

export function formatRequest(id: string, from: string, asked: BackendRequest): Buffer {
  const headers: Tnet[] = []
  for (let at = 0; at + 1 < asked.rawHeaders.length; at += 2)
    headers.push([bytesOf(asked.rawHeaders[at]), bytesOf(asked.rawHeaders[at + 1])])
  const request = {
    id,
    from,
    method: asked.method,
    uri: bytesOf(asked.uri),
    headers,
    body: asked.body,
    'max-size': answerBytesMax,
    ...(!asked.isUntrusted && { 'ignore-policies': true }),
  }
  return Buffer.concat([prefix, formatTnetstring(request)])
}

export type BackendReading =
  | { readonly kind: 'answer'; readonly id: string; readonly answer: BackendAnswer }
  /** Whose it is may be known all the same. */
  | { readonly kind: 'fault'; readonly id: string | undefined; readonly message: string }

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/
// Bytes that end a header, or that no header can have.
const value = /^[\t\x20-\x7e\x80-\xff]*$/

export function readAnswer(message: Uint8Array): BackendReading {
  const parsed = message[0] === prefix[0] ? parseTnetstring(message.subarray(1)) : undefined
  const fields = fieldsIn(parsed?.value)
  const id = latin(fields?.['id'])
  const fault = (text: string): BackendReading => ({ kind: 'fault', id, message: text })
  if (fields === undefined || id === undefined) return fault('the answer is no tnetstring with an id')
  if (latin(fields['type']) === 'error')
    return fault(`the backend failed: ${latin(fields['condition']) ?? ''}`)
  const { code, body = new Uint8Array(0) } = fields
  const reason = fields['reason'] === undefined ? '' : latin(fields['reason'])
  const rawHeaders = headersOf(fields['headers'] ?? [])
  const isStatus = typeof code === 'number' && Number.isInteger(code) && code >= 200 && code <= 999
  if (!isStatus) return fault('the answer has no code from 200 to 999')
  if (reason === undefined || !value.test(reason)) return fault('the reason of the answer is none')
  if (rawHeaders === undefined) return fault('the headers of the answer are none')
  if (!(body instanceof Uint8Array) || body.length > answerBytesMax)
    return fault(`the body of the answer is none, or has more than ${answerBytesMax} bytes`)
  return { kind: 'answer', id, answer: { status: code, reason, rawHeaders, body } }
}

/** Undefined: they are no list of pairs, or cannot be headers. */
function headersOf(list: unknown): readonly string[] | undefined {
  if (!Array.isArray(list)) return undefined
  const raw: string[] = []
  for (const pair of list) {
    const [name, content] = Array.isArray(pair) && pair.length === 2 ? pair.map(latin) : []
    if (name === undefined || content === undefined || !token.test(name) || !value.test(content))
      return undefined
    raw.push(name, content)
  }
  return raw
}

function latin(bytes: unknown): string | undefined {
  if (!(bytes instanceof Uint8Array)) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function bytesOf(text = ''): Uint8Array {
  return Buffer.from(text, 'latin1')
}
