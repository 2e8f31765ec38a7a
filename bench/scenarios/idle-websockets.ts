// How much memory does a WebSocket take that just listens? As idle-streams, with pinghub: 1,000 WebSockets come first,
// then 10,000 more and one message to all.
import type { MakeQuestion } from '../question.ts'
import { pinghub } from '../requests.ts'
import { control, daemon, memoryProbe } from '../targets.ts'
import { askOfIdle, sizes } from './idle-streams.ts'

export const idleWebSockets: MakeQuestion = (size, seed) =>
  askOfIdle(sizes[size], seed, {
    name: 'idle-websockets',
    asks: 'How many bytes does a WebSocket take that waits for messages?',
    says: '10,000 idle WebSockets',
    requests: pinghub,
    programs: [
      daemon(1, { protocol: 'pinghub', flags: memoryProbe }),
      control('sockets', { flags: memoryProbe }),
    ],
  })
