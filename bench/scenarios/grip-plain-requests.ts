// What does a request cost that a proxy of GRIP just passes on, beside the original? 16 clients, each asking again as soon
// as it was answered.
import { besideOriginal, missing, sidesOf } from '../grip/programs.ts'
import { plainRequest } from '../grip/requests.ts'
import { payloadTemplate } from '../load/payload.ts'
import { meterCpu } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'

const sizes = {
  full: { ms: 2_000, warmMs: 1_000 },
  quick: { ms: 1_000, warmMs: 300 },
  smallest: { ms: 30, warmMs: 20 },
} as const satisfies Record<Size, object>

const clients = 16

export const plainGripRequests: MakeQuestion = (size, seed) => {
  const programs = sidesOf(size)
  const { ms, warmMs } = sizes[size]
  return {
    name: 'grip-plain-requests',
    asks: 'How many requests a second does a proxy of GRIP pass on?',
    parameters: { clients, ms },
    programs,
    missing,
    crews: 1,
    columns: [
      { figure: 'rate', head: 'requests/s', digits: 0 },
      { figure: 'cpuUs', head: 'µs CPU per request', digits: 1 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: besideOriginal(programs, 'rate', { atLeast: 1 }, `GRIP, ${clients} clients: plain GET/s`),
    async round({ pid, port }, [crew]) {
      const plan = plainRequest(port, payloadTemplate(20, seed, '~'))
      await crew.connect(port, 0, [])
      const part = { publishers: clients, rate: 0, timed: false }
      await crew.run(plan, { ...part, ms: warmMs })
      const meter = meterCpu(pid)
      const result = await crew.run(plan, { ...part, ms }, meter)
      await crew.disconnect()
      return {
        figures: {
          rate: (result.published / result.wallMs) * 1_000,
          cpuUs: (meter.ms * 1_000) / result.published,
          server: meter.ms / result.wallMs,
          load: result.loadShare,
        },
        checksum: 0,
      }
    },
  }
}
