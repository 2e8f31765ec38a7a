// The body of a request for a session, as text: bounded by itself, and with all other bodies of the worker.

import { isUtf8 } from 'node:buffer'
import { bodyRefusals } from '../../../../net/body.ts'
import type { GateExchange } from '../../../../net/gate/gate-exchange.ts'
import type { BodyIntake, Impatience } from '../../../../net/intake.ts'
import { GatheredBytes } from '../../../../std/gathered-bytes.ts'
import { refusals, reply } from './words.ts'

/** Contract §10. */
const bodyBytesMax = 100_000

/** `whole`: once, unless it is refused or its client leaves. What is no text is empty. */
export function collectText(exchange: GateExchange, intake: BodyIntake, whole: (text: string) => void): void {
  const { body } = exchange
  if (body.length === 0) return whole('')
  if (body.length !== undefined && body.length > bodyBytesMax) return reply(exchange, refusals.large)
  const gathered = new GatheredBytes(bodyBytesMax)
  const unfinished = {
    giveUp(why: Impatience) {
      const { status, body: text } = bodyRefusals[why]
      const rawHeaders = ['Content-Type', 'text/plain']
      reply(exchange, { status, reason: 'Request Timeout', rawHeaders, body: text })
    },
  }
  exchange.onAborted(() => intake.release(unfinished))
  body.read(
    piece => {
      if (gathered.length > bodyBytesMax) return
      gathered.add(piece)
      intake.hold(unfinished, gathered.heldBytes)
      if (gathered.length <= bodyBytesMax) return
      intake.release(unfinished)
      reply(exchange, refusals.large)
    },
    () => {
      intake.release(unfinished)
      if (gathered.length > bodyBytesMax) return
      const { bytes } = gathered
      whole(isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString() : '')
    },
  )
}
