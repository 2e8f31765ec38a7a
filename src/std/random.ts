// Chance as an argument, so that a test can repeat a run from its seed.
import { randomFillSync } from 'node:crypto'

export interface Random {
  /** Lower-case hexadecimal text of `bytes` random bytes. */
  hex(bytes: number): string
}

/** Asked for at a time. A call takes some 2 µs however little it is asked for: ids of requests are 8 bytes. */
const poolBytes = 4_096

class PooledRandom implements Random {
  readonly #pool = Buffer.allocUnsafeSlow(poolBytes)
  /** Where what nobody got yet begins. */
  #at = poolBytes

  hex(bytes: number): string {
    if (bytes > poolBytes) return randomFillSync(Buffer.allocUnsafeSlow(bytes)).toString('hex')
    if (this.#at + bytes > poolBytes) {
      randomFillSync(this.#pool)
      this.#at = 0
    }
    const from = this.#at
    this.#at += bytes
    const text = this.#pool.toString('hex', from, this.#at)
    // It may be a secret: whoever reads the memory of the process finds nothing here.
    this.#pool.fill(0, from, this.#at)
    return text
  }
}

export const systemRandom: Random = new PooledRandom()
