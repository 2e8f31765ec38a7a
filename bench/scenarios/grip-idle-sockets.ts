// How much memory does a WebSocket over HTTP take that just listens, beside the original? As grip-idle-streams.
import { besideOriginal, missing, sidesOf } from '../grip/programs.ts'
import { gripSockets } from '../grip/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { memoryProbe } from '../targets.ts'
import { askOfIdle } from './idle-streams.ts'

const sizes = {
  full: { streams: 2_500, before: 500 },
  quick: { streams: 2_000, before: 500 },
  smallest: { streams: 20, before: 5 },
} as const satisfies Record<Size, object>

export const idleGripSockets: MakeQuestion = (size, seed) => {
  const programs = sidesOf(size, memoryProbe)
  const { streams } = sizes[size]
  const says = `GRIP, ${streams.toLocaleString('en')} idle WebSockets over HTTP`
  return askOfIdle(sizes[size], seed, {
    name: 'grip-idle-sockets',
    asks: 'How many bytes does a WebSocket take that a proxy of GRIP holds?',
    says,
    requests: gripSockets,
    programs,
    aims: besideOriginal(programs, 'rssBytes', { atMost: 1 / 8 }, `${says}: bytes of the process for each`),
    missing,
  })
}
