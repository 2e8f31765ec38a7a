// Frames of pushwire, `{"channel":…,"cursor":…,"payload":"…","client_id":…}` with the last member where a client sent it, in
// messages or in events alike: the judge gets the payload in place, without its quotes where the message has marks of its own. And how a client comes in: a WebSocket says
// `auth` behind the 101 and is held when it is answered; an event stream is held when its head comes.
import type { StreamListener } from './frames.ts'

export interface PushwireHost extends StreamListener {
  /** It is let in. `heads`: where its channels are, as JSON that `auth` takes for `resume_cursors`. */
  welcomed(heads: string): void
}

const colon = 58
const comma = 44
const tilde = 126
/** Of a frame's beginning, where the first colon is. */
const channelBytes = '{"channel"'.length
/** Behind a payload, where a client sent it. Else there is a brace. */
const senderBytes = ',"client_id":"00000000-0000-0000-0000-000000000000"}'.length

export class PushwireListener implements StreamListener {
  readonly #host: PushwireHost
  /** A whole frame; undefined: nothing has to be said. */
  readonly #auth: Uint8Array | undefined
  /** Frames of channels whose names begin so are passed over, and so is what is said about them. */
  readonly #unheard: Buffer | undefined
  #isIn = false

  constructor(host: PushwireHost, auth: Uint8Array | undefined, unheard: string | undefined) {
    this.#host = host
    this.#auth = auth
    this.#unheard = unheard === undefined ? undefined : Buffer.from(`"${unheard}`)
  }

  opened(): void {
    if (this.#auth === undefined) this.#host.opened()
    else this.#host.asked(this.#auth)
  }

  message(bytes: Uint8Array, at: number, length: number): void {
    const end = at + length
    // Neither names of channels nor cursors have colons.
    const second = colonAt(bytes, at + channelBytes + 1, end)
    if (!isDigit(bytes[second + 1])) return this.#operation(bytes, at, length)
    if (this.#unheard !== undefined && isAt(bytes, at + channelBytes + 1, this.#unheard)) return
    const payloadAt = colonAt(bytes, second + 1, end) + 1
    const senderAt = end - senderBytes
    // The text of a message has no comma.
    const isSent = bytes[senderAt] === comma && senderAt > payloadAt
    const payloadEnd = isSent ? senderAt : end - 1
    const quote = bytes[payloadAt + 1] === tilde ? 1 : 0
    this.#host.message(bytes, payloadAt + quote, payloadEnd - payloadAt - 2 * quote)
  }

  asked(answer: Uint8Array): void {
    this.#host.asked(answer)
  }

  failed(reason: string): void {
    this.#host.failed(reason)
  }

  #operation(bytes: Uint8Array, at: number, length: number): void {
    const text = Buffer.from(bytes.subarray(at, at + length)).toString()
    const heads = /^\{"channel":"system","payload":\{"op":"auth_ok".*?"resume_heads":(\{[^}]*\})/.exec(
      text,
    )?.[1]
    const isExpected = this.#unheard !== undefined && text.includes(`"channel":${this.#unheard}`)
    if (heads === undefined || this.#isIn) {
      if (!isExpected) this.#host.failed(`an operation: ${text.slice(0, 200)}`)
      return
    }
    this.#isIn = true
    this.#host.welcomed(heads)
    if (this.#auth !== undefined) this.#host.opened()
  }
}

/** `end` where there is none. */
function colonAt(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== colon) at++
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57
}

function isAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let place = 0; place < wanted.length; place++) if (bytes[at + place] !== wanted[place]) return false
  return true
}
