// The thirteen operations (contract §1.4): what a client may say, what the node says, and their fields in JSON. How an
// operation is tagged and wrapped is a matter of the dialect (dialect.ts).
import { ownText } from '../../../std/own-text.ts'
import type { Fields } from './fields.ts'

interface Bare {
  readonly op: 'ping' | 'pong'
}

interface Slow {
  readonly op: 'slow'
  readonly window: number | undefined
}

/** From the node: history is not enough, and the next frame is this one. From a client: it wants it replayed. */
interface ResumeRequired {
  readonly op: 'resume_required'
  readonly channel: string
  readonly fromCursor: number
  /** Ours, from the node: the epoch of that cursor, for a client that hands epochs back. */
  readonly epoch?: string | undefined
}

interface Health {
  readonly op: 'health'
  readonly status: string
  readonly detail: string | undefined
}

interface Features {
  readonly op: 'features'
  readonly supported: readonly string[]
  readonly requested: readonly string[]
}

interface Goodbye {
  readonly op: 'goodbye'
  readonly reason: string | undefined
}

/** What both sides say. */
type EithersOperation = Bare | Slow | ResumeRequired | Health | Features | Goodbye

export interface Auth {
  readonly op: 'auth'
  /** In lower case. Undefined where it is missing or no UUID, which is refused like a bad token. */
  readonly clientId: string | undefined
  readonly token: string | undefined
  /** Empty: every channel that the validator allows. */
  readonly capabilities: readonly string[]
  /** For channels that `resumeCursors` does not name; undefined: no position is named for them. */
  readonly resumeCursor: number | undefined
  readonly resumeCursors: ReadonlyMap<string, number>
  /** Contract §3.3: where there is one it must match, else the position counts as older. */
  readonly resumeEpochs: ReadonlyMap<string, string>
}

interface Ack {
  readonly op: 'ack'
  readonly channel: string
  /** Everything up to it, itself included, is processed. */
  readonly cursor: number
}

interface Interest {
  readonly op: 'subscribe' | 'unsubscribe'
  readonly channels: readonly string[]
}

export interface AuthOk {
  readonly op: 'auth_ok'
  /** The position that the client named, 0 where it named none. */
  readonly resumeCursor: number
  /** Those that the client named: never the heads. */
  readonly resumeCursors: ReadonlyMap<string, number>
  readonly resumeEpochs: ReadonlyMap<string, string>
  /** Ours: behind what the first frame of a channel comes, for a client that is to resume before it got one. */
  readonly resumeHeads?: ReadonlyMap<string, number>
}

interface ErrorOperation {
  readonly op: 'error'
  readonly message: string
  /** A stable word in snake_case, which the original does not know. */
  readonly code?: string | undefined
}

export type ClientOperation = Auth | Ack | Interest | EithersOperation
export type ServerOperation = AuthOk | ErrorOperation | EithersOperation
export type Operation = ClientOperation | ServerOperation
export type OperationName = Operation['op']

/** An operation that is known, and is not for a client to send, or has a field that is missing or does not fit. */
export interface OperationFault {
  readonly op: undefined
  readonly reason: 'not-for-clients' | 'field-invalid'
  /** Of the field; one of ours, whatever the client wrote. */
  readonly detail: string
}

const windowMax = 2 ** 32 - 1

const decoders: Readonly<Record<OperationName, ((fields: Fields) => ClientOperation) | undefined>> = {
  auth: fields => ({
    op: 'auth',
    clientId: parseClientId(fields.textIfAny('client_id') ?? ''),
    token: fields.whole('token'),
    capabilities: fields.names('capabilities'),
    resumeCursor: fields.optionalNumber('resume_cursor', Number.MAX_SAFE_INTEGER),
    resumeCursors: fields.cursors('resume_cursors'),
    resumeEpochs: fields.epochs('resume_epochs'),
  }),
  auth_ok: undefined,
  error: undefined,
  ping: () => ({ op: 'ping' }),
  pong: () => ({ op: 'pong' }),
  slow: fields => ({ op: 'slow', window: fields.optionalNumber('window', windowMax) }),
  ack: fields => ({ op: 'ack', channel: fields.name('channel'), cursor: fields.cursor('cursor') }),
  resume_required: fields => ({
    op: 'resume_required',
    channel: fields.name('channel'),
    fromCursor: fields.cursor('from_cursor'),
  }),
  subscribe: fields => ({ op: 'subscribe', channels: fields.names('channels') }),
  unsubscribe: fields => ({ op: 'unsubscribe', channels: fields.names('channels') }),
  health: fields => ({
    op: 'health',
    status: fields.text('status'),
    detail: fields.optionalText('detail'),
  }),
  features: fields => ({
    op: 'features',
    supported: fields.names('supported'),
    requested: fields.names('requested'),
  }),
  goodbye: fields => ({ op: 'goodbye', reason: fields.optionalText('reason') }),
}

export const operationNames = Object.keys(decoders) as readonly OperationName[] // the table is total

export function decodeOperation(name: OperationName, fields: Fields): ClientOperation | OperationFault {
  const decode = decoders[name]
  if (decode === undefined) return { op: undefined, reason: 'not-for-clients', detail: name }
  const operation = decode(fields)
  if (fields.wrong === undefined) return operation
  return { op: undefined, reason: 'field-invalid', detail: fields.wrong }
}

/** A UUID in either case, as its lower-case form, which holds nothing of its message; undefined where the text is none. */
export function parseClientId(text: string): string | undefined {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? ownText(text.toLowerCase()) : undefined
}

/** It has no fields at all, which some dialects write in a form of its own. */
export function isUnit({ op }: Operation): boolean {
  return op === 'ping' || op === 'pong'
}

/** It has a member `channel` of its own, where a wrapped message has another one. */
export function namesChannel({ op }: Operation): boolean {
  return op === 'ack' || op === 'resume_required'
}
