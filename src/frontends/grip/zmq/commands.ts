// The command socket (contract §6.7): one request to its answer. It asks rooms by topics, which `connections.ts` answers.
import { draftOf } from '../item/draft.ts'
import { type Fields, fieldsIn } from '../item/fields.ts'
import { readItems } from '../item/from-json.ts'
import type { HandOver } from './hand-over.ts'
import { formatTnetstring, parseTnetstring, type Tnet } from './tnetstring.ts'
import { conncheckTopic, recoverTopic, refreshTopic } from './topics.ts'

export interface CommandContext {
  /** As they were set, and bound: what is off is not there. */
  readonly uris: Readonly<Record<string, string>>
  readonly handOver: Pick<HandOver, 'offer'>
  /** Workers take no more: the node stops. */
  readonly isDraining: boolean
  gather(topic: string): Promise<readonly unknown[]>
}

type Outcome =
  | { readonly success: true; readonly value: Tnet }
  | { readonly success: false; readonly condition: string; readonly value?: Tnet }

/** More than anybody asks for at once; a topic crosses threads. */
const idsMax = 10_000

/** The answer to the bytes of a request, whatever they are: whoever asks waits for one. */
export async function answerCommand(request: Uint8Array, context: CommandContext): Promise<Buffer> {
  const fields = fieldsIn(parseTnetstring(request[0] === 0x54 ? request.subarray(1) : request)?.value)
  const id = fields?.['id']
  const outcome = fields === undefined ? failed('bad-format') : await run(fields, context)
  const told = id instanceof Uint8Array ? { id, ...outcome } : outcome
  return formatTnetstring({ ...told })
}

async function run(fields: Fields, context: CommandContext): Promise<Outcome> {
  const method = textOf(fields['method'])
  const args = fields['args'] === undefined ? {} : fieldsIn(fields['args'])
  if (method === undefined || args === undefined) return failed('bad-format')
  switch (method) {
    case 'get-zmq-uris':
      return succeeded(context.uris)
    case 'publish':
      return await publish(args, context)
    case 'recover':
      await context.gather(recoverTopic)
      return succeeded(null)
    case 'conncheck':
      return await conncheck(args, context)
    case 'refresh':
      return await refresh(args, context)
    default:
      return failed('method-not-found')
  }
}

/** Each goes to the owner of its channel; what the engine refuses is told by its own word. */
async function publish(args: Fields, { handOver, isDraining }: CommandContext): Promise<Outcome> {
  if (isDraining) return failed('draining')
  const reading = readItems(args)
  if (!reading.ok) return failed('bad-request', `Invalid format: ${reading.message}`)
  const drafts = reading.items.map(draftOf)
  if (drafts.includes(undefined)) {
    return failed('bad-request', "Invalid format: publish item object contains 'channel' with invalid value")
  }
  const outcomes = drafts.map(
    draft =>
      new Promise<string | undefined>(resolve => {
        if (draft === undefined) resolve(undefined)
        else handOver.offer(draft, resolve)
      }),
  )
  const refusal = (await Promise.all(outcomes)).find(outcome => outcome !== undefined)
  return refusal === undefined ? succeeded(null) : failed(refusal)
}

async function conncheck(args: Fields, { gather }: CommandContext): Promise<Outcome> {
  const list = args['ids']
  const ids = Array.isArray(list) ? list.map(textOf) : undefined
  if (ids === undefined || ids.length > idsMax || !ids.every(id => id !== undefined))
    return failed('bad-request')
  const reports = ids.length === 0 ? [] : await gather(conncheckTopic(ids))
  const known = new Set(reports.flatMap(report => (Array.isArray(report) ? report : [])))
  return succeeded(ids.filter(id => known.has(id)))
}

async function refresh(args: Fields, { gather }: CommandContext): Promise<Outcome> {
  const cid = textOf(args['cid'])
  const channel = textOf(args['channel'])
  if (cid !== undefined) {
    const reports = await gather(refreshTopic({ cid }))
    return reports.some(report => Number(report) > 0) ? succeeded(null) : failed('item-not-found')
  }
  if (channel === undefined) return failed('bad-request')
  await gather(refreshTopic({ channel }))
  return succeeded(null)
}

function succeeded(value: Tnet): Outcome {
  return { success: true, value }
}

function failed(condition: string, value?: Tnet): Outcome {
  return { success: false, condition, ...(value !== undefined && { value }) }
}

function textOf(value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8')
}
