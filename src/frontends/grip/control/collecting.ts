// The body of one request at the control door until it is whole. What all such bodies hold is bounded, and each has its time.
import type { GateExchange } from '../../../net/gate/gate-exchange.ts'
import type { BodyIntake, Impatience, Unfinished } from '../../../net/intake.ts'
import { GatheredBytes } from '../../../std/gathered-bytes.ts'

/**
 * Calls one of both, once, unless the client leaves before. `givenUp`: it took too long, or there was no room; an answer ends
 * the reading.
 */
export function collect(
  exchange: GateExchange,
  intake: BodyIntake,
  whole: (body: Uint8Array) => void,
  givenUp: (why: Impatience) => void,
): void {
  const { body } = exchange
  if (body.length === 0) return whole(new Uint8Array(0))
  const gathered = new GatheredBytes(body.length ?? Number.POSITIVE_INFINITY)
  const unfinished: Unfinished = { giveUp: givenUp }
  exchange.onAborted(() => intake.release(unfinished))
  body.read(
    piece => {
      gathered.add(piece)
      intake.hold(unfinished, gathered.heldBytes)
    },
    () => {
      intake.release(unfinished)
      whole(gathered.bytes)
    },
  )
}
