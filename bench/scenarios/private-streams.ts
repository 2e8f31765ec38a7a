// What does a frame cost that is for one client? 2,000 WebSockets of pushwire with a private channel each, and 5,000 frames a second
// that go round them, sent from behind on the admin listener. As many-channels with one worker, whose control it is
// beside: bare streams, and publishes that are not parsed.
import { payloadTemplate } from '../load/payload.ts'
import type { PublisherPlan } from '../load/publisher.ts'
import { clientId } from '../load/streams.ts'
import { meterCpu } from '../machine.ts'
import { pushwireDaemon } from '../pushwire/programs.ts'
import { idsOf, operated, pushwire } from '../pushwire/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { holdStreams, publishRequest, streamRequest } from '../requests.ts'
import { control, type Target } from '../targets.ts'

/** As warm as many-channels. */
const sizes = {
  full: { clients: 2_000, framesPerSecond: 5_000, ms: 3_000, warmMs: 4_000 },
  quick: { clients: 2_000, framesPerSecond: 5_000, ms: 1_000, warmMs: 200 },
  smallest: { clients: 80, framesPerSecond: 800, ms: 100, warmMs: 100 },
} as const satisfies Record<Size, object>

const payloadBytes = 100
const publishers = 8
const digits = 4
/** The private channel of all clients. */
const own = 'own'
/** Channels of the control are called so and by their number. */
const prefix = 'c'

const programs = [pushwireDaemon([{ name: own, scope: 'client' }], { isOperated: true }), control('channels')]

export const privateStreams: MakeQuestion = (size, seed) => {
  const { clients, framesPerSecond, ms, warmMs } = sizes[size]
  return {
    name: 'private-streams',
    asks: 'What does a frame cost in all that is for one client of pushwire?',
    parameters: { clients, payloadBytes, framesPerSecond, publishers, ms },
    programs,
    crews: 1,
    columns: [
      { figure: 'cpuUs', head: 'µs CPU per frame', digits: 1, steady: true },
      { figure: 'rate', head: 'frames/s', digits: 0 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: [
      {
        says: '2,000 clients, 5,000 addressed frames/s: µs CPU per frame',
        program: 'daemon, 1 worker',
        figure: 'cpuUs',
        base: { program: 'control', figure: 'cpuUs' },
        bound: { atMost: 1.6 },
      },
    ],
    async round(target, [crew], turn) {
      // Streams keep what came before, so the clients of every round are others.
      const others = `turn ${turn}`
      const isControl = target.name === 'control'
      const names = Array.from({ length: clients }, (_, at) => `${prefix}${String(at).padStart(digits, '0')}`)
      if (isControl)
        await crew.connect(
          target.port,
          clients,
          names.map(name => streamRequest(name, target.port)),
        )
      else await holdStreams(crew, pushwire([], { clients: others }), target, own, clients)
      const plan = isControl
        ? controlPlan(target, seed, clients)
        : framesPlan(target, idsOf(others), seed, clients)
      const part = { publishers, rate: framesPerSecond / publishers, timed: false }
      await crew.run(plan, { ...part, ms: warmMs })
      const meter = meterCpu(target.pid)
      const result = await crew.run(plan, { ...part, ms }, meter)
      await crew.disconnect()
      return {
        figures: {
          cpuUs: (meter.ms * 1_000) / result.published,
          rate: (result.published / result.wallMs) * 1_000,
          server: meter.ms / result.wallMs,
          load: result.loadShare,
        },
        checksum: result.content,
      }
    },
  }
}

/** Each request names the next client. */
function framesPlan({ publishPort }: Target, ids: string, seed: number, channels: number): PublisherPlan {
  const id = clientId(ids, 0)
  const message = { port: publishPort, bytes: payloadBytes }
  const opener = `{"channel":"${own}","payload":`
  const request = operated(`/v1/pushwire/clients/${id}/frames`, message, opener, '"subscribers":1}')
  return planOf(publishPort, seed, channels, request, request.head.indexOf(id) + id.length - digits)
}

function controlPlan({ port }: Target, seed: number, channels: number): PublisherPlan {
  const name = `${prefix}${'0'.repeat(digits)}`
  const request = publishRequest(name, port, payloadBytes)
  return planOf(port, seed, channels, request, request.head.lastIndexOf(`"${name}"`) + 1 + prefix.length)
}

function planOf(
  port: number,
  seed: number,
  channels: number,
  request: Pick<PublisherPlan, 'head' | 'tail' | 'answer'>,
  at: number,
): PublisherPlan {
  const template = payloadTemplate(payloadBytes, seed)
  return { host: '127.0.0.1', port, template, ...request, names: { channels, publishers, at, digits } }
}
