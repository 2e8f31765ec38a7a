// One stream of a real daemon for the model: what arrives waits in an inbox until the model knows enough to judge it.
import { fail, ok } from 'node:assert/strict'
import type { ClientRequest } from 'node:http'
import { type Position, parsePosition } from '../../src/engine/words/position.ts'
import type { Asked } from './model.ts'
import { textOf } from './model-start.ts'
import type { Told } from './protocols/protocol.ts'
import { requestBy, type Streaming } from './protocols/streaming.ts'

export type StreamEvent =
  | { readonly kind: 'position'; readonly position: Position; readonly gap: boolean }
  | { readonly kind: 'message'; readonly text: string; readonly position: Position | undefined }

/** Where a worker serves a protocol. */
export interface Place {
  readonly address: string
  readonly protocol: Streaming
}

export class ModelStream {
  readonly inbox: StreamEvent[] = []
  status: number | undefined
  /** The daemon, or the client, ended it. */
  closed = false
  readonly #request: ClientRequest

  constructor({ address, protocol }: Place, channel: string, since: Asked | undefined) {
    const parts = protocol.subscription(channel, since === undefined ? '' : textOf(since))
    this.#request = requestBy(address, parts, { agent: false })
    this.#request.on('response', answer => {
      const decode = protocol.decoder()
      this.status = answer.statusCode
      answer.on('data', (bytes: Buffer) => {
        if (answer.statusCode === 200) this.inbox.push(...decode(bytes).flatMap(eventsOf))
      })
      answer.on('error', () => {}) // the close that follows says enough
    })
    this.#request.on('error', () => {}) // likewise
    this.#request.on('close', () => {
      this.closed = true
    })
    this.#request.end(parts.body)
  }

  leave(): void {
    this.inbox.length = 0
    this.#request.destroy()
  }
}

function eventsOf(told: Told): readonly StreamEvent[] {
  if (told.kind === 'retry') return []
  if (told.kind === 'position') return [{ ...told, position: positionIn(told.position) }]
  const position = told.position === undefined ? undefined : positionIn(told.position)
  return [{ kind: 'message', text: JSON.parse(told.text).text, position }]
}

function positionIn(text: string): Position {
  const { epoch, offset } = parsePosition(text) ?? fail(`no position: ${text}`)
  ok(epoch !== undefined, `a position without an epoch: ${text}`)
  return { epoch, offset }
}
