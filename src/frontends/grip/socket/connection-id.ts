// The name by which an origin knows a connection (contract §8.2).
import type { Random } from '../../../std/random.ts'

/** A worker that owns no part of the keys would look for ever. */
const triesMax = 1_000

/**
 * A random UUID (RFC 9562 §5.4) that is a key of this worker's, so that whoever is asked about the connection knows which worker
 * has it.
 */
export function connectionId(random: Random, owns: (key: string) => boolean): string {
  let id = uuid(random)
  for (let tries = 1; tries < triesMax && !owns(id); tries++) id = uuid(random)
  return id
}

function uuid(random: Random): string {
  const hex = random.hex(16)
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) & 3)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20)]
  return `${parts.join('-')}-${hex.slice(20)}`
}
