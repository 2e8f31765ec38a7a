// What a link between two workers runs over: a MessagePort inside of a process, a unix socket between two.
import type { Parcel } from '../std/msgpack.ts'

export interface ParcelPort {
  on(event: 'message', listener: (parcel: Parcel) => void): unknown
  /** Everything that the other side posted was heard before. */
  on(event: 'close', listener: () => void): unknown
  postMessage(parcel: Parcel, moved?: readonly ArrayBuffer[]): void
  /** What was posted still arrives. */
  close(): void
}
