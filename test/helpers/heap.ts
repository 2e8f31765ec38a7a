// What a thread's memory holds once everything that can go is gone: for tests of what is kept.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collect = runInNewContext('gc') as () => void // the flag makes it

/** Bytes of buffers outside of the heap that somebody holds: what was read and let go of is no measure of anything. */
export function heldOutside(): number {
  collect()
  return process.memoryUsage().arrayBuffers
}

/** Bytes of objects, and of buffers outside of the heap. */
function heldBytes(): number {
  // What the first pass lets go of may be all that held something else.
  for (let passes = 0; passes < 3; passes++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** What `make` leaves behind. */
export function growthOf(make: () => void): number {
  const before = heldBytes()
  make()
  return heldBytes() - before
}

/** The middle one of three, each behind `undo`: what the engine compiles or lets go of meanwhile is in one of them. */
export function usualGrowthOf(make: () => void, undo: () => void): number {
  const grown = [1, 2, 3].map(() => {
    undo()
    return growthOf(make)
  })
  return grown.toSorted((a, b) => a - b)[1] ?? 0
}
