// Settings that rows share: each daemon takes its time to start, so there are few of them.

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
