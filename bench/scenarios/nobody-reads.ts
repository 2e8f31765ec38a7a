// What does a publish cost where nobody reads the channel? 16 publishers, each sending again as soon as it was answered.
import { payloadTemplate } from '../load/payload.ts'
import { meterCpu } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { publishRequest } from '../requests.ts'
import { control, daemon } from '../targets.ts'

const sizes = {
  full: { ms: 3_000, warmMs: 1_000 },
  quick: { ms: 1_000, warmMs: 300 },
  smallest: { ms: 30, warmMs: 20 },
} as const satisfies Record<Size, object>

const payloadBytes = 100
const publishers = 16

export const nobodyReads: MakeQuestion = (size, seed) => {
  const { ms, warmMs } = sizes[size]
  return {
    name: 'nobody-reads',
    asks: 'What does a publish cost to a channel that nobody reads?',
    parameters: { payloadBytes, publishers, ms },
    programs: [daemon(1), control('silence')],
    crews: 1,
    columns: [
      { figure: 'cpuUs', head: 'µs CPU per request', digits: 2, steady: true },
      { figure: 'rate', head: 'requests/s', digits: 0 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: [
      {
        says: 'publish to a channel that nobody reads, own client: µs CPU per request',
        program: 'daemon, 1 worker',
        figure: 'cpuUs',
        base: { program: 'control', figure: 'cpuUs' },
        bound: { atMost: 1.5 },
      },
    ],
    async round({ pid, port }, [crew]) {
      const template = payloadTemplate(payloadBytes, seed)
      const plan = { host: '127.0.0.1', port, template, ...publishRequest('nobody', port, payloadBytes) }
      await crew.connect(port, 0, [])
      const part = { publishers, rate: 0, timed: false }
      await crew.run(plan, { ...part, ms: warmMs })
      const meter = meterCpu(pid)
      const result = await crew.run(plan, { ...part, ms }, meter)
      await crew.disconnect()
      return {
        figures: {
          cpuUs: (meter.ms * 1_000) / result.published,
          rate: (result.published / result.wallMs) * 1_000,
          server: meter.ms / result.wallMs,
          load: result.loadShare,
        },
        checksum: 0,
      }
    },
  }
}
