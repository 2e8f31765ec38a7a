// How fast can one channel of WebSockets go? As one-channel-many-publishers, with pinghub: 500 WebSockets of one path, and
// 32 publishers that each post again as soon as they were answered.
import type { MakeQuestion, Size } from '../question.ts'
import { pinghub } from '../requests.ts'
import { control, daemon } from '../targets.ts'
import { askOfPublishers } from './one-channel-many-publishers.ts'

const sizes = {
  full: { streams: 500, ms: 2_000, warmMs: 500 },
  quick: { streams: 500, ms: 1_000, warmMs: 200 },
  smallest: { streams: 10, ms: 20, warmMs: 20 },
} as const satisfies Record<Size, object>

export const manyPublishersOfWebSockets: MakeQuestion = (size, seed) =>
  askOfPublishers(sizes[size], seed, {
    name: 'websockets-many-publishers',
    asks: 'How many deliveries a second does one channel make over WebSockets?',
    says: '1 channel, 500 WebSockets, 32 publishers: M deliveries/s',
    requests: pinghub,
    programs: [daemon(1, { protocol: 'pinghub' }), control('sockets')],
  })
