// The contract that a protocol implements. A front-end turns requests into drafts and subscribers, and refusals into
// its wire; it never sees another front-end.
import type { Engine } from '../engine/engine.ts'
import type { Exchange } from '../net/exchange.ts'
import type { Clock } from '../std/clock.ts'
import type { AddressSetting, Section, SectionValues, Setting } from '../std/setting.ts'
import type { Log } from '../telemetry/log.ts'

/** Every front-end listens somewhere, and may have one more address per worker. */
export type FrontendSection = Section<
  Readonly<Record<string, Setting>> & { readonly listen: AddressSetting; readonly shardPorts: AddressSetting }
>

export interface FrontendContext<Values> {
  readonly settings: Values
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
}

/** A protocol at work in one worker. */
export interface FrontendRoom {
  handle(exchange: Exchange): void
  /** Its own counters, by name. */
  statistics(): Readonly<Record<string, number>>
}

export interface Frontend<S extends FrontendSection = FrontendSection> {
  /** As in settings, logs and statistics. */
  readonly name: string
  readonly section: S
  /** Called once in each worker. */
  open(context: FrontendContext<SectionValues<S>>): FrontendRoom
  /** For development: lines for a terminal that show a message arriving when they are run as they stand. */
  greeting(settings: SectionValues<S>, address: string, unixMs: number): readonly string[]
}
