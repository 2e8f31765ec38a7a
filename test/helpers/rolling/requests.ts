// One request whose answer goes on until somebody ends it, as a client that comes back uses it.
import { Agent, type ClientRequest } from 'node:http'
import { requestBy } from '../protocols/streaming.ts'
import type { RequestParts } from '../raw-http.ts'
import { ReturningClient } from './returning-client.ts'

/** Nobody shares a connection: an answer may stay. */
const agent = new Agent()

export abstract class ReturningRequest extends ReturningClient {
  #sent: ClientRequest | undefined

  protected abstract parts(): RequestParts
  /** A 200 has begun. */
  protected abstract begun(): void
  protected abstract heard(bytes: Buffer): void
  /** The answer is complete, in good order. */
  protected completed(): void {
    this.ended()
  }

  connect(): void {
    const parts = this.parts()
    const sent = requestBy(this.site, parts, { agent })
    this.#sent = sent
    let [toldMs, isComplete]: [number | undefined, boolean] = [undefined, false]
    sent.on('response', answer => {
      const isTaken = answer.statusCode === 200
      if (isTaken) this.begun()
      else {
        this.words.push(String(answer.statusCode))
        toldMs = Number(answer.headers['retry-after'] ?? 0) * 1_000 || undefined
      }
      answer.on('data', (bytes: Buffer) => {
        if (isTaken) this.heard(bytes)
      })
      answer.on('end', () => {
        isComplete = isTaken
      })
      answer.on('error', () => {}) // the close that follows says enough
    })
    sent.on('error', () => {}) // likewise
    sent.on('close', () => {
      if (this.isStopped) return
      if (isComplete) this.completed()
      else this.ended(toldMs)
    })
    sent.end(parts.body)
  }

  protected leave(): void {
    this.#sent?.destroy()
  }
}
