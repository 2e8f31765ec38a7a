// The words of rows of ZeroMQ. Clients have names, which default to `one`; `ID` in what is asked and told stands for the id of the
// connection that the row is about.

export type ZmqStep =
  /** A client opens a stream of the built-in target on the channel, and has it from then on. */
  | { readonly do: 'hold'; readonly channel: string; readonly as: string }
  /** A long poll of the same. */
  | { readonly do: 'poll'; readonly channel: string; readonly as: string }
  /** A WebSocket over HTTP, whose origin subscribes it to the channel; its id is what the origin is told. */
  | { readonly do: 'socket'; readonly channel: string; readonly as: string }
  | { readonly do: 'leave'; readonly as: string }
  /** What comes next on the stream. */
  | { readonly do: 'read'; readonly text: string }
  /** What the origin was asked for the WebSocket of the channel, from the first request on. */
  | { readonly do: 'asked'; readonly channel: string; readonly bodies: readonly string[] }
  /** One frame to PULL. */
  | { readonly do: 'push'; readonly message: string }
  /** Frames of a publisher that SUB hears. */
  | { readonly do: 'publish'; readonly frames: readonly string[] }
  /** What that publisher is told next: `+` or `-`, and what was subscribed to. */
  | { readonly do: 'told'; readonly subscription: string }
  /** `answer`: as it is without the id, which is that of the request. */
  | { readonly do: 'command'; readonly request: ZmqFields; readonly answer: ZmqFields }
  /**
   * A statistic of this kind with exactly these fields comes, beside who it is from; what other clients do is passed over, and one that
   * was found is not found again. A `conn` with `ID` is the first one, where the row has none yet.
   */
  | { readonly do: 'statistic'; readonly type: string; readonly fields: ZmqFields }
  /** One that others may count in, too: it has these fields, and numbers of them are no less. */
  | { readonly do: 'sum'; readonly type: string; readonly least: ZmqFields }

/** Texts where tnetstrings have bytes. URIS stands for the three sockets. */
export interface ZmqFields {
  readonly [name: string]: unknown
}

export interface ZmqRow {
  readonly name: string
  readonly from: string
  readonly steps: readonly ZmqStep[]
  /** What the original does not live through. */
  readonly isOurs?: true
}

export const hold = (channel: string, as = 'one'): ZmqStep => ({ do: 'hold', channel, as })
export const poll = (channel: string, as = 'one'): ZmqStep => ({ do: 'poll', channel, as })
export const socket = (channel: string, as = 'one'): ZmqStep => ({ do: 'socket', channel, as })
export const leave = (as = 'one'): ZmqStep => ({ do: 'leave', as })
export const read = (text: string): ZmqStep => ({ do: 'read', text })
export const asked = (channel: string, ...bodies: readonly string[]): ZmqStep => ({
  do: 'asked',
  channel,
  bodies,
})
export const command = (request: ZmqFields, answer: ZmqFields): ZmqStep => ({
  do: 'command',
  request,
  answer,
})
export const statistic = (type: string, fields: ZmqFields): ZmqStep => ({ do: 'statistic', type, fields })
export const sum = (type: string, least: ZmqFields): ZmqStep => ({ do: 'sum', type, least })

export const ok = (value: unknown): ZmqFields => ({ success: true, value })
export const failed = (condition: string): ZmqFields => ({ success: false, condition })

export function row(
  number: string,
  name: string,
  steps: readonly ZmqStep[],
  more: Pick<ZmqRow, 'isOurs'> = {},
): ZmqRow {
  return { name: `${number}: ${name}`, from: 'contract §13.6', steps, ...more }
}
