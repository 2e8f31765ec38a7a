// The shape of operations on one connection (contract §1.5). The tagging of the original was never seen, so the node
// learns it from the first message, and answers in kind; later messages are read in any dialect. Messages are read
// without a parser: the payload of a frame is cut out as it stands, so long numbers and the order of members stay.
import { jsonFaultOf } from '../../../std/json-check.ts'
import { skipBlanks } from '../../../std/json-tokens.ts'
import { halfPairAt, passValue } from '../../../std/json-walk.ts'
import { Fields, nameOf } from './fields.ts'
import { encodeFields } from './operation-text.ts'
import { type ClientOperation, decodeOperation, isUnit, namesChannel, type Operation } from './operations.ts'
import {
  type ContentKey,
  contentKeys,
  pascalOf,
  type Seen,
  shapeOf,
  survey,
  type TagKey,
  tagKeys,
} from './shape.ts'

/** One object for each that there is: connections share them. */
export interface Dialect {
  /** It is the payload of a frame on the system channel; else it is the message. */
  readonly wrapped: boolean
  /** The member that names the operation; undefined: the name is the key of the only member (external). */
  readonly tag: TagKey | undefined
  /** The member beside the tag that has the fields (adjacent); undefined: they stand beside the tag (internal). */
  readonly content: ContentKey | undefined
  /** `AuthOk` in place of `auth_ok`. */
  readonly pascal: boolean
}

const styles: readonly Pick<Dialect, 'tag' | 'content'>[] = [
  { tag: undefined, content: undefined },
  ...tagKeys.flatMap(tag => [undefined, ...contentKeys].map(content => ({ tag, content }))),
]

/** All that there are: 68. */
export const dialects: readonly Dialect[] = styles.flatMap(style =>
  [true, false].flatMap(wrapped => [false, true].map(pascal => ({ wrapped, ...style, pascal }))),
)

function dialectOf(wanted: Dialect): Dialect {
  const { wrapped, tag, content, pascal } = wanted
  const found = dialects.find(
    each =>
      each.tag === tag && each.content === content && each.wrapped === wrapped && each.pascal === pascal,
  )
  return found ?? wanted
}

/** Where no client has said anything. */
export const canonical: Dialect = dialectOf({ wrapped: true, tag: 'op', content: undefined, pascal: false })

export type Message =
  | { readonly kind: 'operation'; readonly operation: ClientOperation; readonly dialect: Dialect }
  /** `payload` is JSON text, as it stood in the message. */
  | { readonly kind: 'frame'; readonly channel: string; readonly payload: string }

export interface MessageFault {
  readonly kind: 'fault'
  readonly reason:
    | 'syntax'
    | 'depth'
    /** It escapes half of a surrogate pair, which is no text: other clients could not read it. */
    | 'half-pair'
    | 'payload-missing'
    | 'operation-unknown'
    | 'not-for-clients'
    | 'field-invalid'
  /** Of the operation or its field: a word of ours, empty where there is none. */
  readonly detail: string
  /** That of the operation, where one was recognised. */
  readonly dialect: Dialect | undefined
}

/** `text`: a whole message, which is Unicode (the socket has seen to that). */
export function readMessage(text: string, systemChannel: string): Message | MessageFault {
  const wrong =
    jsonFaultOf(text) ?? (halfPairAt(text) === -1 && text.isWellFormed() ? undefined : 'half-pair')
  if (wrong !== undefined) return faultOf(wrong)
  const start = skipBlanks(text, 0)
  const seen = survey(text, start)
  const { channel, contents } = seen
  const payload = contents.payload
  if (channel === undefined || payload === undefined) {
    const message = readOperation(text, start, seen, false)
    const isFrame =
      channel !== undefined && message.kind === 'fault' && message.reason === 'operation-unknown'
    return isFrame ? faultOf('payload-missing') : message
  }
  if (channel === systemChannel) return readOperation(text, payload, survey(text, payload), true)
  return { kind: 'frame', channel: nameOf(channel), payload: text.slice(payload, passValue(text, payload)) }
}

function readOperation(text: string, at: number, seen: Seen, wrapped: boolean): Message | MessageFault {
  const shape = shapeOf(text, at, seen)
  if (shape === undefined) return faultOf('operation-unknown')
  const { op, tag, content, fieldsAt, name } = shape
  const dialect = dialectOf({ wrapped, tag, content, pascal: name === pascalOf(op) })
  const operation = decodeOperation(op, new Fields(text, fieldsAt))
  if (operation.op !== undefined) return { kind: 'operation', operation, dialect }
  return { kind: 'fault', reason: operation.reason, detail: operation.detail, dialect }
}

function faultOf(reason: MessageFault['reason']): MessageFault {
  return { kind: 'fault', reason, detail: '', dialect: undefined }
}

/** The message for an operation, of either side. */
export function writeOperation(dialect: Dialect, systemChannel: string, operation: Operation): string {
  const { wrapped, tag, content, pascal } = dialect
  const name = `"${pascal ? pascalOf(operation.op) : operation.op}"`
  const fields = encodeFields(operation)
  const own = bodyOf(name, fields, isUnit(operation), tag, content)
  return wrapped ? wrap(systemChannel, own) : own
}

function bodyOf(name: string, fields: string, unit: boolean, tag?: TagKey, content?: ContentKey): string {
  if (tag === undefined) return unit ? name : `{${name}:{${fields}}}`
  if (content === undefined) return `{"${tag}":${name}${behindComma(fields)}}`
  return unit ? `{"${tag}":${name}}` : `{"${tag}":${name},"${content}":{${fields}}}`
}

function wrap(systemChannel: string, payload: string): string {
  return `{"channel":${JSON.stringify(systemChannel)},"payload":${payload}}`
}

/**
 * For an event stream, whose client has said nothing: wrapped and bare at once, with both likely tags. What has a member
 * `channel` of its own is wrapped only.
 */
export function writeSuperposed(systemChannel: string, operation: Operation): string {
  const { op } = operation
  const members = `"op":"${op}","type":"${op}"${behindComma(encodeFields(operation))}`
  const wrapped = wrap(systemChannel, `{${members}}`)
  return namesChannel(operation) ? wrapped : `${wrapped.slice(0, -1)},${members}}`
}

function behindComma(members: string): string {
  return members === '' ? '' : `,${members}`
}
