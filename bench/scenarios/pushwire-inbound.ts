// How fast can one channel go whose clients publish themselves? As one-channel-many-publishers, with 500 WebSockets of pushwire: 32 of
// them send again as soon as their own message came back. The control does not look at what it passes on.
import { pushwireDaemon } from '../pushwire/programs.ts'
import { inbound, plainInbound } from '../pushwire/requests.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { control } from '../targets.ts'
import { askOfPublishers } from './one-channel-many-publishers.ts'

const sizes = {
  full: { streams: 500, ms: 2_000, warmMs: 500 },
  quick: { streams: 500, ms: 1_000, warmMs: 200 },
  smallest: { streams: 40, ms: 20, warmMs: 20 },
} as const satisfies Record<Size, object>

const programs = [
  pushwireDaemon([{ name: 'bench', handler: 'broadcast' }], {
    environment: { RINGCAST_PUSHWIRE_INBOUND_PER_SECOND: '0' },
  }),
  control('inbound'),
]

export const pushwireInbound: MakeQuestion = (size, seed) =>
  askOfPublishers(sizes[size], seed, {
    name: 'pushwire-inbound',
    asks: 'How many deliveries a second does one channel make of what its own clients send?',
    says: 'pushwire, 500 WebSockets, 32 of them publish: M deliveries/s',
    requests: inbound,
    requestsOf: { control: plainInbound },
    programs,
    aims: [
      {
        says: 'pushwire, 500 WebSockets, 32 of them publish: M deliveries/s',
        program: 'daemon, 1 worker',
        figure: 'deliveries',
        base: { program: 'control', figure: 'deliveries' },
        bound: { atLeast: 0.6 },
      },
    ],
  })
