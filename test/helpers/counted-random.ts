// Ids that a test knows: the first is 1, the second 2.
import type { Random } from '../../src/std/random.ts'

export function countedRandom(): Random {
  let count = 0
  return { hex: bytes => String(++count).padStart(bytes * 2, '0') }
}
