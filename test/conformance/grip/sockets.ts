// How rows about WebSockets are played: frames that clients send and get, and what origins heard.
import assert, { deepEqual, equal, ok } from 'node:assert/strict'
import type { RawClient } from '../../helpers/raw-client.ts'
import type { RawOrigin } from '../../helpers/raw-origin.ts'
import { Messages } from '../../helpers/socket-messages.ts'
import { until } from '../../helpers/until.ts'
import type { Heard, Met, Posted } from './socket-kinds.ts'

/** The WebSockets of one row, by their clients. */
export class Sockets {
  readonly #all = new Map<RawClient, Socket>()

  /** Its 101 was taken. */
  open(client: RawClient): Socket {
    const socket = new Socket(client)
    this.#all.set(client, socket)
    return socket
  }

  /** False: the client has none. */
  checkSilent(client: RawClient): boolean {
    const socket = this.#all.get(client)
    if (socket === undefined) return false
    deepEqual([socket.waiting().map(shortened), client.closed], [[], false], 'no message came')
    return true
  }

  async hear(client: RawClient, { messages, ends }: Heard): Promise<void> {
    const socket = this.#all.get(client)
    assert(socket, 'the handshake was accepted')
    const came: string[] = []
    while (ends || came.length < messages.length) {
      const message = await socket.next()
      if (message === undefined) break
      came.push(shortened(message))
    }
    deepEqual(came, messages.map(shortened))
    if (ends) ok(client.closed, 'the connection ends')
  }
}

class Socket {
  readonly #client: RawClient
  readonly #messages = new Messages(false)
  #waiting: string[] = []

  constructor(client: RawClient) {
    this.#client = client
  }

  /** Undefined: the connection ended. */
  async next(): Promise<string | undefined> {
    const client = this.#client
    await client.waitFor('a message', () => this.waiting().length > 0 || client.closed)
    return this.#waiting.shift()
  }

  /** Whole messages that came. */
  waiting(): readonly string[] {
    this.#messages.add(this.#client.takeNow(this.#client.bytes.length))
    this.#waiting.push(...this.#messages.take())
    return this.#waiting
  }
}

const shownMax = 200
/** A difference in what is long is shown in its size and beginning. */
const shortened = (text: string): string =>
  text.length > shownMax ? `${text.slice(0, shownMax)}… (${text.length})` : text

export async function checkMet(origin: RawOrigin, path: string, { messages, isOver }: Met): Promise<void> {
  const heard = () => origin.webSockets(path).flatMap(socket => socket.heard)
  await until(`the messages for ${path}`, () => heard().length >= messages.length).catch(
    () => {}, // the comparison says what is missing
  )
  deepEqual(heard().map(shortened), messages.map(shortened))
  if (isOver) await until(`the end of ${path}`, () => origin.webSockets(path).every(socket => socket.isOver))
}

export async function checkPosted(origin: RawOrigin, path: string, { body }: Posted): Promise<void> {
  const bodies = () =>
    origin
      .received(path)
      .map(request => request.body.toString('latin1'))
      .join('')
  await until(`the events for ${path}`, () => bodies().length >= body.length).catch(() => {})
  equal(shortened(bodies()), shortened(body))
  ok(bodies() === body, 'its rest differs')
}
