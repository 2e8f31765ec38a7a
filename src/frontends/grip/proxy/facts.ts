// What operators and statistics are told of a request that is held, looked up when they ask.
import type { ConnectionFacts } from '../control/connection.ts'
import type { Holding } from '../hold/holding.ts'
import type { Choice } from './choice.ts'

/** Of a WebSocket. */
export function factsOfSocket(
  { exchange, rule }: Choice,
  { id, channels }: Pick<ConnectionFacts, 'id' | 'channels'>,
): ConnectionFacts {
  return {
    id,
    kind: 'ws',
    mode: 'ws',
    get peer() {
      return exchange.remoteAddress
    },
    isTls: exchange.isTls,
    rule,
    channels,
  }
}

export function factsOf(
  { exchange, rule }: Choice,
  holding: Pick<Holding, 'mode' | 'channels'>,
): ConnectionFacts {
  return {
    kind: 'http',
    mode: holding.mode,
    get peer() {
      return exchange.remoteAddress
    },
    isTls: exchange.isTls,
    rule,
    get channels() {
      return holding.channels.map(({ full }) => full)
    },
  }
}
