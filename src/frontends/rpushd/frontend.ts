// rpushd as a front-end: POST a token, get a stream of length-prefixed frames; POST a message with a bearer secret.
// Read README.md for the wire. What one worker does with a request is in room.ts.
import type { Frontend } from '../frontend.ts'
import { dropIn } from './drop-in.ts'
import { Rpushd } from './room.ts'
import { rpushdSection } from './settings.ts'
import { mintToken } from './token.ts'

/** How long the token of the development greeting lasts. */
const greetingTokenSeconds = 86_400

export const frontend: Frontend<typeof rpushdSection> = {
  name: rpushdSection.name,
  section: rpushdSection,
  open: context => new Rpushd(context),
  greeting({ secret, publishSecret }, address, unixMs) {
    const token = mintToken(secret[0] ?? '', 'demo', Math.floor(unixMs / 1_000) + greetingTokenSeconds)
    const json = "-H 'content-type: application/json'"
    return [
      `curl -sN http://${address}/api/stream/demo ${json} -d '{"token":"${token}"}' -o -`,
      `curl -i http://${address}/api/publish ${json} -H 'authorization: Bearer ${publishSecret[0]}' -d '{"channel":"demo","message":{"hello":"world"}}'`,
    ]
  },
  dropIn,
  channelPath: '/api/stream/([^/]+)$',
  token: {
    summary: 'A token with which a client subscribes to a channel.',
    mint: ({ secret }, channel, unixSeconds) => mintToken(secret[0] ?? '', channel, unixSeconds),
  },
}
