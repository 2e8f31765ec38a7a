// What Pinghub reads of a head before anybody is known, as long as a head may be.
import { parseResume } from '../../../src/frontends/pinghub/codec.ts'
import { faultOf, meansSocket } from '../../../src/frontends/pinghub/handshake.ts'
import { createOriginCheck } from '../../../src/frontends/pinghub/origin.ts'
import { parseTarget } from '../../../src/frontends/pinghub/path.ts'
import type { Target } from '../target.ts'
import { longHeads } from './long-heads.ts'

const allowsOrigin = createOriginCheck(['https://a.example'])

export const targets: readonly Target[] = [
  longHeads('pinghub-long-heads', (text, exchange) => {
    parseTarget(text, text)
    parseResume(text)
    meansSocket(exchange)
    faultOf(exchange, allowsOrigin)
    allowsOrigin(text)
  }),
]
