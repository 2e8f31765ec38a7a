// How fast can clients of pushwire come back? As new-streams, with WebSockets: each says who it is and brings a token, and is held
// when three channels and its control stream are. The control holds a WebSocket when it has answered the handshake.
import { createHash } from 'node:crypto'
import { processCpuMs } from '../machine.ts'
import { pushwireDaemon } from '../pushwire/programs.ts'
import { plainSockets, pushwire } from '../pushwire/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { holdStreams, publisherPlan } from '../requests.ts'
import { control } from '../targets.ts'

const sizes = {
  full: { streams: 10_000 },
  quick: { streams: 10_000 },
  smallest: { streams: 30 },
} as const satisfies Record<Size, object>

const payloadBytes = 100
const token = 'of-all-who-are-benched'
const others = ['second', 'third']

const programs = [
  pushwireDaemon(
    ['bench', ...others].map(name => ({ name })),
    {
      environment: {
        RINGCAST_PUSHWIRE_AUTH: 'static',
        RINGCAST_PUSHWIRE_TOKENS: JSON.stringify([
          { sha256: createHash('sha256').update(token).digest('hex') },
        ]),
      },
    },
  ),
  control('sockets'),
]

export const newPushwire: MakeQuestion = (size, seed) => {
  const { streams } = sizes[size]
  return {
    name: 'new-pushwire',
    asks: 'How many clients of pushwire a second can come in?',
    parameters: { streams, payloadBytes },
    programs,
    crews: 1,
    columns: [
      { figure: 'rate', head: 'clients/s', digits: 0, steady: true },
      { figure: 'cpuUs', head: 'µs CPU per client', digits: 1 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: [
      {
        says: '10,000 new clients of pushwire, token and three channels: clients/s',
        program: 'daemon, 1 worker',
        figure: 'rate',
        base: { program: 'control', figure: 'rate' },
        bound: { atLeast: 0.35 },
      },
    ],
    async round(target, [crew]) {
      const requests = target.name === 'control' ? plainSockets : pushwire(others, { token })
      const cpuMsBefore = processCpuMs(target.pid)
      const { wallMs, loadShare } = await holdStreams(crew, requests, target, 'bench', streams)
      const cpuMs = processCpuMs(target.pid) - cpuMsBefore
      const plan = publisherPlan(requests, target, 'bench', { bytes: payloadBytes, seed })
      const { content } = await crew.run(plan, { publishers: 1, rate: 10, ms: 100, timed: false })
      await crew.disconnect()
      return {
        figures: {
          rate: (streams / wallMs) * 1_000,
          cpuUs: (cpuMs * 1_000) / streams,
          server: cpuMs / wallMs,
          load: loadShare,
        },
        checksum: content,
      }
    },
  }
}
