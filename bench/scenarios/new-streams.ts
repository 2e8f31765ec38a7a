// How fast can clients come back, after a network failed or a daemon was started anew? 10,000 streams, 64 handshakes
// under way at a time, each with a token of its own that the daemon checks. One message to all proves that they listen.
import { payloadTemplate } from '../load/payload.ts'
import { processCpuMs } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { publishRequest, streamRequest } from '../requests.ts'
import { control, daemon } from '../targets.ts'

const sizes = {
  full: { streams: 10_000 },
  quick: { streams: 10_000 },
  smallest: { streams: 30 },
} as const satisfies Record<Size, object>

const payloadBytes = 100

export const newStreams: MakeQuestion = (size, seed) => {
  const { streams } = sizes[size]
  return {
    name: 'new-streams',
    asks: 'How many streams a second can be opened?',
    parameters: { streams, payloadBytes },
    programs: [daemon(1), control('fanout')],
    crews: 1,
    columns: [
      { figure: 'rate', head: 'streams/s', digits: 0, steady: true },
      { figure: 'cpuUs', head: 'µs CPU per stream', digits: 1 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: [
      {
        says: '10,000 new streams, each with its token checked: streams/s',
        program: 'daemon, 1 worker',
        figure: 'rate',
        base: { program: 'control', figure: 'rate' },
        bound: { atLeast: 0.5 },
      },
    ],
    async round({ pid, port }, [crew]) {
      const channel = 'bench'
      const requests = Array.from({ length: streams }, (_, number) =>
        streamRequest(channel, port, { number }),
      )
      const cpuMsBefore = processCpuMs(pid)
      const { wallMs, loadShare } = await crew.connect(port, streams, requests)
      const cpuMs = processCpuMs(pid) - cpuMsBefore
      const template = payloadTemplate(payloadBytes, seed)
      const plan = { host: '127.0.0.1', port, template, ...publishRequest(channel, port, payloadBytes) }
      const { content } = await crew.run(plan, { publishers: 1, rate: 10, ms: 100, timed: false })
      await crew.disconnect()
      return {
        figures: {
          rate: (streams / wallMs) * 1_000,
          cpuUs: (cpuMs * 1_000) / streams,
          server: cpuMs / wallMs,
          load: loadShare,
        },
        checksum: content,
      }
    },
  }
}
