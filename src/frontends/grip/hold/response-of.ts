// The heads that clients get: of a response with instructions, which is sent or stored (contract §5.2), and of a stored one
// that a published item answers (§5.4, §6.4). Headers are raw lists: name, value, …
import { exposedBy } from '../instruct/from-headers.ts'
import type { Instruct } from '../instruct/instruct.ts'
import { fieldsOf } from '../instruct/list.ts'
import type { ResponseSend } from '../item/item.ts'
import { applyPatch } from '../item/patch.ts'
import { filterHeaders, isFraming, soundHeaders, soundReason } from './headers.ts'

export interface Head {
  readonly status: number
  readonly reason: string
  readonly rawHeaders: readonly string[]
}

export interface StoredResponse extends Head {
  readonly body: Uint8Array
}

/**
 * What is left of the origin's head, or of the response inside of a JSON instruction: no `Grip-*`, the status and the
 * headers that the instruction says, and no length where more follows the body.
 */
export function headOf(head: Head, { hold, next, status, exposeHeaders }: Instruct): Head {
  const goesOn = hold !== undefined || next !== undefined
  const rawHeaders = filterHeaders(head.rawHeaders, name => {
    if (name.startsWith('grip-') || (goesOn && name === 'content-length')) return false
    return exposeHeaders === undefined || exposeHeaders.includes(name) || name === 'content-length'
  })
  return { status: status?.code ?? head.status, reason: status?.reason ?? head.reason, rawHeaders }
}

/** What the client gets or a hold keeps: the origin's response, or the one that a JSON instruction has in its place. */
export function instructedResponse({ body, ...head }: StoredResponse, instruct: Instruct): StoredResponse {
  const { response } = instruct
  if (response === undefined) return { ...headOf(head, instruct), body }
  const { code, reason, rawHeaders } = response
  return { ...headOf({ status: code, reason, rawHeaders }, instruct), body: response.body }
}

/**
 * The answer to a long poll. Stored headers that the item names are replaced by the item's, which come last; the status
 * is the item's always. Neither says a length: whoever sends it knows it. The item's Grip-Expose-Headers names what the
 * client is to see; the original removes just that.
 */
export function responseOf(
  stored: StoredResponse,
  { code, reason, headers, body }: ResponseSend,
): StoredResponse {
  const said = soundHeaders(headers)
  const exposed = exposedBy(fieldsOf(said, 'grip-expose-headers'))
  const own = filterHeaders(said, name => !name.startsWith('grip-'))
  const names = new Set(own.filter((_, at) => at % 2 === 0).map(name => name.toLowerCase()))
  const kept = filterHeaders(stored.rawHeaders, name => !names.has(name) && !isFraming(name))
  return {
    status: code,
    reason: soundReason(reason),
    rawHeaders: filterHeaders([...kept, ...own], name => exposed === undefined || exposed.includes(name)),
    body: body instanceof Uint8Array ? body : applyPatch(stored.body, body.patch),
  }
}
