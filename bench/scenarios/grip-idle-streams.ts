// How much memory does a stream take that a proxy of GRIP holds, beside the original? As idle-streams, through an origin that
// holds each. What the original is made of counts together: it is five processes. For its heap stands what it allocated.
import { besideOriginal, missing, sidesOf } from '../grip/programs.ts'
import { grip } from '../grip/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { memoryProbe } from '../targets.ts'
import { askOfIdle } from './idle-streams.ts'

const sizes = {
  full: { streams: 2_500, before: 500 },
  quick: { streams: 2_000, before: 500 },
  smallest: { streams: 20, before: 5 },
} as const satisfies Record<Size, object>

export const idleGripStreams: MakeQuestion = (size, seed) => {
  const programs = sidesOf(size, memoryProbe)
  const { streams } = sizes[size]
  const says = `GRIP, ${streams.toLocaleString('en')} idle streams`
  return askOfIdle(sizes[size], seed, {
    name: 'grip-idle-streams',
    asks: 'How many bytes does a stream take that a proxy of GRIP holds?',
    says,
    requests: grip,
    programs,
    aims: besideOriginal(programs, 'rssBytes', { atMost: 1 / 8 }, `${says}: bytes of the process for each`),
    missing,
  })
}
