// The way to origins of one worker. Its library is loaded with the first call, for it takes time and memory that a node
// which asks no origin does not need.
import { faultText } from '../../std/fault.ts'
import type { Call, CallHandlers, CallRequest } from './call.ts'
import type { Dial, DialHandlers, DialRequest } from './dial.ts'
import { Dialler } from './dialler.ts'
import { type Origins, type OriginsOptions, openOrigins } from './origins.ts'

export class LazyOrigins {
  readonly #options: OriginsOptions
  readonly #dialler: Dialler
  #origins: Origins | undefined
  #opening: Promise<void> | undefined

  constructor(options: OriginsOptions) {
    this.#options = options
    this.#dialler = new Dialler(options)
  }

  statistics(): Readonly<Record<'origins' | 'originConnections' | 'originHandshakes', number>> {
    return {
      origins: this.#origins?.targets ?? 0,
      originConnections: this.#origins?.connections ?? 0,
      originHandshakes: this.#dialler.dials,
    }
  }

  call(request: CallRequest, handlers: CallHandlers): Call {
    if (this.#origins !== undefined) return this.#origins.call(request, handlers)
    return new EarlyCall(
      this.#open().then(() => this.#origins),
      request,
      handlers,
    )
  }

  /** Needs no library. */
  dial(request: DialRequest, handlers: DialHandlers): Dial {
    return this.#dialler.dial(request, handlers)
  }

  /** A WebSocket that was accepted is its owner's. */
  close(): void {
    this.#dialler.close()
    this.#origins?.close()
  }

  #open(): Promise<void> {
    this.#opening ??= openOrigins(this.#options).then(origins => {
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
