// What does a publish cost by ZeroMQ, beside our own control door and that of the original? 8 publishers with a channel and a stream of
// their own each. By HTTP they send again as soon as they were answered. By ZeroMQ nothing answers: they push 50 messages, and
// the next when their stream has heard them all.
import { behindDaemon, behindDaemonByZeromq, behindOriginal, missing } from '../grip/programs.ts'
import { grip } from '../grip/requests.ts'
import type { Crew } from '../load/crew.ts'
import { payloadTemplate } from '../load/payload.ts'
import type { PublisherPlan } from '../load/publisher.ts'
import { meterCpu } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'
import type { Target } from '../targets.ts'

const sizes = {
  full: { ms: 2_000, warmMs: 1_000 },
  quick: { ms: 1_000, warmMs: 300 },
  smallest: { ms: 30, warmMs: 20 },
} as const satisfies Record<Size, object>

const payloadBytes = 100
const publishers = 8
const burst = 50

const programs = [behindDaemonByZeromq(), behindOriginal, behindDaemon(1)] as const
const [ours, original, byHttp] = programs

/** Each publisher has the channel of its number. */
const channelOf = (at: number) => `c${String(at).padStart(2, '0')}`

export const gripByZeromq: MakeQuestion = (size, seed) => {
  const { ms, warmMs } = sizes[size]
  const says = `GRIP, ${publishers} publishers by ZeroMQ`
  return {
    name: 'grip-zeromq',
    asks: 'What does a publish cost that comes by ZeroMQ?',
    parameters: { publishers, payloadBytes, burst, ms },
    programs,
    missing,
    crews: 1,
    columns: [
      { figure: 'rate', head: 'publishes/s', digits: 0 },
      { figure: 'cpuUs', head: 'µs CPU per publish', digits: 1 },
      { figure: 'server', head: 'server', digits: 2 },
      { figure: 'load', head: 'load', digits: 2 },
    ],
    aims: [
      {
        says: `${says}: publishes/s, the original by HTTP`,
        program: ours.name,
        figure: 'rate',
        base: { program: original.name, figure: 'rate' },
        bound: { atLeast: 3 },
      },
      {
        says: `${says}: µs CPU per publish, ours by HTTP`,
        program: ours.name,
        figure: 'cpuUs',
        base: { program: byHttp.name, figure: 'cpuUs' },
        bound: { atMost: 1 / 2 },
      },
    ],
    async round(target, [crew]) {
      const plan = planFor(target, seed)
      await holdOwn(crew, target)
      // How many fit into the time is chance, so a short paced part makes the checksum: of bursts, or of as many single ones.
      const paced = target.name === ours.name ? { rate: 10, ms: 100 } : { rate: 500, ms: 100 }
      const { content } = await crew.run(plan, { publishers, timed: false, ...paced })
      await crew.run(plan, { publishers, rate: 0, timed: false, ms: warmMs })
      const meter = meterCpu(target.pid)
      const result = await crew.run(plan, { publishers, rate: 0, timed: false, ms }, meter)
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

function planFor({ name, publishPort: port }: Target, seed: number): PublisherPlan {
  const request = grip.publish(channelOf(0), port, payloadBytes)
  const template = payloadTemplate(payloadBytes, seed, grip.mark)
  const names = { channels: publishers, publishers, digits: 2 }
  const channel = `"channel":"${channelOf(0)}"`
  const digitsIn = (head: string) => head.indexOf(channel) + channel.length - 1 - names.digits
  if (name !== ours.name) {
    return { host: '127.0.0.1', port, template, ...request, names: { ...names, at: digitsIn(request.head) } }
  }
  // The item alone, behind the letter that says JSON.
  const head = `J${request.head.slice(request.head.indexOf('[') + 1)}`
  const tail = request.tail.slice(0, -2)
  const where = { ...names, at: digitsIn(head) }
  const many = { messages: burst, between: '' }
  return { host: '127.0.0.1', port, template, head, tail, answer: 'is heard', names: where, burst: many }
}

async function holdOwn(crew: Crew, { port, heldMs }: Target): Promise<void> {
  const requests = Array.from({ length: publishers }, (_, at) => grip.stream(channelOf(at), port))
  await crew.connect(port, publishers, requests, grip.opening?.(''))
  if (heldMs !== undefined) await new Promise(resolve => setTimeout(resolve, heldMs))
}
