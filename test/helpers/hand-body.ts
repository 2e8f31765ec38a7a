// Bodies of requests to origins that a test pushes piece by piece.
import type { TestContext } from 'node:test'
import type { OutgoingBody } from '../../src/net/outgoing/outgoing-body.ts'
import { getOf, Heard, openTestOrigins } from './outgoing.ts'
import { openRawOrigin } from './outgoing-origin.ts'

export class HandBody implements OutgoingBody {
  readonly length: number | undefined
  push: (piece: Uint8Array) => boolean = () => false
  end = () => {}
  drains = 0
  stops = 0
  hasStarted = false

  constructor(length?: number) {
    this.length = length
  }

  start(push: (piece: Uint8Array) => boolean, end: () => void): void {
    this.hasStarted = true
    this.push = push
    this.end = end
  }

  drained(): void {
    this.drains++
  }

  stop(): void {
    this.stops++
  }

  /** Pushes one piece after the other while they are taken; the number of those that were. */
  fill(piece: Uint8Array): number {
    let count = 1
    while (this.push(piece)) count++
    return count
  }
}

/** A POST of it that has reached its origin. */
export async function post(t: TestContext, body: OutgoingBody) {
  const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
  const heard = new Heard(origins, getOf(origin.port, { method: 'POST', body }))
  return { origins, origin, heard, connection: await origin.connection() }
}
