// Pinghub as a front-end: a WebSocket or a POST on any path, and the path is the channel. Read README.md for the wire.
// What one worker does with a request is in room.ts.
import { join } from 'node:path'
import type { Frontend } from '../frontend.ts'
import { type PlayPlace, quoteWord } from '../play.ts'
import { dropIn } from './drop-in.ts'
import { metrics } from './metrics.ts'
import { openMetricsPort } from './metrics-port.ts'
import { mistakesIn } from './mistakes.ts'
import { Pinghub } from './room.ts'
import { pinghubSection } from './settings.ts'

const upgrade = [
  'connection: upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  // 16 bytes in base64, which any will do.
  'sec-websocket-key: cGxheWdyb3VuZCByaW5ncw==',
]

export const frontend: Frontend<typeof pinghubSection> = {
  name: pinghubSection.name,
  clients: 'Pinghub: a WebSocket, or a POST, on any path',
  section: pinghubSection,
  metrics,
  codes: {
    'origins-open':
      'Pages of any site may open connections that need no credentials. List the origins that are yours.',
  },
  open: context => new Pinghub(context),
  openPrimary(context) {
    const { isDevelopment, log, settings } = context
    if (!isDevelopment && settings.origins.length === 0) {
      const what = 'pages of any site may open WebSockets: RINGCAST_PINGHUB_ORIGINS lists no origin'
      log.warn({ code: 'origins-open', protocol: pinghubSection.name }, what)
    }
    return openMetricsPort(context)
  },
  mistakes: mistakesIn,
  greeting: (_, { address }) => [
    `${process.execPath} -e 'new WebSocket("ws://${address}/demo").onmessage = event => console.log(event.data)'`,
    publishLine({ channel: 'demo', address }),
  ],
  // The original knows no credentials: whoever reaches the port may do everything.
  isOpen: () => true,
  dropIn,
  play: {
    module: join(import.meta.dirname, 'play'),
    load: () => import('./play.ts'),
    kit: (_, place) => ({
      wire: 'WebSocket',
      positions:
        'The wire names no positions. This client asks for one notice at the start (?since=) and counts from there.',
      credentials: {},
      curl: {
        subscribe: `curl -isN --http1.1 ${upgrade.map(header => `-H '${header}'`).join(' ')} ${urlOf(place)} -o -`,
        publish: publishLine(place),
      },
    }),
  },
  channelPath: '^/(.*)$',
}

type Place = Pick<PlayPlace, 'channel' | 'address'>

function publishLine(place: Place): string {
  return `curl -i ${urlOf(place)} -d 'hello, world'`
}

function urlOf({ channel, address }: Place): string {
  return quoteWord(`http://${address}/${encodeURIComponent(channel)}`)
}
