// A publisher that pushes over ZeroMQ (ZMTP 3.0, RFC 23 of that project): nothing answers there, so what it sent is acknowledged when
// a stream of its own has heard all of it.
import { connect, type Socket } from 'node:net'
import { stamp } from './payload.ts'
import type { PublisherPlan, Sender } from './publisher.ts'
import type { Streams } from './streams.ts'

const greetingBytes = 64

/** Version 3.0, no security, client or server alike. */
function greeting(): Buffer {
  const bytes = Buffer.alloc(greetingBytes)
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0])
  bytes.write('NULL', 12)
  return bytes
}

/** A command that says what we are. */
function ready(): Buffer {
  const [name, value] = ['Socket-Type', 'PUSH']
  const length = Buffer.alloc(4)
  length.writeUInt32BE(value.length)
  const body = Buffer.concat([
    Buffer.from(`\x05READY${String.fromCharCode(name.length)}${name}`),
    length,
    Buffer.from(value),
  ])
  return Buffer.concat([Buffer.from([4, body.length]), body])
}

/** A message of one frame. */
function framed(text: string): { readonly frame: Buffer; readonly bodyAt: number } {
  const body = Buffer.from(text)
  const head = Buffer.alloc(body.length < 256 ? 2 : 9)
  if (body.length < 256) head[1] = body.length
  else {
    head[0] = 2
    head.writeBigUInt64BE(BigInt(body.length), 1)
  }
  return { frame: Buffer.concat([head, body]), bodyAt: head.length }
}

export class ZmtpPublisher implements Sender {
  published = 0
  readonly #streams: Streams
  /** Its place among those that this process holds. */
  readonly #stream: number
  readonly #part: number
  readonly #index: number
  readonly #burst: Buffer
  readonly #payloadsAt: readonly number[]
  readonly #socket: Socket
  readonly #isReady: Promise<void>
  #heard = 0
  #acknowledged: () => void = () => {}
  #refused: (error: Error) => void = () => {}

  constructor(plan: PublisherPlan, part: number, index: number, place: { streams: Streams; stream: number }) {
    this.#streams = place.streams
    this.#stream = place.stream
    this.#part = part
    this.#index = index
    const { messages } = plan.burst ?? { messages: 1 }
    const { frame, bodyAt } = framed(headOf(plan, index) + plan.template + plan.tail)
    this.#burst = Buffer.concat(Array.from({ length: messages }, () => frame))
    const payloadAt = bodyAt + Buffer.byteLength(plan.head)
    this.#payloadsAt = Array.from({ length: messages }, (_, at) => at * frame.length + payloadAt)
    this.#socket = connect({ host: plan.host, port: plan.port, noDelay: true })
    this.#isReady = this.#shakeHands()
    this.#streams.hear(this.#stream, {
      message: () => this.#count(),
      failed: reason => this.#refused(new Error(reason)),
    })
  }

  send(timeUs: number, acknowledged: () => void, refused: (error: Error) => void): void {
    this.#acknowledged = acknowledged
    this.#refused = refused
    // All of the last burst came back, so its bytes have left and the buffer is free again.
    for (const [at, payloadAt] of this.#payloadsAt.entries())
      stamp(this.#burst, payloadAt, this.#part, this.#index, this.published + at, timeUs)
    this.#isReady.then(() => this.#socket.write(this.#burst), refused)
  }

  close(): void {
    this.#streams.hear(this.#stream, undefined)
    this.#socket.destroy()
  }

  #shakeHands(): Promise<void> {
    this.#socket.write(greeting())
    return new Promise((resolve, reject) => {
      let came = 0
      const failed = (reason: string) => {
        const error = new Error(`ZeroMQ: ${reason}`)
        reject(error)
        this.#refused(error)
      }
      this.#socket.on('data', bytes => {
        const hadGreeting = came >= greetingBytes
        came += bytes.length
        if (!hadGreeting && came >= greetingBytes) this.#socket.write(ready())
        // Its own word comes behind its greeting.
        if (came > greetingBytes) resolve()
      })
      this.#socket.on('error', error => failed(error.message))
      this.#socket.on('close', () => failed('the server closed the connection'))
    })
  }

  /** The judge has seen that they come once and in order. */
  #count(): void {
    this.#heard++
    if (this.#heard < this.#payloadsAt.length) return
    this.#heard = 0
    this.published += this.#payloadsAt.length
    this.#acknowledged()
  }
}

/** With the one channel of this publisher. */
function headOf({ head, names }: PublisherPlan, index: number): string {
  if (names === undefined) return head
  const { at, digits } = names
  return head.slice(0, at) + String(index).padStart(digits, '0') + head.slice(at + digits)
}
