// Pinghub's section. The original has flags alone, and only for addresses, origin and log file: see drop-in.ts.
import type { Section, SectionValues } from '../../std/setting.ts'

export const pinghubSection = {
  name: 'pinghub',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:8081', doc: 'Address of the protocol.' },
    shardPorts: {
      type: 'address',
      default: 'off',
      doc: 'First of one address per worker, for a proxy that hashes channels; 0: any free ports.',
    },
    metricsListen: {
      type: 'address',
      default: '127.0.0.1:8082',
      doc: 'TCP address at which six lines of numbers are told to whoever connects; off: none.',
    },
    subscribe: {
      type: 'list',
      default: [],
      doc: 'Patterns of the channels that its clients may subscribe to; empty: all. A channel is a path without its first slash.',
    },
    publish: {
      type: 'list',
      default: [],
      doc: 'Patterns of the channels that it may publish to, by POST and by WebSocket; empty: all.',
    },
    socketsPublish: {
      type: 'boolean',
      default: true,
      live: true,
      doc: 'Messages from WebSockets are published. Otherwise they are counted and dropped, and POST alone publishes.',
    },
    origins: {
      type: 'list',
      of: 'origins',
      default: [],
      doc: 'Origins (scheme://host[:port]) whose pages may open WebSockets; empty: all, in development those of this machine, and for POST too. Clients that send none always may.',
    },
    page: {
      type: 'boolean',
      default: true,
      live: true,
      doc: 'A GET without upgrade is answered with a page that shows the channel; otherwise it is 404.',
    },
    messageBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 65_536,
      min: 512,
      max: 1_048_576,
      doc: 'Largest message from a WebSocket. The default is the limit of the original since 2026; before it was 512.',
    },
    bodyBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 1_048_576,
      min: 65_536,
      max: 16_777_216,
      live: true,
      doc: 'Largest body of a POST. The original has no limit.',
    },
    socketsMax: {
      type: 'integer',
      unit: 'count',
      default: 1_000_000,
      min: 1,
      max: 10_000_000,
      live: true,
      doc: 'WebSockets per worker; more are 503. The default is beyond what one worker can serve: lower it to keep memory.',
    },
    pingMs: {
      type: 'integer',
      unit: 'ms',
      default: 27_000,
      min: 10,
      max: 60_000,
      doc: 'Period of pings, whatever the traffic. Some clients leave when they see none for 31 s.',
    },
    pongMs: {
      type: 'integer',
      unit: 'ms',
      default: 30_000,
      min: 20,
      max: 90_000,
      doc: 'A client from which no pong came for so long is cut; must be longer than the period of pings.',
    },
    writeMs: {
      type: 'integer',
      unit: 'ms',
      default: 10_000,
      min: 100,
      max: 60_000,
      live: true,
      doc: 'A client that is closed as slow has so long, from when it took nothing, to take what is left.',
    },
  },
} as const satisfies Section

export type PinghubSettings = SectionValues<typeof pinghubSection>
