// A client of Redis for tests, on a bare socket and independent of any library: commands out as arrays of RESP2, replies
// back as they are. It looks at keys, and makes of servers what a test needs.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export type Reply = string | number | null | readonly Reply[]

export interface RespPlace {
  readonly port: number
  readonly password?: string | undefined
  readonly user?: string | undefined
  /** PEM: who signed its certificate; undefined: without TLS. */
  readonly ca?: string | undefined
}

/** A server that is paused answers nothing: this ends what hangs. */
const deadlineMs = 30_000

interface Waiting {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

export class RespClient {
  readonly #socket: Socket
  readonly #waiting: Waiting[] = []
  #pieces: Buffer[] = []
  #size = 0
  /** With less there is no reply yet: a long one is not joined again with each of its pieces. */
  #needed = 1
  #failure: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', bytes => this.#take(bytes))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the connection is closed')))
    socket.setTimeout(deadlineMs, () => {
      if (this.#waiting.length > 0) socket.destroy(new Error(`no reply in ${deadlineMs} ms`))
    })
  }

  static async open({ port, user, password, ca }: RespPlace): Promise<RespClient> {
    const place = { host: '127.0.0.1', port }
    const socket = ca === undefined ? connect(place) : connectTls({ ...place, ca })
    await once(socket, ca === undefined ? 'connect' : 'secureConnect')
    const client = new RespClient(socket)
    if (password !== undefined) await client.call('AUTH', user ?? 'default', password)
    return client
  }

  /** Rejects with an error of the server, which begins with its code, and when the connection ends. */
  call(...words: readonly (string | number)[]): Promise<Reply> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const parts = words.map(word => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`)
    this.#socket.write(`*${words.length}\r\n${parts.join('')}`)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  leave(): void {
    this.#socket.destroy()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }

  #take(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#size += bytes.length
    while (this.#size >= this.#needed) {
      const joined = Buffer.concat(this.#pieces)
      const found = replyAt(joined, 0)
      const rest = typeof found === 'number' ? joined : joined.subarray(found.end)
      this.#pieces = [rest]
      this.#size = rest.length
      this.#needed = typeof found === 'number' ? found : 1
      if (typeof found === 'number') continue
      const waiting = this.#waiting.shift()
      if (found.reply instanceof Error) waiting?.reject(found.reply)
      else waiting?.resolve(found.reply)
    }
  }
}

interface Found {
  readonly reply: Reply | Error
  /** Where the next one begins. */
  readonly end: number
}

/** A number: so many bytes at least are needed to tell. */
function replyAt(bytes: Buffer, start: number): Found | number {
  const lineEnd = bytes.indexOf('\r\n', start)
  if (lineEnd === -1) return bytes.length + 1
  const line = bytes.toString('utf8', start + 1, lineEnd)
  const end = lineEnd + 2
  const count = Number(line)
  switch (String.fromCharCode(bytes[start] ?? 0)) {
    case '+':
      return { reply: line, end }
    case '-':
      return { reply: new Error(line), end }
    case ':':
      return { reply: count, end }
    case '$': {
      if (count === -1) return { reply: null, end }
      const textEnd = end + count
      if (bytes.length < textEnd + 2) return textEnd + 2
      return { reply: bytes.toString('utf8', end, textEnd), end: textEnd + 2 }
    }
    case '*':
      return count === -1 ? { reply: null, end } : listAt(bytes, end, count)
    default:
      throw new Error(`no reply of RESP2: ${JSON.stringify(line)}`)
  }
}

/** An error within a list, as scripts and transactions have them, stands there as its text. */
function listAt(bytes: Buffer, start: number, count: number): Found | number {
  const replies: Reply[] = []
  let end = start
  while (replies.length < count) {
    const found = replyAt(bytes, end)
    if (typeof found === 'number') return found
    replies.push(found.reply instanceof Error ? found.reply.message : found.reply)
    end = found.end
  }
  return { reply: replies, end }
}
