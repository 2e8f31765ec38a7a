// Opens and holds many streams. All sockets read into one buffer: what a read brought is judged before the next.
import { connect, type Socket } from 'node:net'
import { StreamReader } from './stream-reader.ts'
import type { Tally } from './tally.ts'

/** How streams are opened; without a word 64 at a time, and each that is lost fails the run. */
export interface Opening {
  /** Handshakes under way at a time: well below any listen backlog. */
  readonly handshakes?: number
  /** One that the server ends before anything is published is opened anew: some servers lose a few while they are busy. */
  readonly isRepeated?: boolean
}

export interface StreamsPlan extends Opening {
  readonly host: string
  readonly port: number
  readonly count: number
  /** Number of the first stream among those of all load processes. */
  readonly first: number
  /** Whole requests, as text: stream n sends number n, and after the last one they begin anew. */
  readonly requests: readonly string[]
}

/** One address has some 28,000 ephemeral ports; streams beyond this come from the next address of loopback. */
const streamsPerSource = 20_000

/** Notices to a client that asked for positions begin with a blank, messages with a mark. */
const blank = 32

const handshakesUsual = 64

export class Streams {
  /** Undefined between two parts: what arrives then belongs to none. */
  tally: Tally | undefined
  failure = ''
  /** Of stream 0, where it asked for one. */
  position = ''
  /** As in the plan. */
  first = 0
  readonly #sockets: Socket[] = []
  readonly #buffer = Buffer.allocUnsafeSlow(65_536)
  readonly #nowUs: () => number
  #closing = false

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs
  }

  /** Resolves when all are held by the server. */
  async open(plan: StreamsPlan): Promise<void> {
    let started = 0
    this.first = plan.first
    const lane = async () => {
      while (started < plan.count) await this.#openOne(plan, started++)
    }
    const lanes = Math.min(plan.handshakes ?? handshakesUsual, plan.count)
    await Promise.all(Array.from({ length: lanes }, lane))
  }

  get count(): number {
    return this.#sockets.length
  }

  /** With a reset, so that no port stays behind in TIME_WAIT. */
  close(): void {
    this.#closing = true
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  #openOne(plan: StreamsPlan, stream: number): Promise<void> {
    const { host, port, first, requests } = plan
    const source = Math.floor((first + stream) / streamsPerSource)
    return new Promise((resolve, reject) => {
      const failed = (reason: string) => {
        if (this.#closing) return
        if (plan.isRepeated === true && this.tally === undefined) {
          socket.destroy()
          resolve(this.#openOne(plan, stream))
          return
        }
        this.failure ||= `stream ${stream}: ${reason}`
        reject(new Error(this.failure))
      }
      const reader = new StreamReader({
        opened: resolve,
        message: (bytes, at, length) => this.#message(stream, bytes, at, length),
        asked: answer => socket.write(answer),
        failed,
      })
      const callback = (length: number, bytes: Uint8Array) => {
        this.tally?.read(this.#nowUs())
        reader.push(bytes, length)
        return true
      }
      const socket = connect({
        host,
        port,
        noDelay: true,
        onread: { buffer: this.#buffer, callback },
        ...(source > 0 && { localAddress: `127.0.0.${source + 1}` }),
      })
      socket.on('error', error => failed(error.message))
      socket.on('close', () => failed('the server closed it'))
      socket.write(requests[(first + stream) % requests.length] ?? '')
      this.#sockets[stream] = socket
    })
  }

  #message(stream: number, bytes: Uint8Array, at: number, length: number): void {
    if (bytes[at] === blank) this.#notice(stream, bytes, at, length)
    else if (this.tally !== undefined) this.tally.message(stream, bytes, at, length)
    else this.failure ||= `stream ${stream}: a message between two parts`
  }

  #notice(stream: number, bytes: Uint8Array, at: number, length: number): void {
    const text = Buffer.from(bytes.subarray(at, at + length)).toString()
    const [, position, gap] =
      /^ \{"ringcast":\{"position":"([\w.]+)","gap":(true|false)\}\}$/.exec(text) ?? []
    if (position === undefined || gap === 'true') this.failure ||= `stream ${stream}: ${text}`
    else if (stream === 0) this.position = position
  }
}
