// What does a message cost that is replayed from history? 1,000 streams get 200 messages live, leave, and come back from
// where they began: each must get the same 200 messages again. The cost of coming back, token check and all, counts as
// a part of the replay. The target is against the live delivery of the same program; the control does both as well.
import { payloadTemplate } from '../load/payload.ts'
import { meterCpu } from '../machine.ts'
import type { MakeQuestion, Size } from '../question.ts'
import { publishRequest, streamRequest } from '../requests.ts'
import { control, daemon } from '../targets.ts'

const sizes = {
  full: { streams: 1_000, messages: 200 },
  quick: { streams: 1_000, messages: 200 },
  smallest: { streams: 10, messages: 20 },
} as const satisfies Record<Size, object>

const payloadBytes = 100

/** Of the live part, in messages a second: slow enough that each is written by itself. */
const rate = 100

export const resume: MakeQuestion = (size, seed) => {
  const { streams, messages } = sizes[size]
  return {
    name: 'resume',
    asks: 'What does a replayed message cost beside one that is delivered live?',
    parameters: { streams, messages, payloadBytes, rate },
    programs: [daemon(1, { environment: { RINGCAST_HISTORY_SIZE: String(messages) } }), control('resume')],
    crews: 1,
    columns: [
      { figure: 'replayUs', head: 'replay: µs CPU per message', digits: 2, steady: true },
      { figure: 'liveUs', head: 'live: µs CPU per delivery', digits: 2, steady: true },
      { figure: 'replayMs', head: 'replay: ms in all', digits: 0 },
      { figure: 'server', head: 'replay: server', digits: 2 },
      { figure: 'load', head: 'replay: load', digits: 2 },
    ],
    aims: [
      {
        says: '1,000 clients resume 200 messages each: µs CPU per message, beside live',
        program: 'daemon, 1 worker',
        figure: 'replayUs',
        base: { program: 'daemon, 1 worker', figure: 'liveUs' },
        bound: { atMost: 1.5 },
      },
    ],
    async round({ pid, port }, [crew], turn) {
      // History keeps what came before, so every round has a channel of its own.
      const channel = `resume-${turn}`
      const template = payloadTemplate(payloadBytes, seed)
      const plan = { host: '127.0.0.1', port, template, ...publishRequest(channel, port, payloadBytes) }
      const meter = meterCpu(pid)
      const { position } = await crew.connect(port, streams, [streamRequest(channel, port, { since: '' })])
      const ms = (messages / rate) * 1_000
      const live = await crew.run(plan, { publishers: 1, rate, ms, timed: false }, meter)
      const liveUs = (meter.ms * 1_000) / live.deliveries
      await crew.disconnect()
      const requests = [streamRequest(channel, port, { since: position })]
      const replay = await crew.replay(port, streams, requests, { messages, payloadBytes }, meter)
      await crew.disconnect()
      if (replay.content !== live.content)
        throw new Error('history gave back other bytes than were delivered')
      return {
        figures: {
          replayUs: (meter.ms * 1_000) / replay.deliveries,
          liveUs,
          replayMs: replay.wallMs,
          server: meter.ms / replay.wallMs,
          load: replay.loadShare,
        },
        checksum: live.content,
      }
    },
  }
}
