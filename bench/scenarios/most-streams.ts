// How many idle streams does one process hold here, and what does each take? As idle-streams, with as many as the hard
// limit on descriptors leaves, for the daemon has one for each; beyond 20,000 they come from several addresses of
// loopback. On a machine without such a limit it stops at 200,000, which is some 2 GB with the ends of the load.
import { streamsWithin } from '../machine.ts'
import type { MakeQuestion } from '../question.ts'
import { rpushd } from '../requests.ts'
import { control, daemon, memoryProbe } from '../targets.ts'
import { askOfIdle, sizes } from './idle-streams.ts'

const streamsMax = 200_000
const before = 1_000

export const mostStreams: MakeQuestion = (size, seed) => {
  const lengths = size === 'full' ? { streams: streamsWithin(streamsMax) - before, before } : sizes[size]
  const question = askOfIdle(lengths, seed, {
    name: 'most-streams',
    asks: 'What does a stream take where there are as many as one process may hold?',
    says: 'as many idle streams as descriptors',
    requests: rpushd,
    programs: [
      daemon(1, { flags: memoryProbe, environment: { RINGCAST_RPUSHD_STREAMS_MAX: String(streamsMax) } }),
      control('fanout', { flags: memoryProbe }),
    ],
  })
  return { ...question, byName: true }
}
