// What the thread of the offload pool can do, by name: it needs nothing but its argument, and keeps nothing.
import { handBack } from '../threads/hand-back.ts'
import { type Hashed, sha256Of } from '../threads/offload.ts'

export function hash(bytes: Uint8Array<ArrayBuffer>): Hashed {
  return handBack({ sha256: sha256Of(bytes), bytes }, bytes.buffer)
}
