// rpushd's section. The variables of the original mean the same here.
import type { Section, SectionValues } from '../../std/setting.ts'

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
    secret: {
      type: 'secret',
      doc: 'Signs the tokens with which clients subscribe.',
      aliases: [{ variable: 'RPUSHD_SECRET' }],
    },
    publishSecret: {
      type: 'secret',
      doc: 'Bearer secret of applications that publish.',
      aliases: [{ variable: 'RPUSHD_PUBLISH_SECRET' }],
    },
    heartbeatMs: {
      type: 'integer',
      unit: 'ms',
      default: 15_000,
      min: 100,
      max: 3_600_000,
      doc: 'Period of the heartbeats on a stream. Keep it below the read timeout of proxies.',
      aliases: [{ variable: 'RPUSHD_HEARTBEAT_SECS', scale: 1_000 }],
    },
    bodyBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 16_384,
      min: 1_024,
      max: 65_535,
      doc: 'Largest request body. The default is the limit of the original; a frame cannot carry more than the maximum.',
    },
  },
} as const satisfies Section

export type RpushdSettings = SectionValues<typeof rpushdSection>
