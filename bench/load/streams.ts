// Opens and holds many streams. All sockets read into one buffer: what a read brought is judged before the next.
import { connect, type Socket } from 'node:net'
import type { StreamListener } from './frames.ts'
import { PushwireListener } from './pushwire-listener.ts'
import { textFrame } from './socket-reader.ts'
import { StreamReader } from './stream-reader.ts'
import type { Tally } from './tally.ts'

/** How streams are opened; without a word 64 at a time, and each that is lost fails the run. */
export interface Opening {
  /** Handshakes under way at a time: well below any listen backlog. */
  readonly handshakes?: number
  /** One that the server ends before anything is published is opened anew: some servers lose a few while they are busy. */
  readonly isRepeated?: boolean
  /** Messages are in frames of pushwire. */
  readonly pushwire?: PushwireOpening
  /** A stream reads no faster; all of them, where nothing is said, as fast as they can. */
  readonly bytesPerSecond?: number
}

export interface PushwireOpening {
  /**
   * How the ids of its clients begin, eight hexadecimal digits: they end in the stream's number. `{id}` stands for a
   * stream's own in its request and in `auth`.
   */
  readonly ids: string
  /** What a WebSocket says behind the 101; it is held when it was answered. Without it a stream is when its head comes. */
  readonly auth?: string
  /** Frames of channels whose names begin so are read and do not count. */
  readonly unheard?: string
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

/** Hears what one stream does. */
export interface Ear {
  /** Behind the judge, who found it sound. */
  message(bytes: Uint8Array, at: number): void
  failed(reason: string): void
}

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
  /** By stream; few have one, and those the lowest numbers. */
  readonly #ears: (Ear | undefined)[] = []
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

  say(stream: number, frame: Uint8Array): void {
    this.#sockets[stream]?.write(frame)
  }

  hear(stream: number, ear: Ear | undefined): void {
    this.#ears[stream] = ear
    if (this.failure !== '') ear?.failed(this.failure)
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
        this.#fail(`stream ${stream}: ${reason}`)
        reject(new Error(this.failure))
      }
      const listener: StreamListener = {
        opened: resolve,
        message: (bytes, at, length) => this.#message(stream, bytes, at, length),
        asked: answer => socket.write(answer),
        failed,
      }
      const reader = new StreamReader(this.#unwrapped(plan, stream, listener))
      const callback = (length: number, bytes: Uint8Array) => {
        this.tally?.read(this.#nowUs())
        reader.push(bytes, length)
        if (plan.bytesPerSecond === undefined) return true
        setTimeout(() => socket.resume(), (length / plan.bytesPerSecond) * 1_000)
        return false
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
      socket.write(namedIn(requests[(first + stream) % requests.length] ?? '', plan, stream))
      this.#sockets[stream] = socket
    })
  }

  /** What is told to `listener` are messages, whatever they come in. */
  #unwrapped(plan: StreamsPlan, stream: number, listener: StreamListener): StreamListener {
    const { pushwire } = plan
    if (pushwire === undefined) return listener
    const { auth, unheard } = pushwire
    const welcomed = (heads: string) => {
      if (stream === 0) this.position = heads
    }
    const said = auth === undefined ? undefined : textFrame(namedIn(auth, plan, stream))
    return new PushwireListener({ ...listener, welcomed }, said, unheard)
  }

  #message(stream: number, bytes: Uint8Array, at: number, length: number): void {
    if (bytes[at] === blank) this.#notice(stream, bytes, at, length)
    else if (this.tally !== undefined) {
      this.tally.message(stream, bytes, at, length)
      if (this.tally.failure !== '') this.#fail(this.tally.failure)
      else this.#ears[stream]?.message(bytes, at)
    } else this.#fail(`stream ${stream}: a message between two parts`)
  }

  #fail(failure: string): void {
    this.failure ||= failure
    for (const ear of this.#ears) ear?.failed(this.failure)
  }

  #notice(stream: number, bytes: Uint8Array, at: number, length: number): void {
    const text = Buffer.from(bytes.subarray(at, at + length)).toString()
    const [, position, gap] =
      /^ \{"ringcast":\{"position":"([\w.]+)","gap":(true|false)\}\}$/.exec(text) ?? []
    if (position === undefined || gap === 'true') this.#fail(`stream ${stream}: ${text}`)
    else if (stream === 0) this.position = position
  }
}

/** With the id of the stream where `{id}` stands. */
function namedIn(text: string, { pushwire, first }: StreamsPlan, stream: number): string {
  if (pushwire === undefined) return text
  return text.replaceAll('{id}', () => clientId(pushwire.ids, first + stream))
}

/** A UUID. */
export function clientId(ids: string, stream: number): string {
  return `${ids}-0000-4000-8000-${String(stream).padStart(12, '0')}`
}
