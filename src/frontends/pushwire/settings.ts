// The section of pushwire. The original is a library whose channels are compiled in and whose validator is a callback: here
// both are said by settings. Channels are read once, at the start; who is let in, and limits, are live.
import type { Section, SectionValues } from '../../std/setting.ts'
import { assetFields } from './asset-settings.ts'
import { channelDefaults, channelMembers } from './channel-members.ts'

export const pushwireSection = {
  name: 'pushwire',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:9100', doc: 'Address of the protocol.' },
    shardPorts: {
      type: 'address',
      default: 'off',
      doc: 'First of one address per worker, for a proxy that hashes client ids; 0: any free ports.',
    },
    subscribe: {
      type: 'list',
      default: [],
      doc: 'Patterns of the channels that its clients may subscribe to; empty: all.',
    },
    publish: {
      type: 'list',
      default: [],
      doc: 'Patterns of the channels that its clients may publish to; empty: all.',
    },
    channels: {
      type: 'records',
      default: [],
      // Their wire ids are one byte.
      recordsMax: 255,
      members: channelMembers,
      doc: 'The channels, as objects; empty: system (system, wire id 5, priority 0), chat (wire id 1, priority 1, broadcast), and demo (broadcast).',
    },
    ...channelDefaults,
    auth: {
      type: 'choice',
      choices: ['open', 'static', 'jwt', 'webhook'],
      default: 'open',
      live: true,
      doc: 'Who is let in: everybody with any id, or who has one of tokens, a JSON Web Token, or the word of auth_url.',
    },
    tokens: {
      type: 'records',
      default: [],
      recordsMax: 10_000,
      live: true,
      members: {
        sha256: {
          required: true,
          setting: {
            type: 'text',
            default: '',
            doc: 'Digest of the token, 64 hexadecimal digits: printf %s TOKEN | sha256sum.',
          },
        },
        channels: {
          setting: {
            type: 'list',
            default: [],
            doc: 'What it opens: name, name:r to read alone, name:w to send alone; left out: all, an empty list: none.',
          },
        },
        clientId: {
          setting: { type: 'text', default: '', doc: 'The one client id that it is for; left out: any.' },
        },
      },
      doc: 'Tokens of auth static, as objects.',
    },
    jwtSecret: {
      type: 'secret',
      optional: true,
      live: true,
      doc: 'Signs the tokens of auth jwt (HS256); where it is missing, keys of jwks_file alone do.',
    },
    jwksFile: {
      type: 'text',
      form: 'absolute path',
      default: '',
      isTrusted: true,
      live: true,
      doc: 'File with a JSON Web Key Set whose keys sign the tokens of auth jwt.',
    },
    skewMs: {
      type: 'integer',
      unit: 'ms',
      default: 5_000,
      min: 0,
      max: 300_000,
      live: true,
      doc: 'How far the clock of whoever mints tokens may be off.',
    },
    authUrl: {
      type: 'text',
      default: '',
      live: true,
      doc: 'Where auth webhook asks, http:// or https://.',
    },
    authTimeoutMs: {
      type: 'integer',
      unit: 'ms',
      default: 2_000,
      min: 10,
      max: 30_000,
      live: true,
      doc: 'How long one such question may take; without an answer by then the client is refused.',
    },
    webhookTimeoutMs: {
      type: 'integer',
      unit: 'ms',
      default: 2_000,
      min: 10,
      max: 30_000,
      live: true,
      doc: 'How long the post of one frame may take, with handler webhook.',
    },
    outgoingAllow: {
      type: 'list',
      default: [],
      doc: 'Addresses that its calls may reach although they are link-local, multicast, unspecified or our own: address, address/bits, or address:port.',
    },
    authMs: {
      type: 'integer',
      unit: 'ms',
      default: 5_000,
      min: 100,
      max: 60_000,
      live: true,
      doc: 'How long a WebSocket may wait with its first message, which is auth; then it is closed with 4408.',
    },
    origins: {
      type: 'list',
      of: 'origins',
      default: [],
      live: true,
      doc: 'Origins (scheme://host[:port]) whose pages may connect; empty: all, in development those of this machine. Clients that send none always may.',
    },
    connectionsMax: {
      type: 'integer',
      unit: 'count',
      default: 1_000_000,
      min: 1,
      max: 10_000_000,
      live: true,
      doc: 'WebSockets and event streams per worker; more are 503. The default is beyond what one worker can serve: lower it to keep memory.',
    },
    messageBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 1_048_576,
      min: 32_768,
      max: 67_108_864,
      doc: 'Largest message from a WebSocket; more is closed with 1009. The original has the maximum.',
    },
    pingMs: {
      type: 'integer',
      unit: 'ms',
      default: 30_000,
      min: 100,
      max: 60_000,
      doc: 'Period of pings; a client that shows no sign of life for two of them is cut.',
    },
    inboundPerSecond: {
      type: 'integer',
      unit: 'count',
      default: 200,
      min: 0,
      max: 1_000_000,
      live: true,
      doc: 'Frames per second that one connection may send, ten times as many acks and pongs; 0: any number.',
    },
    inboundBurst: {
      type: 'integer',
      unit: 'count',
      default: 400,
      min: 1,
      max: 1_000_000,
      live: true,
      doc: 'Frames that it may send at once, after it was silent.',
    },
    keepAliveMs: {
      type: 'integer',
      unit: 'ms',
      default: 15_000,
      min: 100,
      max: 3_600_000,
      doc: 'Silence after which an event stream gets a comment line. Keep it below the read timeout of proxies.',
    },
    retryMs: {
      type: 'integer',
      unit: 'ms',
      default: 1_000,
      min: 0,
      max: 3_600_000,
      doc: 'What an event stream tells browsers to wait before they reconnect.',
    },
    sseDialect: {
      type: 'choice',
      choices: ['superposed', 'canonical'],
      default: 'superposed',
      live: true,
      doc: 'Operations on event streams: in all forms at once that a client might read, or in the canonical one alone.',
    },
    ackOpen: {
      type: 'boolean',
      default: false,
      live: true,
      doc: 'POST /rps/ack asks for nothing, as in the original; otherwise the client must be connected, or the bearer be good.',
    },
    ...assetFields,
  },
} as const satisfies Section

export type PushwireSettings = SectionValues<typeof pushwireSection>
