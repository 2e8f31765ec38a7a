// What does a publish cost where hardly anybody listens to the same? 2,000 channels with one subscriber each, and 5,000
// publishes a second that go round them. With one worker, and with two, where every second publish is for a channel of
// the other worker: its control has two threads with bare MessagePorts between them.
import { payloadTemplate } from '../load/payload.ts'
import { meterCpu } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { publishRequest, streamRequest } from '../requests.ts'
import { control, daemon } from '../targets.ts'

/** Warm for so long that the code of every thread is compiled: at this pace that takes seconds, of all programs. */
const sizes = {
  full: { channels: 2_000, publishesPerSecond: 5_000, ms: 3_000, warmMs: 4_000 },
  quick: { channels: 2_000, publishesPerSecond: 5_000, ms: 1_000, warmMs: 200 },
  smallest: { channels: 80, publishesPerSecond: 800, ms: 100, warmMs: 100 },
} as const satisfies Record<Size, object>

const payloadBytes = 100
const digits = 4
const prefix = 'c'

/** On connections of their own, 1.6 ms apart: a publisher that waits for each answer could not keep the pace alone. */
const publishers = 8

const programs = {
  one: { daemon: daemon(1), control: control('channels') },
  two: { daemon: daemon(2), control: control('channels', { threads: 2 }) },
}

export const manyChannels: MakeQuestion = (size, seed) => {
  const { channels, publishesPerSecond, ms, warmMs } = sizes[size]
  const names = Array.from({ length: channels }, (_, at) => `${prefix}${String(at).padStart(digits, '0')}`)
  const aims = Object.entries(programs).map(([workers, pair]) => ({
    says: `2,000 channels, 5,000 publishes/s, ${workers} worker${workers === 'one' ? '' : 's'}: µs CPU per publish`,
    program: pair.daemon.name,
    figure: 'cpuUs',
    base: { program: pair.control.name, figure: 'cpuUs' },
    bound: { atMost: 1.5 },
  }))
  return {
    name: 'many-channels',
    asks: 'What does a publish cost in all, where each channel has one subscriber?',
    parameters: { channels, payloadBytes, publishesPerSecond, publishers, ms },
    programs: [programs.one.daemon, programs.one.control, programs.two.daemon, programs.two.control],
    crews: 1,
    columns: [
      { figure: 'cpuUs', head: 'µs CPU per publish', digits: 1, steady: true },
      { figure: 'rate', head: 'publishes/s', digits: 0 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims,
    async round({ pid, port }, [crew]) {
      const template = payloadTemplate(payloadBytes, seed)
      const request = publishRequest(names[0] ?? '', port, payloadBytes)
      const at = request.head.lastIndexOf(`"${names[0]}"`) + 1 + prefix.length
      const plan = {
        host: '127.0.0.1',
        port,
        template,
        ...request,
        names: { channels, publishers, at, digits },
      }
      await crew.connect(
        port,
        channels,
        names.map(name => streamRequest(name, port)),
      )
      const part = { publishers, rate: publishesPerSecond / publishers, timed: false }
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
        checksum: result.content,
      }
    },
  }
}
