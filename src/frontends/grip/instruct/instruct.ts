// What an origin tells the proxy to do with a response: hold it, on which channels, and where the next page is.

export type HoldMode = 'stream' | 'response'

export interface HoldChannel {
  /** As the origin names it: without the route's prefix. May be empty. */
  readonly name: string
  /** Empty counts as set. */
  readonly prevId?: string | undefined
  /** Names as given; unknown ones do nothing. */
  readonly filters: readonly string[]
}

export interface KeepAlive {
  readonly bytes: Uint8Array
  readonly timeoutMs: number
  /** `idle`: whatever is sent starts its clock anew; `interval`: nothing does. */
  readonly mode: 'idle' | 'interval'
}

export interface Hold {
  readonly mode: HoldMode
  /** Each name once, in the order of the origin. */
  readonly channels: readonly HoldChannel[]
  /** Of a response hold: when the stored response is sent. */
  readonly timeoutMs: number
  readonly keepAlive?: KeepAlive | undefined
  /** What filters know of the subscription. */
  readonly meta: ReadonlyMap<string, string>
}

/** A page with another one behind it is held for as long. */
export const noHold: Hold = { mode: 'stream', channels: [], timeoutMs: 0, meta: new Map() }

/** A whole response that a JSON instruction carries. Headers are a raw list: name, value, … */
export interface InstructResponse {
  readonly code: number
  readonly reason: string
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
}

export interface Instruct {
  readonly hold?: Hold | undefined
  /** In place of the status of the origin's response. */
  readonly status?: { readonly code: number; readonly reason: string } | undefined
  /** In lower case; the only headers that the client is to see. */
  readonly exposeHeaders?: readonly string[] | undefined
  /** Absolute. */
  readonly next?: { readonly uri: string; readonly timeoutMs: number } | undefined
  /** Absolute. */
  readonly gone?: { readonly uri: string } | undefined
  /** Channels beyond the limit of a connection, which are left out and counted. */
  readonly ignoredChannels: number
  /** Of the JSON form alone, and always there: what the client gets or the hold keeps. */
  readonly response?: InstructResponse | undefined
}

/** `error`: the text of contract §5.10. */
export type InstructReading =
  | { readonly ok: true; readonly instruct: Instruct }
  | { readonly ok: false; readonly error: string }

export interface InstructLimits {
  /** `connection_subscription_max` of the original: 20. */
  readonly channelsMax: number
}

/** Contract §5.2, §5.3 and §5.6. */
const secondMs = 1_000
const responseTimeoutSeconds = 55
const responseTimeoutSecondsMin = 5
const keepAliveTimeoutSeconds = 55
const keepAliveTimeoutSecondsMin = 1
const nextTimeoutSeconds = 120

export function holdTimeoutMs(seconds = responseTimeoutSeconds): number {
  return Math.max(seconds, responseTimeoutSecondsMin) * secondMs
}

export function keepAliveTimeoutMs(seconds = keepAliveTimeoutSeconds): number {
  return Math.max(seconds, keepAliveTimeoutSecondsMin) * secondMs
}

export function nextTimeoutMs(seconds = nextTimeoutSeconds): number {
  return seconds * secondMs
}

/** Contract §10: filters of one channel. */
const filtersMax = 5

/** The error where a channel has too many filters. */
export function filtersMistake({ name, filters }: HoldChannel): string | undefined {
  return filters.length > filtersMax ? `too many filters for channel '${name}'` : undefined
}

/** Each name once, the last that is said of it counts; and how many are beyond the limit. */
export function limitChannels(
  given: readonly HoldChannel[],
  { channelsMax }: InstructLimits,
): { readonly channels: readonly HoldChannel[]; readonly ignoredChannels: number } {
  const all = [...new Map(given.map(channel => [channel.name, channel])).values()]
  const channels = all.slice(0, channelsMax)
  return { channels, ignoredChannels: all.length - channels.length }
}
