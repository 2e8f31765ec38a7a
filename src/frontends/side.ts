// What a front-end has beside the workers: one thread of its own, for a library that must not share theirs. Ports lead from it
// to the rooms of the protocol in all workers.
import type { ChannelName } from '../engine/words/publication.ts'
import type { Clock } from '../std/clock.ts'
import type { Log } from '../telemetry/log.ts'

/** One end of the line between the thread and a room: plain data, in order. Neither end waits for the other: both bound it. */
export interface SidePort {
  send(message: unknown): void
  /** Once. What came before is given first. */
  receive(take: (message: unknown) => void): void
  /** The other end is gone; everything that it sent was given. Everybody who asks is told. */
  onClosed(closed: () => void): void
  close(): void
}

export interface SideContext<Values> {
  readonly settings: Values
  readonly clock: Clock
  /** Warnings have a code of the house or one of the front-end's own. */
  readonly log: Log<string>
  readonly isDevelopment: boolean
  /** Slot of the worker that owns the channel. */
  ownerOf(channel: ChannelName): number
  /** What the rooms of this protocol report of a topic: what came within 250 ms. */
  gather(topic: string): Promise<readonly unknown[]>
}

/** At work in the thread. */
export interface SideRoom {
  /** A worker serves in the slot, in place of the one before. */
  join(slot: number, port: SidePort): void
  /** The node begins to stop: nothing more is taken in, and what was taken is handed over. */
  retire(): Promise<void>
  /** Everything is closed, and nothing native is pending: the thread may end. Called again it does no harm. */
  close(): Promise<void>
}

export interface SideThread<Values> {
  /** Whether a node with these settings has it from its start; a room may want it later. */
  isWanted(settings: Values): boolean
  /** In the thread alone: it loads what nobody else should. */
  load(): Promise<{
    /** A sentence: what the settings say cannot be had. */
    open(context: SideContext<Values>): Promise<SideRoom | string>
  }>
}
