// What the playground tells whoever asks for its data: the page, and the command line.
import type { PlayKit } from '../frontends/play.ts'

export interface PlayEntry extends PlayKit {
  readonly name: string
  /** Where the protocol is mounted on the listener that was asked. */
  readonly path: string
  /** Path of the client module there. */
  readonly module: string
}

export interface PlayData {
  readonly channel: string
  readonly protocols: readonly PlayEntry[]
}
