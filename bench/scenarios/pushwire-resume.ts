// What does a frame cost that a client of pushwire gets from a ring? As resume, with WebSockets: 1,000 clients get 200 frames live,
// leave, and come back. From the ring of a shared channel behind the cursor that they had; and from their private rings,
// which what is broadcast to each has filled, without a cursor. The target is against the live delivery of the same kind.
import type { Crew } from '../load/crew.ts'
import type { Opening } from '../load/streams.ts'
import { meterCpu } from '../machine.ts'
import { pushwireDaemon } from '../pushwire/programs.ts'
import { broadcast, pushwire, sockets } from '../pushwire/requests.ts'
import type { Aim, Column, MakeQuestion, Measured, Size } from '../question.ts'
import { publisherPlan, type Requests } from '../requests.ts'
import type { Target } from '../targets.ts'

const sizes = {
  full: { streams: 1_000, messages: 200 },
  quick: { streams: 1_000, messages: 200 },
  smallest: { streams: 10, messages: 20 },
} as const satisfies Record<Size, object>

const payloadBytes = 100

/** Of the live part, in messages a second: slow enough that each is written by itself. */
const rate = 100

const channel = 'bench'

interface Kind {
  readonly program: string
  readonly scope: 'channel' | 'client'
  requests(streams: number): Requests
  /** `resumeCursors`: what they had, once they had something. */
  open(turn: number, resumeCursors?: string): Opening
}

const kinds: readonly Kind[] = [
  {
    program: 'daemon, shared ring',
    scope: 'channel',
    requests: () => pushwire(),
    open: (_, resumeCursors) => sockets([channel], resumeCursors === undefined ? {} : { resumeCursors }),
  },
  {
    program: 'daemon, private rings',
    scope: 'client',
    requests: streams => broadcast(`"clients":${streams},"workers_missed":0}`),
    // Rings keep what came before, so the clients of every round are others.
    open: turn => sockets([channel], { clients: `turn ${turn}` }),
  },
]

const columns: readonly Column[] = [
  { figure: 'replayUs', head: 'replay: µs CPU per frame', digits: 2 },
  { figure: 'liveUs', head: 'live: µs CPU per delivery', digits: 2 },
  { figure: 'replayMs', head: 'replay: ms in all', digits: 0 },
  { figure: 'server', head: 'replay: server', digits: 2 },
  { figure: 'load', head: 'replay: load', digits: 2 },
]

const aims: readonly Aim[] = kinds.map(({ program }) => ({
  says: `1,000 clients of pushwire resume 200 frames each: µs CPU per frame, beside live, ${program}`,
  program,
  figure: 'replayUs',
  base: { program, figure: 'liveUs' },
  bound: { atMost: 1.5 },
}))

export const pushwireResume: MakeQuestion = (size, seed) => {
  const { streams, messages } = sizes[size]
  return {
    name: 'pushwire-resume',
    asks: 'What does a frame of pushwire cost out of a ring, beside one that is delivered live?',
    parameters: { streams, messages, payloadBytes, rate },
    programs: kinds.map(({ program, scope }) =>
      pushwireDaemon([{ name: channel, ring: messages, scope }], {
        name: program,
        isOperated: scope === 'client',
      }),
    ),
    crews: 1,
    columns,
    aims,
    async round(target, [crew], turn) {
      const kind = kinds.find(({ program }) => program === target.name)
      if (kind === undefined) throw new Error(`there is no kind for the ${target.name}`)
      return await measure(target, crew, kind, { streams, messages, seed, turn })
    },
  }
}

interface Load {
  readonly streams: number
  readonly messages: number
  readonly seed: number
  readonly turn: number
}

async function measure(target: Target, crew: Crew, kind: Kind, load: Load): Promise<Measured> {
  const { streams, messages, seed, turn } = load
  const { port, pid } = target
  const requests = kind.requests(streams)
  const opens = [requests.stream(channel, port)]
  const plan = publisherPlan(requests, target, channel, { bytes: payloadBytes, seed })
  const meter = meterCpu(pid)
  const { position } = await crew.connect(port, streams, opens, kind.open(turn))
  const ms = (messages / rate) * 1_000
  const live = await crew.run(plan, { publishers: 1, rate, ms, timed: false }, meter)
  const liveUs = (meter.ms * 1_000) / live.deliveries
  await crew.disconnect()
  const expected = { messages, payloadBytes }
  const replay = await crew.replay(port, streams, opens, expected, meter, kind.open(turn, position))
  await crew.disconnect()
  if (replay.content !== live.content) throw new Error('a ring gave back other bytes than were delivered')
  return {
    figures: {
      replayUs: (meter.ms * 1_000) / replay.deliveries,
      liveUs,
      replayMs: replay.wallMs,
      server: meter.ms / replay.wallMs,
      load: replay.loadShare,
    },
    checksum: live.content,
  }
}
