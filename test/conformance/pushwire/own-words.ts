// What rows of this protocol say beside the words of all protocols.

export type OwnSend =
  /** Text messages of a WebSocket, all in one segment. `publishes`: the channel that each of them reaches, if it does. */
  | {
      readonly kind: 'say'
      readonly client: string
      readonly texts: readonly string[]
      readonly publishes?: string | undefined
      /** Or the streams that they reach, all of them together. */
      readonly reaches?: number
    }
  /** Other frames. */
  | { readonly kind: 'bytes-of'; readonly client: string; readonly bytes: Uint8Array }
  /** The application publishes to a channel that all protocols can name. */
  | { readonly kind: 'publish'; readonly channel: string; readonly members: string; readonly times: number }
  /** The application asks the admin listener. `publishes`: channels of the engine that it adds to. */
  | {
      readonly kind: 'ask'
      readonly method: string
      readonly path: string
      readonly body: string | Uint8Array | undefined
      /** Of the body, where it is no JSON. */
      readonly type?: string
      readonly publishes: number
    }
  /** Says the text so often, until the connection ends. */
  | { readonly kind: 'flood'; readonly client: string; readonly text: string; readonly everyMs: number }

export type OwnExpect =
  /** The next messages or events. `id`, `channels`: with the first of them the client of that id is in, and subscribed. */
  | {
      readonly kind: 'hears'
      readonly texts: readonly string[]
      readonly id?: string
      readonly channels?: readonly string[]
      readonly leaves?: readonly string[]
      /** It goes on when the owners of `channels` count it: what others publish from then on reaches it. */
      readonly isCounted?: true
      /** They come from different places of the node. */
      readonly anyOrder?: true
    }
  /** These, and then the end: of a WebSocket by a frame with that code or `cut` without any, of a stream by its last chunk. */
  | {
      readonly kind: 'over'
      readonly texts: readonly string[]
      readonly code: number | 'cut' | 'last chunk'
      readonly fromMs?: number
    }
  /** Each of these at least once and nothing else, then the last one and the end. */
  | {
      readonly kind: 'flooded'
      readonly others: readonly string[]
      readonly last: string
      readonly code: number
      readonly fromMs: number
    }
  /** So many comments of a stream, and nothing else. */
  | { readonly kind: 'beats'; readonly count: number; readonly fromMs: number }
  /**
   * Frames of a channel numbered by their payloads from 0 on, up to the last one: none twice, and wherever some are missing
   * the client is told at which cursor it goes on. Some are.
   */
  | { readonly kind: 'lossy'; readonly channel: string; readonly cursor: string; readonly count: number }
  /** The first of such frames without a hole, fewer than all of them, then the last text and the end. */
  | {
      readonly kind: 'cut-off'
      readonly channel: string
      readonly cursor: string
      readonly fewerThan: number
      readonly last: string
      readonly code: number
    }
  /**
   * Frames of a channel numbered by their payloads from 0 on, each in its turn; amid them `fast`, next to one another, with
   * some of the others behind them, and `later` behind those.
   */
  | {
      readonly kind: 'overtaken'
      readonly slow: { readonly channel: string; readonly cursor: string; readonly count: number }
      readonly fast: readonly string[]
      readonly later: readonly string[]
    }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
