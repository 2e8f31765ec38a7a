// pushy as a front-end: server-sent events for whoever has a token, publishes with a token or a publisher's credential.
// Read README.md for the wire. What one worker does with a request is in room.ts.
import { readFileSync } from 'node:fs'
import { mintJwt } from '../../auth/jwt-mint.ts'
import { systemRandom } from '../../std/random.ts'
import type { Frontend } from '../frontend.ts'
import { keysOf } from './authority.ts'
import { dropIn } from './drop-in.ts'
import { Pushy } from './room.ts'
import { pushySection } from './settings.ts'

/** How long the token of the development greeting lasts. */
const greetingTokenSeconds = 86_400

export const frontend: Frontend<typeof pushySection> = {
  name: pushySection.name,
  section: pushySection,
  open: context => new Pushy(context, systemRandom),
  greeting({ secret, clientId, clientSecret }, address, unixMs) {
    const exp = Math.floor(unixMs / 1_000) + greetingTokenSeconds
    const token = mintJwt(secret[0] ?? '', { sub: 'demo', channels: ['demo', 'demo.*'], exp })
    return [
      `curl -sN http://${address}/channels/demo/stream -H 'authorization: Bearer ${token}'`,
      `curl -i http://${address}/publish/demo -H 'content-type: application/json' -H 'x-client-id: ${clientId}' -H 'x-client-secret: ${clientSecret[0]}' -d '{"data":{"hello":"world"}}'`,
    ]
  },
  mistakes(settings) {
    try {
      keysOf(settings, path => readFileSync(path, 'utf8'))
      return []
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  },
  isOpen: ({ g1Open }) => g1Open,
  dropIn,
  channelPath: '/(?:channels|publish)/([^/]+)(?:/stream)?$',
  token: {
    summary: 'A token with which a client subscribes, and publishes, to a channel or pattern.',
    mint: ({ secret }, channel, exp) => mintJwt(secret[0] ?? '', { channels: [channel], exp }),
  },
}
