// A client of a real daemon, over a WebSocket or an event stream. It keeps what it was told, and judges cursors as the
// original's client does (contract §3.2): nothing may come twice, and nothing may be missing without a word.
import { type ClientRequest, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { frame, frameAt, handshake, opcode } from '../raw-websocket.ts'

export const transports = ['socket', 'stream'] as const
export type Transport = (typeof transports)[number]

interface Said {
  readonly op: string
  readonly channel?: string
  readonly from_cursor?: number
  readonly reason?: string
  readonly code?: string
  readonly message?: string
}

interface Frame {
  readonly channel: string
  readonly cursor: number
  readonly payload: unknown
}

/** What a client id has, over all of its connections. */
export class Tracker {
  readonly cursors = new Map<string, number>()
  /** In the order in which they came, each once. */
  readonly got: Frame[] = []
  readonly #had = new Set<string>()
  /** What no client may see. */
  readonly faults: string[] = []
  /** Gaps that were told. */
  gaps = 0

  /** `announced`: the cursor of the last `resume_required` for it on this connection, behind which nothing came yet. */
  take({ channel, cursor, payload }: Frame, announced: number | undefined): void {
    const last = this.cursors.get(channel) ?? 0
    if (announced !== undefined && announced !== cursor) {
      this.faults.push(`${channel}: ${announced} was announced, and ${cursor} came`)
    }
    const what = `${channel} ${JSON.stringify(payload)}`
    // Until it has heard that it is replaced, an older connection may bring the same.
    if (cursor <= last) {
      if (!this.#had.has(what))
        this.faults.push(`${what}, which it never had, is a duplicate with ${cursor} behind ${last}`)
      return
    }
    if (this.#had.has(what)) this.faults.push(`${what} came twice, with ${cursor} behind ${last}`)
    this.#had.add(what)
    if (last !== 0 && cursor !== last + 1) {
      if (announced === undefined)
        this.faults.push(`${channel}: ${cursor} behind ${last}, and nothing was said`)
      this.gaps++
    }
    this.cursors.set(channel, cursor)
    this.got.push({ channel, cursor, payload })
  }
}

interface Coming {
  readonly clientId: string
  readonly channels: readonly string[]
  readonly tracker: Tracker
}

export class WireClient {
  readonly transport: Transport
  readonly said: Said[] = []
  isLive = false
  isClosed = false
  /** Of the close frame. */
  code: number | undefined
  /** Of the answer to the request. */
  status: number | undefined
  readonly #tracker: Tracker
  readonly #announced = new Map<string, number>()
  /** Where it began, which its own first frame follows. */
  readonly #last: Map<string, number>
  readonly #end: () => void
  #socket: Socket | undefined

  constructor(address: string, transport: Transport, { clientId, channels, tracker }: Coming) {
    this.transport = transport
    this.#tracker = tracker
    this.#last = new Map(tracker.cursors)
    if (transport === 'stream') {
      const stream = this.#stream(address, clientId, channels)
      this.#end = () => void stream.destroy()
      return
    }
    const socket = this.#open(address, clientId, channels)
    this.#socket = socket
    this.#end = () => void socket.destroy()
  }

  /** The node ended it for a newer one. */
  get isReplaced(): boolean {
    return this.said.some(({ op, reason }) => op === 'goodbye' && reason === 'replaced')
  }

  send(message: object): this {
    this.#socket?.write(frame(opcode.text, JSON.stringify(message)))
    return this
  }

  leave(): void {
    this.isClosed = true
    this.#end()
  }

  #open(address: string, clientId: string, channels: readonly string[]): Socket {
    const [host, port] = address.split(':')
    const socket = connect(Number(port), host)
    const auth = {
      op: 'auth',
      client_id: clientId,
      capabilities: channels,
      resume_cursors: Object.fromEntries(this.#last),
    }
    let bytes = Buffer.alloc(0)
    socket.on('data', chunk => {
      bytes = Buffer.concat([bytes, chunk])
      if (this.status === undefined) {
        const end = bytes.indexOf('\r\n\r\n')
        if (end < 0) return
        this.status = Number(/^HTTP\/1.1 (\d+)/.exec(bytes.toString('latin1'))?.[1])
        bytes = bytes.subarray(end + 4)
        // Earlier it would belong to the request (RFC 6455 section 4.1).
        if (this.status === 101)
          socket.write(frame(opcode.text, JSON.stringify({ channel: 'system', payload: auth })))
      }
      for (let next = frameAt(bytes, 0); next !== undefined; next = frameAt(bytes, 0)) {
        bytes = bytes.subarray(next.end)
        this.#frame(socket, next.frame.code, next.frame.payload)
      }
    })
    socket.on('error', () => {}) // the close that follows says enough
    socket.on('close', () => {
      this.isClosed = true
    })
    socket.write(handshake('/rps'))
    return socket
  }

  #frame(socket: Socket, code: number, payload: Buffer): void {
    if (code === opcode.ping) socket.write(frame(opcode.pong, payload))
    if (code === opcode.text) this.#hear(payload.toString())
    if (code !== opcode.close) return
    this.code = payload.length < 2 ? 1_005 : payload.readUInt16BE(0)
    socket.end(frame(opcode.close, payload))
  }

  #stream(address: string, clientId: string, channels: readonly string[]): ClientRequest {
    const cursors = [...this.#last].map(([name, cursor]) => `${name}:${cursor}`).join()
    const query = new URLSearchParams({ client_id: clientId, channels: channels.join(), cursors })
    const sent = request(`http://${address}/rps/sse?${query}`, { agent: false })
    sent.on('response', answer => {
      this.status = answer.statusCode
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        const events = (text + chunk).split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1]
          if (data !== undefined && this.status === 200) this.#hear(data)
        }
      })
      answer.on('error', () => {}) // likewise
    })
    sent.on('error', () => {}) // likewise
    sent.on('close', () => {
      this.isClosed = true
    })
    sent.end()
    return sent
  }

  #hear(text: string): void {
    const message: { channel: string; cursor?: number; payload: Said } = JSON.parse(text)
    const { channel, cursor, payload } = message
    if (cursor !== undefined) return this.#take({ channel, cursor, payload })
    this.said.push(payload)
    if (payload.op === 'auth_ok') this.isLive = true
    if (payload.op === 'resume_required') this.#announced.set(payload.channel ?? '', payload.from_cursor ?? 0)
  }

  /** A connection is contiguous by itself, too. */
  #take(frame: Frame): void {
    const { channel, cursor } = frame
    const announced = this.#announced.get(channel)
    const last = this.#last.get(channel) ?? 0
    if (last !== 0 && cursor <= last)
      this.#tracker.faults.push(`${channel}: ${cursor} behind ${last} on one connection`)
    if (last !== 0 && cursor > last + 1 && announced === undefined)
      this.#tracker.faults.push(`${channel}: ${cursor} behind ${last}, untold on its connection`)
    this.#last.set(channel, cursor)
    this.#announced.delete(channel)
    this.#tracker.take(frame, announced)
  }
}

/** Of a number, always the same one. */
export function clientIdOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
}
