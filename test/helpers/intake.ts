// What a worker holds of bodies that are not complete, for tests of those who tell it.
import { Intake } from '../../src/net/intake.ts'
import type { NetSettings } from '../../src/net/settings.ts'
import type { Clock } from '../../src/std/clock.ts'
import { netDefaults } from './net.ts'

export function intakeWith(clock: Clock, changes: Partial<NetSettings> = {}): Intake {
  return new Intake(clock, { ...netDefaults, ...changes })
}
