// pushwire as a front-end: many channels over one WebSocket or event stream, each with cursors to resume from. Read README.md
// for the wire. What one worker does with a request is in room.ts.
import { join } from 'node:path'
import { readKeyFile } from '../../auth/key-file.ts'
import type { NamespaceEntry, PrivateGroup } from '../../engine/words/namespace.ts'
import { faultText } from '../../std/fault.ts'
import { systemRandom } from '../../std/random.ts'
import type { Frontend } from '../frontend.ts'
import { type PlayKit, type PlayPlace, quoteWord } from '../play.ts'
import { prepareAssetFolder } from './assets/asset-folder.ts'
import { assetCodes } from './assets/asset-metrics.ts'
import { type ChannelPlan, planOf } from './config/config.ts'
import { mistakesIn } from './config/mistakes.ts'
import { metrics } from './metrics.ts'
import { operatorRoutes } from './operate.ts'
import { Pushwire } from './room.ts'
import { controlGroup } from './session/control.ts'
import { dataGroup } from './session/streams.ts'
import { type PushwireSettings, pushwireSection } from './settings.ts'
import { jwtKeysOf } from './validators/jwt.ts'
import { parseClientId } from './wire/operations.ts'

export const frontend: Frontend<typeof pushwireSection> = {
  name: pushwireSection.name,
  clients: 'pushwire-server: many channels over one WebSocket, or server-sent events, with cursors',
  section: pushwireSection,
  metrics,
  codes: {
    ...assetCodes,
    'validator-failed':
      'The application that says who is let in gave no answer that can be relied on: its clients were refused, and may come again.',
    'webhook-failed': 'An application did not answer a frame as it should: the client that sent it was told.',
  },
  operate: operatorRoutes,
  open: context => new Pushwire(context, systemRandom),
  openPrimary: ({ stateFolder, clock }) => Promise.resolve(prepareAssetFolder(stateFolder, clock)),
  mistakes: mistakesIn,
  judgeFiles(settings) {
    try {
      const { remarks, secrets } = jwtKeysOf(settings, readKeyFile)
      return { mistakes: [], warnings: remarks, secrets }
    } catch (error) {
      return { mistakes: [faultText(error)], warnings: [], secrets: [] }
    }
  },
  isOpen: ({ auth }) => auth === 'open',
  // A pattern for everything says nothing of channels that other protocols made.
  channels: settings =>
    planOf(settings)
      .channels.filter(
        ({ isSystem, scope, configured }) => !isSystem && scope === 'channel' && configured !== '*',
      )
      .map(plan => ({ pattern: plan.configured, ...keptOf(plan) })),
  privateGroups: groupsOf,
  greeting(settings, place) {
    const { subscribe, publish } = kitOf(settings, { channel: 'demo', ...place }).curl
    return [subscribe, publish]
  },
  play: { module: join(import.meta.dirname, 'play'), load: () => import('./play.ts'), kit: kitOf },
  addressed: {
    flag: 'pushwire-client',
    value: '<id>',
    summary: 'a frame for that client of pushwire alone, on a channel of scope client; prints its cursor',
    request(value, channel, json) {
      const id = parseClientId(value)
      if (id === undefined)
        return { mistake: `a client id of ${pushwireSection.name} is a UUID, not '${value}'` }
      return {
        path: `clients/${id}/frames`,
        body: `{"channel":${JSON.stringify(channel)},"payload":${json}}`,
      }
    },
    said: ({ cursor, subscribers }) =>
      typeof cursor === 'number' ? `${cursor} ${Number(subscribers)}` : undefined,
  },
  healthPath: '/rps',
}

function groupsOf(settings: PushwireSettings): readonly PrivateGroup[] {
  const own = planOf(settings).channels.filter(({ isSystem, scope }) => !isSystem && scope === 'client')
  // A client is known for as long as any stream of it is. Nobody reads an old claim.
  const idleMs = Math.max(settings.retentionMs, ...own.map(({ retentionMs }) => retentionMs))
  return [
    { group: controlGroup, historySize: 0, policy: 'catch-up', idleMs },
    ...own.map(plan => ({ group: dataGroup(plan.name), ...keptOf(plan), idleMs: plan.retentionMs })),
  ]
}

function keptOf({
  lane,
  overflow,
  ring,
  ringAgeMs,
  ringBytes,
}: ChannelPlan): Omit<NamespaceEntry, 'pattern'> {
  return {
    historySize: ring,
    historyTtlMs: ringAgeMs,
    historyBytesMax: ringBytes,
    policy: overflow === 'gap' ? 'catch-up' : 'disconnect',
    priority: lane,
  }
}

/** A stranger's, for lines that people try: any UUID will do. */
const sampleId = '7d444840-9dc0-11d1-b245-5ffdce74fad2'
/** Of the line that publishes: the one that listens would be replaced. */
const publisherId = '00112233-4455-4677-8899-aabbccddeeff'

function kitOf(settings: PushwireSettings, { channel, address }: PlayPlace): PlayKit {
  const system = planOf(settings).system.name
  const query = `client_id=${sampleId}&channels=${encodeURIComponent(channel)}`
  const auth = { channel: system, payload: { op: 'auth', client_id: publisherId, capabilities: [channel] } }
  const frame = { channel, payload: { hello: 'world' } }
  const script = [
    `s=new WebSocket("ws://${address}/rps")`,
    `s.onopen=()=>{s.send(${JSON.stringify(JSON.stringify(auth))});s.send(${JSON.stringify(JSON.stringify(frame))})}`,
    's.onmessage=e=>{console.log(e.data);if(/"(?:cursor|code)":/.test(e.data))s.close()}',
  ].join(';')
  return {
    wire: 'WebSocket',
    positions: 'Each frame has its cursor; the first answer has the epochs that cursors belong to.',
    credentials: {},
    curl: {
      subscribe: `curl -sN ${quoteWord(`http://${address}/rps/sse?${query}`)}`,
      publish: `${process.execPath} -e ${quoteWord(script)}`,
    },
  }
}
