// The engine's limits, and what they mean. Each number stands with its reason in bounds.ts.
import type { Section, SectionValues } from '../std/setting.ts'
import { bounds } from './bounds.ts'

export const engineSection = {
  name: 'engine',
  fields: {
    flushBytesMax: {
      ...bounds.flushBytesMax,
      doc: 'Most bytes that one write to a subscriber carries; more waits for the next pass.',
    },
    sliceSubscribers: {
      ...bounds.sliceSubscribers,
      doc: 'Subscribers written per event-loop turn; the rest of a broadcast waits, so that other channels are not stalled.',
    },
    outboxBytesMax: {
      ...bounds.outboxBytesMax,
      doc: 'Bytes that may wait for a subscriber behind what it is being sent, before it is closed as slow. A single publication may be larger.',
    },
    outboxAgeMsMax: {
      ...bounds.outboxAgeMsMax,
      doc: 'Time that a subscriber may take nothing at all before it is closed as slow. Above 10 s the socket layer is first.',
    },
    fanoutBytesMax: {
      ...bounds.fanoutBytesMax,
      doc: 'Bytes of one channel that may wait for their first pass in one worker before publishes to it are refused.',
    },
    linkBytesMax: {
      ...bounds.linkBytesMax,
      doc: 'Bytes under way from one worker to another, each direction.',
    },
    attachTimeoutMs: {
      ...bounds.attachTimeoutMs,
      doc: 'Time that a new subscriber waits for the owner of its channel.',
    },
    policy: {
      type: 'choice',
      choices: ['disconnect', 'drop-oldest', 'latest', 'catch-up'],
      default: 'disconnect',
      doc: 'What happens to a subscriber that is more than outboxBytesMax behind.',
    },
    connectionBytesMax: {
      ...bounds.connectionBytesMax,
      doc: 'Bytes that all subscriptions of one connection together may be behind before it is closed.',
    },
    workerBytesMax: {
      ...bounds.workerBytesMax,
      doc: 'Bytes that a worker holds for subscribers that are behind, what they are being sent included; beyond it those for whom most is held are closed.',
    },
    subscribersMax: {
      ...bounds.subscribersMax,
      doc: 'Subscribers of one channel in one worker.',
    },
    patternsMax: {
      ...bounds.patternsMax,
      doc: 'Patterns that are subscribed to in one worker; each may have many subscribers.',
    },
    idempotencyMs: {
      ...bounds.idempotencyMs,
      doc: 'Time for which a repeated idempotency key returns the first position.',
    },
    idempotencyKeysMax: {
      ...bounds.idempotencyKeysMax,
      doc: 'Idempotency keys remembered per channel.',
    },
    idempotencyWorkerBytesMax: {
      ...bounds.idempotencyWorkerBytesMax,
      doc: 'Bytes of idempotency keys per worker, 208 for a key beside its text; the channel that was longest without a new one loses its own first.',
    },
    idleChannelsMax: {
      ...bounds.idleChannelsMax,
      doc: 'Channels without subscribers that keep their numbering, per worker; the longest idle is forgotten first.',
    },
    idlePrivateChannelsMax: {
      ...bounds.idlePrivateChannelsMax,
      doc: 'As idleChannelsMax, of private channels: streams that a protocol keeps for each of its clients. The one whose client is away for longest is forgotten first.',
    },
    idlePrivateMs: {
      ...bounds.idlePrivateMs,
      doc: 'Time for which a private channel without subscribers keeps its numbering and its history, where its protocol has no setting of its own for that.',
    },
    awaitedMs: {
      ...bounds.awaitedMs,
      doc: 'Time for which a channel is not idle whose subscribers a restart, or a worker that failed, sent away.',
    },
    awaitedChannelsMax: {
      ...bounds.awaitedChannelsMax,
      doc: 'Such channels per worker; those that wait longest are idle beyond it.',
    },
  },
} as const satisfies Section

/** What every channel keeps unless its namespace says otherwise. */
export const historySection = {
  name: 'history',
  fields: {
    size: {
      ...bounds.historySize,
      doc: 'Publications that each channel keeps for clients that resume; 0: none.',
    },
    ttlMs: {
      ...bounds.historyTtlMs,
      doc: 'Age at which a publication leaves history.',
    },
    bytesMax: {
      ...bounds.historyBytesMax,
      doc: 'Bytes of history per channel: what it takes in memory, which is 600 for a publication beside its payload.',
    },
    workerBytesMax: {
      ...bounds.historyWorkerBytesMax,
      doc: 'Bytes of history per worker, counted in the same way; the channels longest not published to lose theirs first.',
    },
  },
} as const satisfies Section

export type HistorySettings = SectionValues<typeof historySection>

export type EngineSettings = SectionValues<typeof engineSection>
