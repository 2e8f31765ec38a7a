// The command line's side of the contract: how `ringcast pub` publishes by a protocol's own means, and how commands end that
// imitate another program.

/** How a command that imitates another program ends. */
export interface CommandEnding {
  /** Printed as they stand. */
  readonly lines: readonly string[]
  readonly status: number
  /** They go to standard error. */
  readonly asErrors?: true
}

/** The publisher that comes with the replaced original: `ringcast pub --<name> …`, with its texts and exit codes. */
export interface PublishCommand {
  /** One line for `--help`. */
  readonly summary: string
  read(args: readonly string[], world: PublishWorld): PublishReading
}

export interface PublishWorld {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly unixSeconds: number
  /** What a file holds, or why it cannot be read. */
  readFile(path: string): Uint8Array | string
}

export type PublishReading =
  | {
      readonly ok: true
      readonly host: string
      readonly port: number
      readonly isTls: boolean
      /** All that is sent on a connection of its own. */
      readonly request: Uint8Array
      /** `answer` is all that came so far, and `isEnded`: no more will. Undefined: more is needed. */
      judge(answer: Uint8Array, isEnded: boolean): CommandEnding | undefined
      /** There is no connection, or it broke or took too long. */
      failed(reason: string): CommandEnding
    }
  /** By other means than one connection. */
  | { readonly ok: true; deliver(): Promise<CommandEnding> }
  | ({ readonly ok: false } & CommandEnding)

/** `ringcast pub --<flag> <value> <channel> [data]`: a publication by one of its routes on the admin listener. */
export interface AddressedPublish {
  /** Without its dashes, and what stands behind it, as in `<id>`. */
  readonly flag: string
  readonly value: string
  /** One line for `--help`. */
  readonly summary: string
  /** `json` is JSON text. `path` is below the routes of the protocol; `mistake`: nothing is sent. */
  request(
    value: string,
    channel: string,
    json: string,
  ): { readonly path: string; readonly body: string } | { readonly mistake: string }
  /** The line that is printed of an answer with status 200; undefined: somebody else answered. */
  said(answer: Readonly<Record<string, unknown>>): string | undefined
}
