// Which sockets of a gate's address one worker listens on.
import type { Slot } from '../engine/words/link.ts'
import type { GateAddress } from './gates.ts'

/** One worker of so many. */
export interface Place {
  readonly slot: Slot
  readonly workers: number
}

/**
 * Undefined stands for one that the worker opens by itself. Of those that were inherited each is somebody's, however many workers
 * there are: nobody else would accept who waits at it.
 */
export function sharesOf(
  { address, inherited }: Pick<GateAddress, 'address' | 'inherited'>,
  { slot, workers }: Place,
): readonly (number | undefined)[] {
  // A path cannot be shared, so that the first worker has it alone.
  if (inherited === undefined) return address.path === undefined || slot === 0 ? [undefined] : []
  const own = inherited.filter((_, at) => at % workers === slot)
  return own.length > 0 ? own : [inherited[slot % inherited.length]]
}
