// When a request is made again whose origin could not be reached, or was lost before it had all of it (contract §8.3).
import type { Random } from '../../../std/random.ts'

/** Each with up to a second more. */
const pausesMs = [1_000, 2_000, 4_000, 8_000, 16_000] as const
const spreadMs = 1_000

/** `failures`: so far, from one on. Undefined: it is not made again. */
export function retryPauseMs(failures: number, random: Random): number | undefined {
  const pauseMs = pausesMs[failures - 1]
  if (pauseMs === undefined) return undefined
  return pauseMs + (Number.parseInt(random.hex(4), 16) % (spreadMs + 1))
}
