// How many messages of clients does a proxy of GRIP carry to an origin and back, beside the original? 32 WebSockets over HTTP: each
// message is a request to the origin, whose answer has it again, and a client sends the next when its own came back.
import { besideOriginal, missing, sidesOf } from '../grip/programs.ts'
import { echoRequest } from '../grip/requests.ts'
import { payloadTemplate } from '../load/payload.ts'
import { meterCpu } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'

const sizes = {
  full: { sockets: 32, ms: 2_000, warmMs: 1_000 },
  quick: { sockets: 32, ms: 1_000, warmMs: 300 },
  smallest: { sockets: 4, ms: 30, warmMs: 20 },
} as const satisfies Record<Size, object>

const payloadBytes = 100

export const gripSocketMessages: MakeQuestion = (size, seed) => {
  const programs = sidesOf(size)
  const { sockets, ms, warmMs } = sizes[size]
  const says = `GRIP, ${sockets} WebSockets over HTTP: messages/s`
  return {
    name: 'grip-socket-messages',
    asks: 'How many messages a second go by WebSocket over HTTP to an origin and back?',
    parameters: { sockets, payloadBytes, ms },
    programs,
    missing,
    crews: 1,
    columns: [
      { figure: 'rate', head: 'messages/s', digits: 0 },
      { figure: 'cpuUs', head: 'µs CPU per message', digits: 1 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: besideOriginal(programs, 'rate', { atLeast: 2 }, says),
    async round({ pid, port }, [crew]) {
      const plan = {
        host: '127.0.0.1',
        port,
        head: '',
        template: payloadTemplate(payloadBytes, seed, '~'),
        tail: '',
        answer: 'comes back',
        // Each hears itself alone; nothing of it stands in a message.
        names: { channels: sockets, publishers: sockets, at: 0, digits: 0 },
      } as const
      await crew.connect(port, sockets, [echoRequest(port)], { handshakes: 4, isRepeated: true })
      // How many fit into the time is chance, so a short paced part makes the checksum.
      const { content } = await crew.run(plan, { publishers: sockets, rate: 10, ms: 200, timed: false })
      const part = { publishers: sockets, rate: 0, timed: false }
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
        checksum: content,
      }
    },
  }
}
