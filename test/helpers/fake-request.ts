// A request of a client whose answer a test watches: refused, held, or lost because its client left.
import type { Refusal } from '../../src/engine/refusal.ts'
import type { Exchange } from '../../src/net/exchange.ts'
import type { HeldStream, StreamConsumer } from '../../src/net/held-stream.ts'
import type { Reply } from '../../src/net/reply.ts'

export class FakeRequest {
  pending = true
  head: Reply | undefined
  refusal: Refusal | undefined
  /** What was written, then how it ended. */
  readonly written: string[] = []
  /** False: the socket is behind. */
  takes = true
  consumer: StreamConsumer | undefined
  #aborted: () => void = () => {}

  /** As the code under test sees it. */
  get exchange(): Exchange {
    return this as unknown as Exchange // all that a session calls
  }

  refuse(reason: Refusal): void {
    this.refusal = reason
    this.pending = false
  }

  onAborted(run: () => void): void {
    this.#aborted = run
  }

  hold(head: Reply, first: Uint8Array, consumer: StreamConsumer): HeldStream | undefined {
    if (!this.pending) return undefined
    this.pending = false
    this.head = head
    this.consumer = consumer
    this.write(first)
    return this as unknown as HeldStream // all that a session calls
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString())
    return this.takes
  }

  end(): void {
    this.#over('[end]')
  }

  close(): void {
    this.#over('[cut]')
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

  #over(how: string): void {
    const { consumer } = this
    this.consumer = undefined
    if (consumer === undefined) return
    this.written.push(how)
    consumer.closed()
  }
}
