// What does it cost that an event stream has several channels? As one-channel-many-subscribers, with event streams of pushwire: of
// three channels, where each event has an id of its stream's own, beside those of the one channel that is published to,
// which share whole events.
import { pushwireDaemon } from '../pushwire/programs.ts'
import { events } from '../pushwire/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { askOfSubscribers } from './one-channel-many-subscribers.ts'

const sizes = {
  full: { streams: 5_000, pacedMs: 4_000, closedMs: 0, warmMs: 500 },
  quick: { streams: 5_000, pacedMs: 1_500, closedMs: 0, warmMs: 200 },
  smallest: { streams: 20, pacedMs: 100, closedMs: 0, warmMs: 50 },
} as const satisfies Record<Size, object>

const others = ['second', 'third']
const channels = ['bench', ...others].map(name => ({ name }))
const several = 'daemon, three channels'
const single = 'daemon, one channel'

export const severalChannels: MakeQuestion = (size, seed) => {
  const says = 'pushwire, 5,000 event streams of three channels, 20 messages/s: µs CPU per delivery'
  return askOfSubscribers(sizes[size], seed, {
    name: 'sse-several',
    asks: 'What does a publication cost per event stream of three channels, beside one of one?',
    says,
    requests: events(),
    requestsOf: { [several]: events(others) },
    programs: [several, single].map(name => pushwireDaemon(channels, { name })),
    aims: [
      {
        says,
        program: several,
        figure: 'cpuUs',
        base: { program: single, figure: 'cpuUs' },
        bound: { atMost: 1.35 },
      },
    ],
  })
}
