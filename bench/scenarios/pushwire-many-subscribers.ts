// What does one publication cost per client of pushwire? As one-channel-many-subscribers, with WebSockets of one shared channel:
// one publisher that keeps a pace by pinghub's POST, then many that post as fast as they are answered. The control sends the
// same bytes.
import { pushwireDaemon } from '../pushwire/programs.ts'
import { plainSockets, pushwire } from '../pushwire/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { control } from '../targets.ts'
import { askOfSubscribers } from './one-channel-many-subscribers.ts'

const sizes = {
  full: { streams: 5_000, pacedMs: 3_000, closedMs: 1_000, warmMs: 500 },
  quick: { streams: 5_000, pacedMs: 1_500, closedMs: 500, warmMs: 200 },
  smallest: { streams: 20, pacedMs: 100, closedMs: 20, warmMs: 50 },
} as const satisfies Record<Size, object>

export const manyPushwireClients: MakeQuestion = (size, seed) =>
  askOfSubscribers(sizes[size], seed, {
    name: 'pushwire-many-subscribers',
    asks: 'What does a publication cost per client of pushwire?',
    says: 'pushwire, 5,000 WebSockets, 20 messages/s: µs CPU per delivery',
    requests: pushwire(),
    requestsOf: { control: plainSockets },
    programs: [pushwireDaemon([{ name: 'bench' }]), control('sockets')],
  })
