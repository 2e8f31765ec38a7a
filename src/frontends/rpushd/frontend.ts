// rpushd as a front-end: POST a token, get a stream of length-prefixed frames; POST a message with a bearer secret.
// Read README.md for the wire. What one worker does with a request is in room.ts.
import { join } from 'node:path'
import type { Frontend } from '../frontend.ts'
import { type PlayKit, type PlayPlace, quoteWord } from '../play.ts'
import { isChannelName } from './codec.ts'
import { dropIn } from './drop-in.ts'
import { metrics } from './metrics.ts'
import { Rpushd } from './room.ts'
import { type RpushdSettings, rpushdSection } from './settings.ts'
import { mintToken } from './token.ts'

/** How long the token for development lasts. */
const playTokenSeconds = 86_400

export const frontend: Frontend<typeof rpushdSection> = {
  name: rpushdSection.name,
  clients: "SoftCreatR's push daemon 1.0.3",
  section: rpushdSection,
  metrics,
  open: context => new Rpushd(context),
  greeting(settings, place) {
    const { subscribe, publish } = kitOf(settings, { channel: 'demo', ...place }).curl
    return [subscribe, publish]
  },
  dropIn,
  play: { module: join(import.meta.dirname, 'play'), load: () => import('./play.ts'), kit: kitOf },
  channelPath: '/api/stream/([^/]+)$',
  healthPath: '/healthz',
  token: {
    summary: 'A token with which a client subscribes to a channel.',
    mistakeIn: (_, channel) =>
      isChannelName(channel)
        ? undefined
        : 'is no channel of rpushd: one has 1 to 191 characters out of A-Z a-z 0-9 : - _ .',
    mint: ({ secret }, channel, unixSeconds) => mintToken(secret[0] ?? '', channel, unixSeconds),
  },
}

function kitOf({ secret, publishSecret }: RpushdSettings, { channel, address, unixMs }: PlayPlace): PlayKit {
  const exp = Math.floor(unixMs / 1_000) + playTokenSeconds
  // A name that the protocol does not take shall be refused by the server, in its own words.
  const token = isChannelName(channel) ? mintToken(secret[0] ?? '', channel, exp) : ''
  const credentials = { token, secret: publishSecret[0] ?? '' }
  const urlOf = (path: string) => quoteWord(`http://${address}${path}`)
  const json = "-H 'content-type: application/json'"
  const bearer = `-H ${quoteWord(`authorization: Bearer ${credentials.secret}`)}`
  const body = (value: object) => quoteWord(JSON.stringify(value))
  return {
    wire: 'frames in a stream',
    positions:
      'The wire names no positions. This client asks for one notice at the start ("since") and counts from there.',
    credentials,
    curl: {
      subscribe: `curl -sN ${urlOf(`/api/stream/${encodeURIComponent(channel)}`)} ${json} -d ${body({ token })} -o -`,
      publish: `curl -i ${urlOf('/api/publish')} ${json} ${bearer} -d ${body({ channel, message: { hello: 'world' } })}`,
    },
  }
}
