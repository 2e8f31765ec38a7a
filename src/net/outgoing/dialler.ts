// WebSockets to origins, each over a connection of its own. How many there are is bounded by whoever asks: a proxy dials once for each
// client that it accepted.
import { Fault } from '../../std/fault.ts'
import { systemRandom } from '../../std/random.ts'
import { Connectors } from './connectors.ts'
import { type Dial, type DialHandlers, type DialRequest, type DialRoom, OutgoingDial } from './dial.ts'
import { connectorTo, type OriginsOptions } from './origins.ts'
import { createIsPrivate } from './private-addresses.ts'

/** Longer than applications take to accept; whoever waits longer was forgotten by his origin. */
const handshakeMs = 30_000

export class Dialler {
  readonly #room: DialRoom
  readonly #connectors: Connectors
  readonly #dials = new Set<OutgoingDial>()
  #isClosed = false

  constructor(options: OriginsOptions) {
    const { clock, random = systemRandom } = options
    this.#room = { clock, random, handshakeMs: options.handshakeMs ?? handshakeMs }
    const isPrivate = createIsPrivate()
    this.#connectors = new Connectors(target => connectorTo(target, options, isPrivate))
  }

  /** Not answered yet. */
  get dials(): number {
    return this.#dials.size
  }

  /** Asks for a WebSocket. No redirect is followed, and nothing is asked twice. */
  dial(request: DialRequest, handlers: DialHandlers): Dial {
    const dial = new OutgoingDial(this.#room, request, handlers, over => void this.#dials.delete(over))
    this.#dials.add(dial)
    if (this.#isClosed) queueMicrotask(() => dial.fail(closing()))
    else dial.start(this.#connectors.to(request.target))
    return dial
  }

  /** Ends all handshakes, each with a failure. */
  close(): void {
    this.#isClosed = true
    for (const dial of [...this.#dials]) dial.fail(closing())
  }
}

const closing = () => new Fault('node-closing', 'no WebSocket is asked for any more')
