// Calls to origins, and what came of them.
import type { TestContext } from 'node:test'
import type { Call, CallRequest } from '../../src/net/outgoing/call.ts'
import type { CallFailure } from '../../src/net/outgoing/failures.ts'
import { type Origins, type OriginsOptions, openOrigins } from '../../src/net/outgoing/origins.ts'
import { systemClock } from '../../src/std/clock.ts'
import { until } from './until.ts'

export async function openTestOrigins(
  t: Pick<TestContext, 'after'>,
  options: Partial<OriginsOptions> = {},
): Promise<Origins> {
  const origins = await openOrigins({ clock: systemClock, connectionsMax: 10, ...options })
  t.after(() => origins.close())
  return origins
}

/** One call and everything that its handlers heard. */
export class Heard {
  readonly call: Call
  status: number | undefined
  reason = ''
  rawHeaders: readonly string[] = []
  body = ''
  bytes = 0
  ends = 0
  readonly failures: CallFailure[] = []
  /** What `onBody` says. */
  takes = true
  /** Keeps bodies; off where only their size counts. */
  keeps = true

  constructor(origins: Origins, request: CallRequest) {
    this.call = origins.call(request, {
      onHead: (status, reason, rawHeaders) => {
        Object.assign(this, { status, reason, rawHeaders })
      },
      onBody: piece => {
        this.bytes += piece.length
        if (this.keeps) this.body += piece.toString('latin1')
        return this.takes
      },
      onEnd: () => {
        this.ends++
      },
      onFailure: failure => void this.failures.push(failure),
    })
  }

  get isOver(): boolean {
    return this.ends + this.failures.length > 0
  }

  /** Throws where it failed. */
  async ended(): Promise<this> {
    await until('the end of a call', () => this.isOver)
    if (this.failures.length > 0) throw new Error(JSON.stringify(this.failures))
    return this
  }

  async failed(): Promise<CallFailure> {
    await until('the failure of a call', () => this.isOver)
    const [failure] = this.failures
    if (failure === undefined || this.ends > 0) throw new Error('it ended well')
    return failure
  }
}

/** A plain GET of a port on loopback. */
export function getOf(port: number, more: Partial<CallRequest> = {}): CallRequest {
  return {
    target: { host: '127.0.0.1', port },
    method: 'GET',
    path: '/',
    rawHeaders: ['Host', 'a.example'],
    ...more,
  }
}
