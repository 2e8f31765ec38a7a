// What a room is opened with beside engine and clock, for tests of rooms that use none of it but the intake.
import type { FrontendContext } from '../../src/frontends/frontend.ts'
import type { Clock } from '../../src/std/clock.ts'
import { intakeWith } from './intake.ts'

export function surroundingsOf(
  clock: Clock,
): Pick<FrontendContext<never>, 'intake' | 'isJoined' | 'offload' | 'stateFolder'> {
  return { intake: intakeWith(clock), isJoined: false, offload: { hash() {} }, stateFolder: '' }
}
