// The way to origins of one worker. Its library is loaded with the first call, for it takes time and memory that a node
// without routes to origins does not need.
import type { Call, CallHandlers, CallRequest } from '../../net/outgoing/call.ts'
import { type Origins, openOrigins } from '../../net/outgoing/origins.ts'
import type { Clock } from '../../std/clock.ts'
import { faultText } from '../../std/fault.ts'

export interface OriginLimits {
  readonly originConnectionsMax: number
  readonly originHeadMs: number
  readonly originIdleMs: number
}

export class LazyOrigins {
  readonly #clock: Clock
  readonly #limits: OriginLimits
  #origins: Origins | undefined
  #opening: Promise<void> | undefined

  constructor(clock: Clock, limits: OriginLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  statistics(): Readonly<Record<'origins' | 'originConnections', number>> {
    return { origins: this.#origins?.targets ?? 0, originConnections: this.#origins?.connections ?? 0 }
  }

  call(request: CallRequest, handlers: CallHandlers): Call {
    if (this.#origins !== undefined) return this.#origins.call(request, handlers)
    return new EarlyCall(
      this.#open().then(() => this.#origins),
      request,
      handlers,
    )
  }

  close(): void {
    this.#origins?.close()
  }

  #open(): Promise<void> {
    const { originConnectionsMax: connectionsMax, originHeadMs: headMs, originIdleMs: idleMs } = this.#limits
    this.#opening ??= openOrigins({ clock: this.#clock, connectionsMax, headMs, idleMs }).then(origins => {
      this.#origins = origins
    })
    return this.#opening
  }
}

/** One that was made before the library was there. */
class EarlyCall implements Call {
  #call: Call | undefined
  #isAborted = false

  constructor(ready: Promise<Origins | undefined>, request: CallRequest, handlers: CallHandlers) {
    ready.then(
      origins => {
        if (!this.#isAborted) this.#call = origins?.call(request, handlers)
      },
      error => {
        const failure = { phase: 'sending', code: 'library-missing', message: faultText(error) } as const
        if (!this.#isAborted) handlers.onFailure({ ...failure, wasReused: false, isBlocked: false })
      },
    )
  }

  abort(): void {
    this.#isAborted = true
    this.#call?.abort()
  }

  pause(): void {
    this.#call?.pause()
  }

  resume(): void {
    this.#call?.resume()
  }
}
