// One stream of a real daemon for the model: what arrives waits in an inbox until the model knows enough to judge it.
import { fail, ok } from 'node:assert/strict'
import { type ClientRequest, request } from 'node:http'
import { mintHmacToken } from '../../src/auth/hmac-token.ts'
import { type Position, parsePosition } from '../../src/engine/words/position.ts'
import { createFrameReader } from '../../src/frontends/rpushd/codec.ts'
import { secrets } from './daemon.ts'
import type { Asked } from './model.ts'
import { textOf } from './model-start.ts'

export type StreamEvent =
  | { readonly kind: 'position'; readonly position: Position; readonly gap: boolean }
  | { readonly kind: 'message'; readonly text: string }

interface Notice {
  readonly ringcast: { readonly position: string; readonly gap: boolean }
}

const farFuture = 4_102_444_800

export class ModelStream {
  readonly inbox: StreamEvent[] = []
  status: number | undefined
  /** The daemon, or the client, ended it. */
  closed = false
  readonly #request: ClientRequest

  constructor(address: string, channel: string, since: Asked | undefined) {
    const [host, port] = address.split(':')
    const headers = { 'content-type': 'application/json' }
    const path = `/api/stream/${channel}`
    const options = { host, port, path, method: 'POST', headers, agent: false } as const
    this.#request = request(options, answer => {
      const reader = createFrameReader()
      this.status = answer.statusCode
      answer.on('data', (bytes: Buffer) => {
        if (answer.statusCode === 200) for (const frame of reader.push(bytes)) this.#take(frame)
      })
      answer.on('error', () => {}) // the close that follows says enough
    })
    this.#request.on('error', () => {}) // likewise
    this.#request.on('close', () => {
      this.closed = true
    })
    const exp = farFuture
    const token = mintHmacToken(secrets.subscribe, { aud: 'rpushd', scope: 'subscribe', channel, exp })
    this.#request.end(JSON.stringify({ token, since: since === undefined ? '' : textOf(since) }))
  }

  leave(): void {
    this.inbox.length = 0
    this.#request.destroy()
  }

  #take(frame: Uint8Array): void {
    if (frame.length === 0) return
    const text = Buffer.from(frame).toString()
    if (!text.startsWith(' ')) return void this.inbox.push({ kind: 'message', text: JSON.parse(text) })
    const { position, gap } = (JSON.parse(text) as Notice).ringcast
    const { epoch, offset } = parsePosition(position) ?? fail(`no position: ${position}`)
    ok(epoch !== undefined, `a position without an epoch: ${position}`)
    this.inbox.push({ kind: 'position', position: { epoch, offset }, gap })
  }
}
