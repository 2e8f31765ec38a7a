// The playground's side of the contract: what a protocol's own client module does, in a page and in a terminal alike, and
// what the module and people need to use a channel. Plain data, for it crosses HTTP.

/** What a client asks, and as whom. */
export interface PlayTarget {
  /** Where the protocol's own paths begin, `http://…` without a slash at the end. */
  readonly url: string
  readonly channel: string
  /** Those of the protocol's own `PlayKit`. */
  readonly credentials: Readonly<Record<string, string>>
  /** Begins behind this position; without one, with what is published from now on. */
  readonly since?: string | undefined
}

/** Hears of one subscription. Nothing after `closed`, and no `closed` after the subscriber left by itself. */
export interface PlayConsumer {
  /** The server took the subscription, which begins behind `position`; undefined: the wire tells none. */
  opened(position: string | undefined): void
  /** `text` as the wire carries it; `position` where the wire says it, or says enough to count it. */
  received(text: string, position: string | undefined): void
  /** Publications are missing in front of what follows, which begins behind `position`. */
  missed(position: string | undefined): void
  /** A refusal's status and text, a close code, or what the network did. */
  closed(why: string): void
}

/** `text` is what the server said, or the network did. */
export interface PlayAnswer {
  readonly ok: boolean
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number
  readonly text: string
}

/** A module without imports, so that a browser can load it as it is. */
export interface PlayClient {
  /** The returned function leaves. Never throws. */
  subscribe(target: PlayTarget, consumer: PlayConsumer): () => void
  /** `text` is what a person typed; it becomes what the protocol takes. Never rejects. */
  publish(target: PlayTarget, text: string): Promise<PlayAnswer>
}

/** For one channel. */
export interface PlayKit {
  /** What its subscribers hold, in a word or two. */
  readonly wire: string
  /** One sentence about what the wire tells of positions. */
  readonly positions: string
  /** For `PlayTarget`. */
  readonly credentials: Readonly<Record<string, string>>
  /** Lines for a shell, which do the same at the protocol's own address. */
  readonly curl: { readonly subscribe: string; readonly publish: string }
}

/** What a kit is made for. */
export interface PlayPlace {
  readonly channel: string
  /** `host:port`, and a path where the protocol is mounted somewhere. */
  readonly address: string
  readonly unixMs: number
  /** Addresses of its other gates, by the names of their doors. */
  readonly doors: Readonly<Record<string, string>>
}

/** As one word of a shell, whatever it holds. */
export function quoteWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
