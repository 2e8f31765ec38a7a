// How fast can one channel of GRIP go where publishers have several items at a time, and post them together as the control
// API allows? Each sends again as soon as it was answered. With 80 items under way the original dropped some, for it
// keeps 100 for a client; so there are 40.
import { besideOriginal, missing, sidesOf } from '../grip/programs.ts'
import { inBursts } from '../grip/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { askOfPublishers } from './one-channel-many-publishers.ts'

const sizes = {
  full: { streams: 400, ms: 1_000, warmMs: 300 },
  quick: { streams: 400, ms: 500, warmMs: 200 },
  smallest: { streams: 10, ms: 20, warmMs: 20 },
} as const satisfies Record<Size, object>

const publishers = 4
const itemsOfPost = 10

export const joinedGripItems: MakeQuestion = (size, seed) => {
  const programs = sidesOf(size)
  const says = `GRIP, 400 streams, ${publishers} publishers, ${itemsOfPost} items a post`
  return askOfPublishers(sizes[size], seed, {
    name: 'grip-joined-items',
    asks: 'How many deliveries a second does one channel of GRIP make of posts with many items?',
    says,
    publishers,
    requests: inBursts(itemsOfPost),
    programs,
    aims: [
      ...besideOriginal(programs, 'deliveries', { atLeast: 20 }, `${says}: M deliveries/s`),
      ...besideOriginal(programs, 'cpuUs', { atMost: 1 / 20 }, `${says}: µs CPU per joined delivery`),
    ],
    missing,
  })
}
