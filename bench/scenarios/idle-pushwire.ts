// How much memory does a client of pushwire take that just listens? As idle-streams, with WebSockets: of one shared channel,
// and of one private channel besides, whose stream is empty.
import { pushwireDaemon } from '../pushwire/programs.ts'
import { plainSockets, pushwire } from '../pushwire/requests.ts'
import type { MakeQuestion } from '../question.ts'
import { control, memoryProbe } from '../targets.ts'
import { askOfIdle, sizes } from './idle-streams.ts'

const shared = [{ name: 'first' }, { name: 'idle' }]
const own = { name: 'own', scope: 'client' } as const
const flags = memoryProbe
const besides = 'daemon, private besides'

const programs = [
  pushwireDaemon(shared, { flags }),
  pushwireDaemon([...shared, own], { name: besides, flags }),
  control('sockets', { flags }),
]

/** What the process may take for a client, by program. */
const bytesMax = { 'daemon, 1 worker': 3_072, [besides]: 4_096 }

export const idlePushwire: MakeQuestion = (size, seed) =>
  askOfIdle(sizes[size], seed, {
    name: 'idle-pushwire',
    asks: 'How many bytes does a client of pushwire take that waits for messages?',
    says: '10,000 idle clients of pushwire',
    requests: pushwire(),
    requestsOf: { [besides]: pushwire([own.name]), control: plainSockets },
    programs,
    aims: Object.entries(bytesMax).map(([program, atMost]) => ({
      says: `10,000 idle clients of pushwire, ${program === besides ? 'one shared and one private channel' : 'one shared channel'}: bytes of the process for each`,
      program,
      figure: 'rssBytes',
      bound: { atMost },
    })),
  })
