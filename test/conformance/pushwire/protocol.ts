// pushwire for tests of several protocols: WebSockets of ids that nobody else has, in the canonical dialect.
import { randomUUID } from 'node:crypto'
import { type Answer, filledBetween, type Protocol, type Reader } from '../../helpers/protocols/protocol.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { handshake, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'

export const protocol: Protocol = {
  name: 'pushwire',
  hasPositions: true,
  rendersNothingAs: 'null',
  leavesOwnChannel: true,
  bodyBytesMax: 1_048_576,
  filled: filledBetween('{"a":"', '"}', channel => messageOf(channel, '{"a":""}').toString()),
  publish,
  read,
}

/** By the code of an error, as other protocols answer it. */
const statuses: Readonly<Record<string, number>> = {
  channel_not_allowed: 403,
  unknown_channel: 422,
  malformed: 400,
  unauthorized: 401,
}

function messageOf(channel: string, content: string | Uint8Array): Buffer {
  const name = JSON.stringify(channel)
  return Buffer.concat([Buffer.from(`{"channel":${name},"payload":`), Buffer.from(content), Buffer.from('}')])
}

interface Operation {
  readonly op: string
  readonly message?: string
  readonly code?: string
  readonly channel?: string
  readonly from_cursor?: number
  readonly epoch?: string
  readonly resume_epochs?: Readonly<Record<string, string>>
  readonly resume_heads?: Readonly<Record<string, number>>
}

/** A connection that has said who it is. */
class Connection {
  readonly #socket: RawWebSocket
  #seen = 0

  constructor(socket: RawWebSocket) {
    this.#socket = socket
  }

  static async open(
    address: string,
    channels: readonly string[],
    fields: object = {},
  ): Promise<Connection | Answer> {
    const raw = new RawClient(address)
    raw.send(handshake('/rps'))
    const { body, ...head } = await raw.answer()
    if (head.status !== 101) {
      raw.leave()
      return { status: head.status, body: body.toString() }
    }
    const connection = new Connection(new RawWebSocket(raw, head))
    connection.operate({ op: 'auth', client_id: randomUUID(), capabilities: channels, ...fields })
    return connection
  }

  operate(payload: object): void {
    this.say(Buffer.from(JSON.stringify({ channel: 'system', payload })))
  }

  say(message: Buffer): void {
    this.#socket.send(opcode.text, message)
  }

  /** The next message, or the close code. */
  async next(): Promise<string | number> {
    const { code, payload } = await this.#socket.frame(this.#seen++)
    if (code === opcode.close) return payload.readUInt16BE(0)
    return code === opcode.text ? payload.toString() : this.next()
  }

  leave(): void {
    this.#socket.client.leave()
  }
}

/** Undefined: it is a frame. */
function operationOf(text: string): Operation | undefined {
  const { channel, payload } = JSON.parse(text)
  return channel === 'system' ? payload : undefined
}

function refusalOf({ code = '', message = '' }: Operation): Answer {
  return { status: statuses[code] ?? 503, body: message }
}

/** A frame that went through comes back to who is subscribed. What its length alone refuses is sent all the same, for it is read. */
async function publish(address: string, channel: string, content: string | Uint8Array): Promise<Answer> {
  const connection = await Connection.open(address, [channel])
  if (!(connection instanceof Connection)) return connection
  try {
    const message = messageOf(channel, content)
    const own = await outcomeOf(connection, channel, message)
    return own.status === 403 ? await publishUnheard(address, message) : own
  } finally {
    connection.leave()
  }
}

/** So many ids are at home with each of a few workers. */
const witnesses = 12

/**
 * Who may not subscribe hears nothing of a frame but its refusal, which comes from the channel's owner: before the answer to
 * a ping that is sent when the owner has let in others who came behind the frame.
 */
async function publishUnheard(address: string, message: Buffer): Promise<Answer> {
  const connection = await Connection.open(address, ['system'])
  if (!(connection instanceof Connection)) return connection
  try {
    await connection.next()
    connection.say(message)
    connection.operate({ op: 'ping' })
    const first = await connection.next()
    if (answerOf(first).status !== 200) return answerOf(first)
    await Promise.all(Array.from({ length: witnesses }, () => witness(address)))
    connection.operate({ op: 'ping' })
    return answerOf(await connection.next())
  } finally {
    connection.leave()
  }
}

async function witness(address: string): Promise<void> {
  const connection = await Connection.open(address, ['system'])
  if (!(connection instanceof Connection)) return
  await connection.next()
  connection.leave()
}

/**
 * A client that is not subscribed says nothing, and is told so next. Where nodes are joined, frames may come first that another
 * node had acknowledged before: they are nobody's answer.
 */
async function outcomeOf(connection: Connection, channel: string, message: Buffer): Promise<Answer> {
  const text = await connection.next()
  const operation = typeof text === 'string' ? operationOf(text) : undefined
  if (operation?.op !== 'auth_ok') return answerOf(text)
  if (operation.resume_heads?.[channel] !== undefined) connection.say(message)
  for (;;) {
    const next = await connection.next()
    if (!isOfAnother(next, message)) return answerOf(next)
  }
}

function isOfAnother(text: string | number, message: Buffer): boolean {
  if (typeof text === 'number' || operationOf(text) !== undefined) return false
  const payloadOf = (json: string) => JSON.stringify(JSON.parse(json).payload)
  return payloadOf(text) !== payloadOf(message.toString())
}

/** Everything but an error or the end is a success. */
function answerOf(text: string | number): Answer {
  if (typeof text === 'number') return { status: text === 1009 ? 413 : 503, body: closed(text) }
  const operation = operationOf(text)
  if (operation?.op === 'goodbye') return { status: 503, body: text }
  return operation?.op === 'error' ? refusalOf(operation) : { status: 200, body: text }
}

function closed(code: number): string {
  return code === 1009 ? 'message too large' : `closed with ${code}`
}

async function read(address: string, channel: string, since = ''): Promise<Reader | Answer> {
  const [epoch = '', offset = ''] = since.split('.')
  const place =
    since === '' ? {} : { resume_cursors: { [channel]: Number(offset) }, resume_epochs: { [channel]: epoch } }
  const connection = await Connection.open(address, [channel], place)
  if (!(connection instanceof Connection)) return connection
  const reader = new FrameReader(connection, channel)
  const refused = await reader.begin()
  if (refused === undefined) return reader
  reader.leave()
  return refused
}

const lap = 2 ** 51

class FrameReader implements Reader {
  gap = false
  readonly #connection: Connection
  readonly #channel: string
  #epoch = ''
  #cursor = 0

  constructor(connection: Connection, channel: string) {
    this.#connection = connection
    this.#channel = channel
  }

  /** Up to where it is. */
  async begin(): Promise<Answer | undefined> {
    while (this.#epoch === '') {
      const text = await this.#connection.next()
      if (typeof text === 'number') return { status: 503, body: closed(text) }
      const operation = operationOf(text)
      if (operation?.op === 'error') return refusalOf(operation)
      this.#take(text)
    }
    return undefined
  }

  async next(count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) {
      const text = await this.#connection.next()
      if (typeof text === 'number') throw new Error(closed(text))
      const payload = this.#take(text)
      if (payload !== undefined) texts.push(payload)
    }
    return texts
  }

  position(): string {
    return `${this.#epoch}.${this.#cursor % lap}`
  }

  leave(): void {
    this.#connection.leave()
  }

  #take(text: string): string | undefined {
    const operation = operationOf(text)
    if (operation === undefined) {
      this.#cursor = JSON.parse(text).cursor
      return payloadOf(text)
    }
    const { epoch, from_cursor: from, resume_epochs: epochs, resume_heads: heads } = operation
    if (operation.op === 'resume_required') {
      this.gap = true
      this.#epoch = epoch ?? ''
      this.#cursor = (from ?? 1) - 1
    } else if (operation.op === 'auth_ok') {
      this.#epoch = epochs?.[this.#channel] ?? ''
      this.#cursor = heads?.[this.#channel] ?? 0
    }
    return undefined
  }
}

/** As its publisher wrote it: a parser would change long numbers. */
function payloadOf(text: string): string {
  const start = text.indexOf('"payload":') + '"payload":'.length
  return text.slice(start).replace(/(?:,"client_id":"[\da-f-]{36}")?\}$/, '')
}
