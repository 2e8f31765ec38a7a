// pushy as a front-end: server-sent events for whoever has a token, publishes with a token or a publisher's credential.
// Read README.md for the wire. What one worker does with a request is in room.ts.
import { join } from 'node:path'
import { mintJwt } from '../../auth/jwt-mint.ts'
import { readKeyFile } from '../../auth/key-file.ts'
import { systemRandom } from '../../std/random.ts'
import type { Frontend } from '../frontend.ts'
import { type PlayKit, type PlayPlace, quoteWord } from '../play.ts'
import { keysOf } from './authority.ts'
import { isUsablePattern, starsMax } from './channel-grants.ts'
import { dropIn } from './drop-in.ts'
import { metrics } from './metrics.ts'
import { Pushy } from './room.ts'
import { type PushySettings, pushySection } from './settings.ts'

/** How long the token for development lasts. */
const playTokenSeconds = 86_400

export const frontend: Frontend<typeof pushySection> = {
  name: pushySection.name,
  clients: 'Pushy, first and second generation: server-sent events with JSON Web Tokens',
  section: pushySection,
  metrics,
  open: context => new Pushy(context, systemRandom),
  greeting(settings, place) {
    const { subscribe, publish } = kitOf(settings, { channel: 'demo', ...place }).curl
    return [subscribe, publish]
  },
  judgeFiles(settings) {
    try {
      const { remarks, secrets } = keysOf(settings, readKeyFile)
      return { mistakes: [], warnings: remarks, secrets }
    } catch (error) {
      return { mistakes: [error instanceof Error ? error.message : String(error)], warnings: [], secrets: [] }
    }
  },
  isOpen: ({ g1Open }) => g1Open,
  dropIn,
  play: { module: join(import.meta.dirname, 'play'), load: () => import('./play.ts'), kit: kitOf },
  // A ticket is taken back by the node that gave it, so both go to the owner of the channel.
  channelPath: '/(?:channels|publish)/([^/]+)(?:/(?:stream|ticket))?$',
  token: {
    summary: 'A token with which a client subscribes, and publishes, to a channel or pattern.',
    mistakeIn({ nameBytesMax }, channel) {
      if (isUsablePattern(channel) && Buffer.byteLength(channel) <= nameBytesMax) return undefined
      return `opens no channel of pushy: names and patterns have 1 to ${nameBytesMax} bytes, and ${starsMax} stars at most`
    },
    mint: ({ secret }, channel, exp) => mintJwt(secret[0] ?? '', { channels: [channel], exp }),
  },
}

function kitOf(settings: PushySettings, { channel, address, unixMs }: PlayPlace): PlayKit {
  const { secret, clientId: id, clientSecret } = settings
  const exp = Math.floor(unixMs / 1_000) + playTokenSeconds
  const token = mintJwt(secret[0] ?? '', { channels: [channel], exp })
  const credentials = { token, id, secret: clientSecret[0] ?? '' }
  const urlOf = (path: string) => quoteWord(`http://${address}${path}`)
  const segment = encodeURIComponent(channel)
  const publisher = `-H ${quoteWord(`x-client-id: ${id}`)} -H ${quoteWord(`x-client-secret: ${credentials.secret}`)}`
  return {
    wire: 'server-sent events',
    positions: 'The id of each event is its position.',
    credentials,
    curl: {
      subscribe: `curl -sN ${urlOf(`/channels/${segment}/stream`)} -H 'authorization: Bearer ${token}'`,
      publish: `curl -i ${urlOf(`/publish/${segment}`)} -H 'content-type: application/json' ${publisher} -d '{"data":{"hello":"world"}}'`,
    },
  }
}
