// The engine's limits: each with the reason for its number.
import type { Section, SectionValues } from '../std/setting.ts'

export const engineSection = {
  name: 'engine',
  fields: {
    flushBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 65_536,
      min: 4_096,
      max: 1_048_576,
      doc: 'Most bytes that one write to a subscriber carries; more waits for the next pass.',
    },
    sliceSubscribers: {
      type: 'integer',
      unit: 'count',
      default: 400,
      min: 1,
      max: 100_000,
      doc: 'Subscribers written per event-loop turn; the rest of a broadcast waits, so that other channels are not stalled.',
    },
    outboxBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 1_048_576,
      min: 4_096,
      max: 1_073_741_824,
      doc: 'Bytes that may wait for a subscriber behind what it is being sent, before it is closed as slow. A single publication may be larger.',
    },
    outboxAgeMsMax: {
      type: 'integer',
      unit: 'ms',
      default: 8_000,
      min: 100,
      max: 600_000,
      doc: 'Time that a subscriber may take nothing at all before it is closed as slow. Above 10 s the socket layer is first.',
    },
    fanoutBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 8_388_608,
      min: 65_536,
      max: 1_073_741_824,
      doc: 'Bytes of one channel that may wait for their first pass in one worker before publishes to it are refused.',
    },
    linkBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 16_777_216,
      min: 65_536,
      max: 1_073_741_824,
      doc: 'Bytes under way from one worker to another, each direction.',
    },
    attachTimeoutMs: {
      type: 'integer',
      unit: 'ms',
      default: 5_000,
      min: 100,
      max: 60_000,
      doc: 'Time that a new subscriber waits for the owner of its channel.',
    },
    policy: {
      type: 'choice',
      choices: ['disconnect', 'drop-oldest', 'latest', 'catch-up'],
      default: 'disconnect',
      doc: 'What happens to a subscriber that is more than outboxBytesMax behind.',
    },
    connectionBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 4_194_304,
      min: 4_096,
      max: 1_073_741_824,
      doc: 'Bytes that all subscriptions of one connection together may be behind before it is closed.',
    },
    workerBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 268_435_456,
      min: 1_048_576,
      max: 68_719_476_736,
      doc: 'Bytes that a worker holds for subscribers that are behind, what they are being sent included; beyond it those for whom most is held are closed.',
    },
    subscribersMax: {
      type: 'integer',
      unit: 'count',
      default: 1_000_000,
      min: 1,
      max: 100_000_000,
      doc: 'Subscribers of one channel in one worker.',
    },
    idempotencyMs: {
      type: 'integer',
      unit: 'ms',
      default: 300_000,
      min: 1_000,
      max: 86_400_000,
      doc: 'Time for which a repeated idempotency key returns the first position.',
    },
    idempotencyKeysMax: {
      type: 'integer',
      unit: 'count',
      default: 1_000,
      min: 1,
      max: 1_000_000,
      doc: 'Idempotency keys remembered per channel.',
    },
    idempotencyWorkerBytesMax: {
      type: 'integer',
      unit: 'bytes',
      // As much memory as history may take: a million keys at the size that they usually have.
      default: 268_435_456,
      min: 65_536,
      max: 68_719_476_736,
      doc: 'Bytes of idempotency keys per worker, 208 for a key beside its text; the channel that was longest without a new one loses its own first.',
    },
    idleChannelsMax: {
      type: 'integer',
      unit: 'count',
      // 36 MB with usual names, 140 with the longest; history and keys have bounds of their own.
      default: 100_000,
      min: 1,
      max: 10_000_000,
      doc: 'Channels without subscribers that keep their numbering, per worker; the longest idle is forgotten first.',
    },
    awaitedMs: {
      type: 'integer',
      unit: 'ms',
      // As long as history keeps a publication by default: whoever comes later has a gap anyway.
      default: 300_000,
      min: 1_000,
      max: 86_400_000,
      doc: 'Time for which a channel is not idle whose subscribers a restart, or a worker that failed, sent away.',
    },
    awaitedChannelsMax: {
      type: 'integer',
      unit: 'count',
      // As many as clients that a worker serves: it remembered them all before.
      default: 1_000_000,
      min: 0,
      max: 100_000_000,
      doc: 'Such channels per worker; those that wait longest are idle beyond it.',
    },
  },
} as const satisfies Section

/** What every channel keeps unless its namespace says otherwise. */
export const historySection = {
  name: 'history',
  fields: {
    size: {
      type: 'integer',
      unit: 'count',
      default: 0,
      min: 0,
      max: 1_000_000,
      doc: 'Publications that each channel keeps for clients that resume; 0: none.',
    },
    ttlMs: {
      type: 'integer',
      unit: 'ms',
      default: 300_000,
      min: 1,
      max: 2_592_000_000,
      doc: 'Age at which a publication leaves history.',
    },
    bytesMax: {
      type: 'integer',
      unit: 'bytes',
      // Room for 6,000 short publications, or a few that are as large as protocols take.
      default: 4_194_304,
      min: 0,
      max: 1_073_741_824,
      doc: 'Bytes of history per channel: what it takes in memory, which is 600 for a publication beside its payload.',
    },
    workerBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 268_435_456,
      min: 0,
      max: 68_719_476_736,
      doc: 'Bytes of history per worker, counted in the same way; the channels longest not published to lose theirs first.',
    },
  },
} as const satisfies Section

export type HistorySettings = SectionValues<typeof historySection>

export type EngineSettings = SectionValues<typeof engineSection>
