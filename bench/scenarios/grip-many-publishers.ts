// How fast can one channel of GRIP go, beside the original? As one-channel-many-publishers: what a turn brings is joined
// into one write. With more streams the original falls so far behind that it drops messages.
import { behindDaemon, behindOriginal, besideOriginal, missing } from '../grip/programs.ts'
import { grip } from '../grip/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { askOfPublishers } from './one-channel-many-publishers.ts'

const sizes = {
  full: { streams: 400, ms: 1_000, warmMs: 300 },
  quick: { streams: 400, ms: 500, warmMs: 200 },
  smallest: { streams: 10, ms: 20, warmMs: 20 },
} as const satisfies Record<Size, object>

const programs = [behindDaemon(1), behindOriginal, behindDaemon(2)]

export const manyGripPublishers: MakeQuestion = (size, seed) => {
  const says = 'GRIP, 400 streams, 32 publishers'
  return askOfPublishers(sizes[size], seed, {
    name: 'grip-many-publishers',
    asks: 'How many deliveries a second does one channel make over streams that a proxy of GRIP holds?',
    says,
    requests: grip,
    programs,
    aims: [
      ...besideOriginal(programs, 'deliveries', { atLeast: 20 }, `${says}: M deliveries/s`),
      ...besideOriginal(programs, 'cpuUs', { atMost: 1 / 20 }, `${says}: µs CPU per joined delivery`),
    ],
    missing,
  })
}
