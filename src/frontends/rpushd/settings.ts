// rpushd's section. The variables of the original mean the same here.
import type { Section, SectionValues } from '../../std/setting.ts'

/** In whole seconds, what a timer can wait: 24 days. */
const periodMsMax = 2_147_483_000

/** A hundred years: more than that is for ever, too. */
const idleMsMax = 3_153_600_000_000

export const rpushdSection = {
  name: 'rpushd',
  fields: {
    listen: {
      type: 'address',
      default: '127.0.0.1:45831',
      doc: 'Address of the protocol.',
      aliases: [{ variable: 'RPUSHD_LISTEN' }],
    },
    shardPorts: {
      type: 'address',
      default: 'off',
      doc: 'First of one address per worker, for a proxy that hashes channels; 0: any free ports.',
    },
    subscribe: {
      type: 'list',
      default: [],
      doc: 'Patterns of the channels that its clients may subscribe to; empty: all.',
    },
    publish: {
      type: 'list',
      default: [],
      doc: 'Patterns of the channels that its publishers may use; empty: all.',
    },
    secret: {
      type: 'secret',
      live: true,
      doc: 'Signs the tokens with which clients subscribe.',
      aliases: [{ variable: 'RPUSHD_SECRET' }],
    },
    publishSecret: {
      type: 'secret',
      isPresented: true,
      live: true,
      doc: 'Bearer secret of applications that publish.',
      aliases: [{ variable: 'RPUSHD_PUBLISH_SECRET' }],
    },
    heartbeatMs: {
      type: 'integer',
      unit: 'ms',
      default: 15_000,
      min: 100,
      max: periodMsMax,
      doc: 'Period of the heartbeats on a stream. Keep it below the read timeout of proxies.',
      aliases: [{ variable: 'RPUSHD_HEARTBEAT_SECS', scale: 1_000 }],
    },
    bodyBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 16_384,
      min: 1_024,
      max: 65_535,
      live: true,
      doc: 'Largest request body. The default is the limit of the original; a frame cannot carry more than the maximum.',
    },
    streamsMax: {
      type: 'integer',
      unit: 'count',
      default: 1_000_000,
      min: 1,
      max: 10_000_000,
      live: true,
      doc: 'Streams per worker; more are 503. The default is beyond what one worker can serve: lower it to keep memory.',
    },
    streamAgeMsMax: {
      type: 'integer',
      unit: 'ms',
      default: 0,
      min: 0,
      max: idleMsMax,
      live: true,
      doc: 'A stream older than this is ended at its next heartbeat, so that its client needs a new token; 0: never.',
    },
    channelIdleTtlMs: {
      type: 'integer',
      unit: 'ms',
      default: 3_600_000,
      min: 0,
      max: idleMsMax,
      live: true,
      doc: 'Stats forget a channel without subscribers that was not used for so long, at the next sweep (every 5 min).',
      aliases: [{ variable: 'RPUSHD_CHANNEL_IDLE_TTL_SECS', scale: 1_000 }],
    },
    channelsMax: {
      type: 'integer',
      unit: 'count',
      default: 100_000,
      min: 1,
      max: 10_000_000,
      live: true,
      doc: 'Channels without subscribers that stats remember, per worker, since publishers may name ever new ones. Beyond it the longest idle is forgotten; 100,000 take about 25 MB.',
    },
  },
} as const satisfies Section

export type RpushdSettings = SectionValues<typeof rpushdSection>
