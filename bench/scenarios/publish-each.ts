// What does it cost that each client has a stream of its own for what all get? 2,000 WebSockets of pushwire and one publisher from
// behind with 20 frames a second, for a channel of scope client beside one of scope channel. Without a target: it is what a README
// tells of the price.
import { pushwireDaemon } from '../pushwire/programs.ts'
import { broadcast } from '../pushwire/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { askOfSubscribers } from './one-channel-many-subscribers.ts'

const sizes = {
  full: { streams: 2_000, pacedMs: 3_000, closedMs: 0, warmMs: 1_000 },
  quick: { streams: 2_000, pacedMs: 1_000, closedMs: 0, warmMs: 200 },
  smallest: { streams: 20, pacedMs: 100, closedMs: 0, warmMs: 50 },
} as const satisfies Record<Size, object>

const each = 'daemon, scope client'
const shared = 'daemon, scope channel'
const scopes = { [each]: 'client', [shared]: 'channel' } as const

export const publishEach: MakeQuestion = (size, seed) => {
  const { streams } = sizes[size]
  const question = askOfSubscribers(sizes[size], seed, {
    name: 'publish-each',
    asks: 'What does a broadcast cost per client of pushwire, where each has a stream of its own?',
    says: '',
    requests: broadcast(`"subscribers":${streams}}`),
    requestsOf: { [each]: broadcast(`"clients":${streams},"workers_missed":0}`) },
    programs: Object.entries(scopes).map(([name, scope]) =>
      pushwireDaemon([{ name: 'bench', scope }], { name, isOperated: true }),
    ),
    aims: [],
  })
  // Streams keep what came before, and would bring it to the clients of the next round.
  return { ...question, fresh: true }
}
