// What does one publication cost per WebSocket? As one-channel-many-subscribers, with pinghub: 5,000 WebSockets of one
// path, one publisher that keeps a pace by POST, then many that post as fast as they are answered.
import type { MakeQuestion, Size } from '../question.ts'
import { pinghub } from '../requests.ts'
import { control, daemon } from '../targets.ts'
import { askOfSubscribers } from './one-channel-many-subscribers.ts'

const sizes = {
  full: { streams: 5_000, pacedMs: 3_000, closedMs: 1_000, warmMs: 500 },
  quick: { streams: 5_000, pacedMs: 1_500, closedMs: 500, warmMs: 200 },
  smallest: { streams: 20, pacedMs: 100, closedMs: 20, warmMs: 50 },
} as const satisfies Record<Size, object>

export const manyWebSockets: MakeQuestion = (size, seed) =>
  askOfSubscribers(sizes[size], seed, {
    name: 'websockets-many-subscribers',
    asks: 'What does a publication cost per WebSocket of one channel?',
    says: '1 channel, 5,000 WebSockets, 20 messages/s: µs CPU per delivery',
    requests: pinghub,
    programs: [daemon(1, { protocol: 'pinghub' }), control('sockets')],
  })
