// What all servers of one thread share: the library, the time, and what clients may cost together.
import type { Clock } from '../std/clock.ts'
import { Intake } from './intake.ts'
import type { NetSettings } from './settings.ts'
import { Turn } from './turn.ts'
import { loadUws, type Uws } from './uws.ts'

export interface Net {
  readonly uws: Uws
  readonly clock: Clock
  readonly settings: NetSettings
  readonly turn: Turn
  readonly intake: Intake
  /** Whoever comes on a connection that is here is answered, and the connection ends behind it. */
  isLeaving: boolean
}

/** For this thread. `alive` is called now and then while it handles what clients sent, however much that is. */
export async function openNet(clock: Clock, settings: NetSettings, alive: () => void): Promise<Net> {
  return {
    uws: await loadUws(),
    clock,
    settings,
    turn: new Turn(clock, settings, alive),
    intake: new Intake(clock, settings),
    isLeaving: false,
  }
}

export function netStatistics({ turn, intake }: Net): Readonly<Record<string, number>> {
  return { ...turn.counters, ...intake.counters }
}
