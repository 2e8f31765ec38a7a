// What a protocol brings to the rehearsal of a rolling restart: where a proxy sends its requests, its clients, and its publishers.
import type { Door } from '../cluster/numbered-publisher.ts'
import type { Returning, ReturningClient } from './returning-client.ts'

export interface Path {
  readonly path: string
  /** The path itself, and nothing below it. */
  readonly isExact?: boolean
  /** Where it is not the main one. */
  readonly door?: string
}

export interface Rolling {
  /** As in the registry. */
  readonly name: string
  readonly paths: readonly Path[]
  /** Settings of the nodes. */
  readonly environment?: Readonly<Record<string, string>>
  /** For nginx, in place of blocks for `paths` of the main door; `upstream` has the nodes. */
  nginx?(upstream: string): string
  channel(index: number): string
  /** The number decides which kind of client it is, where there are several. */
  client(returning: Returning, number: number): ReturningClient
  /** Clients without positions are among them. */
  readonly hasPlain: boolean
  /** At the proxy. */
  door(site: string): Door
}
