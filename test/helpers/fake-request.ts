// A request of a client whose answer a test watches: refused, held, a WebSocket, or lost because its client left.
import type { Refusal } from '../../src/engine/words/refusal.ts'
import type { Answerable, SocketEnd, StreamEnd } from '../../src/frontends/session/interest.ts'
import type { StreamConsumer } from '../../src/net/held-stream.ts'
import type { Reply } from '../../src/net/reply.ts'
import type { SocketConsumer } from '../../src/net/socket.ts'

export class FakeRequest implements Answerable {
  pending = true
  head: Reply | undefined
  refusal: Refusal | undefined
  /** When it is to come back, as its refusal said. */
  returnMs: number | undefined
  /** Answered, without being held. */
  answer: Reply | undefined
  /** By their names in lower case. */
  headers: Readonly<Record<string, string>> = {}
  /** What was written, then how it ended. */
  readonly written: string[] = []
  /** False: the socket is behind. */
  takes = true
  consumer: StreamConsumer | SocketConsumer | undefined
  #aborted: () => void = () => {}

  /** As the code under test sees it. */
  get exchange(): Answerable {
    return this
  }

  refuse(reason: Refusal, _detail?: undefined, { returnMs }: { readonly returnMs?: number } = {}): void {
    this.refusal = reason
    this.returnMs = returnMs
    this.pending = false
  }

  header(name: string): string | undefined {
    return this.headers[name]
  }

  reply(reply: Reply): void {
    this.answer = reply
    this.pending = false
  }

  onAborted(run: () => void): void {
    this.#aborted = run
  }

  hold(head: Reply, first: Uint8Array, consumer: StreamConsumer): StreamEnd | undefined {
    if (!this.pending) return undefined
    this.pending = false
    this.head = head
    this.consumer = consumer
    this.write(first)
    return this
  }

  upgrade(consumer: SocketConsumer): SocketEnd | undefined {
    if (!this.pending) return undefined
    this.pending = false
    this.consumer = consumer
    return this
  }

  send(message: Uint8Array, kind: string): boolean {
    return this.sendAll([message], kind)
  }

  sendAll(messages: readonly Uint8Array[], kind: string): boolean {
    return this.#put(...messages.map(message => `${kind} ${Buffer.from(message).toString()}`))
  }

  ping(): void {
    this.#put('ping')
  }

  terminate(): void {
    this.#over('[cut]')
  }

  write(bytes: Uint8Array): boolean {
    return this.#put(Buffer.from(bytes).toString())
  }

  end(): void {
    this.#over('[end]')
  }

  /** Of a stream; of a socket with a code and a reason, and time for what was sent. */
  close(code?: number, reason = '', withinMs?: number): void {
    const said = `${code} ${reason}`.trimEnd()
    if (code === undefined) this.#over('[cut]')
    else this.#over(withinMs === undefined ? `[${said}]` : `[${said} within ${withinMs}]`)
  }

  /** The client leaves, before its answer or behind it. */
  leave(): void {
    if (this.pending) this.#aborted()
    this.pending = false
    this.#over('[left]')
  }

  drain(): void {
    this.takes = true
    this.consumer?.drained()
  }

  /** What comes behind the end goes nowhere. */
  #put(...texts: readonly string[]): boolean {
    if (this.consumer === undefined) return true
    this.written.push(...texts)
    return this.takes
  }

  #over(how: string): void {
    const { consumer } = this
    this.consumer = undefined
    if (consumer === undefined) return
    this.written.push(how)
    consumer.closed(1006, '')
  }
}
