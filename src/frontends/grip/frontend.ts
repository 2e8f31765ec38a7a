// Pushpin as a front-end: a proxy for origins that answer with instructions, and a door for their publishers. Read README.md
// for the wire. What one worker does with a request is in room.ts.
import { join } from 'node:path'
import { parseAddress } from '../../std/address.ts'
import type { Door, Frontend, GatePlace } from '../frontend.ts'
import { type PlayKit, type PlayPlace, quoteWord } from '../play.ts'
import { openPrometheusPorts } from './control/prometheus-port.ts'
import { dropIn } from './drop-in.ts'
import { judgeFiles } from './files.ts'
import { mistakesIn, parseLocalAddress, parseTlsAddress } from './listening.ts'
import { metrics } from './metrics.ts'
import { operatorRoutes } from './operate.ts'
import { publishCommand } from './publish-command.ts'
import { Grip } from './room.ts'
import { type GripSettings, gripSection } from './settings.ts'
import { isZmqWanted } from './zmq/places.ts'

const doors: readonly Door[] = [
  { setting: 'listen', isGate: true },
  { name: 'tls', setting: 'tlsListen', isGate: true },
  { name: 'local', setting: 'localListen', isGate: true },
  { name: 'control', setting: 'controlListen', isGate: true },
]

export const frontend: Frontend<typeof gripSection> = {
  name: gripSection.name,
  clients: 'Pushpin: a proxy whose origins answer with GRIP instructions',
  section: gripSection,
  doors,
  metrics,
  operate: operatorRoutes,
  codes: {
    'client-slow':
      'A client did not take what was sent, and was cut: its line says which. It comes again, or is gone for good.',
    'deliveries-waiting':
      'A client was cut because its deliveries waited for message_rate, longer than its channel allows or more of them than message_hwm.',
    'filter-failed':
      'A filter of a channel could not be applied to an item, or to the body of a hold, which was dropped for that client. The line says why.',
    'origin-failed':
      'An origin could not be used: no connection, no answer, or none that can be understood. Clients got a 502, or their streams ended.',
    'routes-doubtful': 'Something in the routes is passed over, or has no effect. The other lines hold.',
    'routes-unreadable':
      'The routes could not be read. Those before stay in force; without any, no request has a route.',
    'zmq-exposed':
      'A ZeroMQ socket is reached from other machines. The protocol has no credentials: let a firewall say who gets there.',
    'zmq-invalid': 'A publisher sent messages by ZeroMQ that are no items. They are passed over.',
    'zmq-lost':
      'A worker ended while messages of ZeroMQ publishers were with it. They may have been published, or not.',
    'zmq-refused': 'The engine refused messages of ZeroMQ publishers, who cannot be told.',
    'zmq-target-failed':
      'The socket of a zhttpreq target cannot be bound. Requests go to the next target, or get a 502.',
  },
  open: context => new Grip(context),
  openPrimary(context) {
    const { messageRate } = context.settings
    if (messageRate > 0) {
      const what = `no more than ${messageRate} deliveries are made in a second: RINGCAST_GRIP_MESSAGE_RATE, or message_rate in the file`
      context.log.info({ protocol: gripSection.name }, what)
    }
    return openPrometheusPorts(context)
  },
  mistakes: mistakesIn,
  sequencing: ({ messageWaitMs, idCacheTtlMs }) => ({ waitMs: messageWaitMs, seenMs: idCacheTtlMs }),
  gatePlaces: placesOf,
  greeting(settings, place) {
    const { subscribe, publish } = kitOf(settings, { channel: 'demo', ...place }).curl
    return [subscribe, publish]
  },
  // Whoever reaches the control door publishes, unless a secret is asked for.
  isOpen: () => true,
  side: {
    isWanted: isZmqWanted,
    load: () => import('./zmq/thread.ts'),
  },
  dropIn,
  publish: publishCommand,
  judgeFiles,
  play: { module: join(import.meta.dirname, 'play'), load: () => import('./play.ts'), kit: kitOf },
}

function placesOf(settings: GripSettings, { setting }: Door): readonly GatePlace[] {
  const { tlsListen, tlsCertificates, localListen } = settings
  if (setting === 'tlsListen') {
    return tlsListen.flatMap(text => {
      const address = parseTlsAddress(text)
      if (address === undefined) return []
      const name = join(tlsCertificates, `default_${address.port}`)
      return [{ address, certificate: { certificate: `${name}.crt`, key: `${name}.key` } }]
    })
  }
  if (setting === 'localListen') {
    return localListen.flatMap(text => {
      const local = parseLocalAddress(text)
      return local === undefined
        ? []
        : [{ address: { host: '', port: 0, path: local.path }, mode: local.mode }]
    })
  }
  const address = parseAddress(setting === 'listen' ? settings.listen : settings.controlListen)
  return address === undefined ? [] : [{ address }]
}

function kitOf(
  { controlSecret, controlListen }: GripSettings,
  { channel, address, doors }: PlayPlace,
): PlayKit {
  const [secret] = controlSecret
  const credential = secret === undefined ? '' : ` -H ${quoteWord(`authorization: Bearer ${secret}`)}`
  const control = doors['control'] ?? controlListen
  const item = { channel, formats: { 'http-stream': { content: 'hello, world\n' } } }
  return {
    wire: 'HTTP stream',
    positions: 'The wire names no positions: a stream begins with what is published from then on.',
    credentials: { secret: secret ?? '' },
    curl: {
      subscribe: `curl -sN ${quoteWord(`http://${address}/stream?channel=${encodeURIComponent(channel)}`)}`,
      publish: `curl -i http://${control}/publish/${credential} -d ${quoteWord(JSON.stringify({ items: [item] }))}`,
    },
  }
}
