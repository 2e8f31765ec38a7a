// Chance as an argument, so that a test can repeat a run from its seed.
import { randomBytes } from 'node:crypto'

export interface Random {
  /** Lower-case hexadecimal text of `bytes` random bytes. */
  hex(bytes: number): string
}

export const systemRandom: Random = { hex: bytes => randomBytes(bytes).toString('hex') }
