// What does a publication cost per stream that a proxy of GRIP holds, beside the original? As one-channel-many-subscribers,
// with fewer streams, so that the original keeps the pace too: each publication is a write of its own. There is no closed loop:
// where more than 100 messages wait for a client of the original, it drops the others.
import { besideOriginal, missing, sidesOf } from '../grip/programs.ts'
import { grip } from '../grip/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { askOfSubscribers } from './one-channel-many-subscribers.ts'

const sizes = {
  full: { streams: 1_000, pacedMs: 3_000, closedMs: 0, warmMs: 1_500 },
  quick: { streams: 1_000, pacedMs: 1_000, closedMs: 0, warmMs: 500 },
  smallest: { streams: 20, pacedMs: 100, closedMs: 0, warmMs: 50 },
} as const satisfies Record<Size, object>

export const manyGripStreams: MakeQuestion = (size, seed) => {
  const programs = sidesOf(size)
  const { streams } = sizes[size]
  const says = `GRIP, ${streams.toLocaleString('en')} streams, 20 messages/s: µs CPU per delivery`
  return askOfSubscribers(sizes[size], seed, {
    name: 'grip-many-subscribers',
    asks: 'What does a publication cost per stream that a proxy of GRIP holds?',
    says,
    requests: grip,
    programs,
    aims: besideOriginal(programs, 'cpuUs', { atMost: 1 / 4 }, says),
    missing,
  })
}
