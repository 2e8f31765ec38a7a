// How fast can clients come back to a proxy of GRIP, beside the original? 16 handshakes under way at a time, each of which
// asks the origin. One message to all proves that they listen.
import { besideOriginal, missing, sidesOf } from '../grip/programs.ts'
import { grip } from '../grip/requests.ts'
import { processCpuMs } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { holdStreams, publisherPlan } from '../requests.ts'

const sizes = {
  full: { streams: 2_000 },
  quick: { streams: 1_000 },
  smallest: { streams: 30 },
} as const satisfies Record<Size, object>

const payloadBytes = 100

export const newGripStreams: MakeQuestion = (size, seed) => {
  const programs = sidesOf(size)
  const { streams } = sizes[size]
  const says = `GRIP, ${streams.toLocaleString('en')} new streams: streams/s`
  return {
    name: 'grip-new-streams',
    asks: 'How many streams a second can be opened through a proxy of GRIP?',
    parameters: { streams, payloadBytes },
    programs,
    missing,
    crews: 1,
    columns: [
      { figure: 'rate', head: 'streams/s', digits: 0 },
      { figure: 'cpuUs', head: 'µs CPU per stream', digits: 1 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: besideOriginal(programs, 'rate', { atLeast: 2 }, says),
    async round(target, [crew]) {
      const channel = 'bench'
      const cpuMsBefore = processCpuMs(target.pid)
      const { wallMs, loadShare } = await holdStreams(crew, grip, target, channel, streams)
      const cpuMs = processCpuMs(target.pid) - cpuMsBefore
      const plan = publisherPlan(grip, target, channel, { bytes: payloadBytes, seed })
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
