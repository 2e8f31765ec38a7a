// Settings that rows share: each daemon takes its time to start, so there are few of them.
import { createHash } from 'node:crypto'
import { ids } from './texts.ts'

const channelsOf = (channels: readonly object[]) => ({ RINGCAST_PUSHWIRE_CHANNELS: JSON.stringify(channels) })

const system = { name: 'system', wireId: 5, priority: 0, system: true }

/** What the original's examples have; an empty list is what a daemon has by itself. */
export const examples = { settings: { RINGCAST_PUSHWIRE_CHANNELS: '[]' } } as const

/** Contract §13, and one channel of each kind besides. */
export const taxonomy = {
  settings: channelsOf([
    system,
    { name: 'chat', wireId: 1, priority: 1, handler: 'broadcast' },
    { name: 'data', wireId: 2, priority: 1, handler: 'broadcast' },
    { name: 'news', handler: 'none' },
    { name: 'inbox', handler: 'publish', to: 'support.{client_id}' },
    { name: 'joined', handler: 'broadcast', replayOnJoin: true },
    { name: 'mail', handler: 'none', scope: 'client' },
    { name: 'strict', ring: 4, overflow: 'close' },
    { name: 'loose', ring: 4 },
    { name: 'room.*', handler: 'broadcast' },
  ]),
} as const

/** Row 61: the one of the original's tests. */
export const tested = {
  settings: channelsOf([
    { name: 'data', wireId: 1, priority: 1, handler: 'broadcast' },
    { name: 'system', wireId: 5, priority: 0, system: true },
  ]),
} as const

/** Several limits at once. */
export const limited = {
  settings: {
    ...channelsOf([system, { name: 'chat', handler: 'broadcast' }, { name: 'data', handler: 'broadcast' }]),
    RINGCAST_PUSHWIRE_AUTH_MS: '2000',
    RINGCAST_PUSHWIRE_MESSAGE_BYTES_MAX: '65536',
    RINGCAST_PUSHWIRE_KEEP_ALIVE_MS: '100',
    RINGCAST_PUSHWIRE_INBOUND_PER_SECOND: '1',
    RINGCAST_PUSHWIRE_INBOUND_BURST: '2',
    RINGCAST_PUSHWIRE_CONNECTIONS_MAX: '3',
    RINGCAST_PUSHWIRE_SSE_DIALECT: 'canonical',
    RINGCAST_PUSHWIRE_RETRY_MS: '0',
    RINGCAST_PUSHWIRE_ORIGINS: 'https://app.example',
    RINGCAST_PUSHWIRE_ACK_OPEN: 'true',
  },
} as const

const open3 = channelsOf([
  system,
  { name: 'chat', handler: 'broadcast' },
  { name: 'data', handler: 'broadcast' },
  { name: 'news', handler: 'broadcast' },
])

const roomy = { ring: 100, ringBytes: 67_108_864 }
const much = '67108864'

/** For rows about lanes, about broadcasts in client scope, and about assets of any bytes. */
export const lanes = {
  settings: {
    ...channelsOf([
      system,
      { name: 'low', priority: 2, ...roomy },
      { name: 'nine', priority: 9 },
      { name: 'normal', priority: 1 },
      { name: 'high', priority: 0 },
      { name: 'echo', handler: 'broadcast', scope: 'client' },
      { name: 'others', handler: 'broadcast', scope: 'client', includeSender: false },
      { name: 'mail', handler: 'none', scope: 'client' },
    ]),
    RINGCAST_PUSHWIRE_ASSET_SIGNATURES: 'false',
    RINGCAST_ENGINE_OUTBOX_BYTES_MAX: much,
    RINGCAST_ENGINE_CONNECTION_BYTES_MAX: much,
    RINGCAST_ENGINE_OUTBOX_AGE_MS_MAX: '600000',
  },
} as const

const digestOf = (token: string) => createHash('sha256').update(token).digest('hex')

/** Tokens `s3cret`, and `only-a` for A. */
export const guarded = {
  settings: {
    ...open3,
    RINGCAST_PUSHWIRE_AUTH: 'static',
    RINGCAST_PUSHWIRE_TOKENS: JSON.stringify([
      { sha256: digestOf('s3cret'), channels: ['chat', 'data:r', 'news:w'] },
      { sha256: digestOf('only-a').toUpperCase(), clientId: ids.A.toUpperCase() },
    ]),
  },
} as const

const secret = 'a5c0d94be7f1482f93d6c8b7a0e1f2d3'

export const signed = {
  secret,
  settings: {
    ...open3,
    RINGCAST_PUSHWIRE_AUTH: 'jwt',
    RINGCAST_PUSHWIRE_JWT_SECRET: secret,
    RINGCAST_PUSHWIRE_SKEW_MS: '0',
  },
} as const
