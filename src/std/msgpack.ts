// Values to bytes and back between threads. `packExact` returns bytes that own their whole buffer: msgpackr
// hands out views on a pool, and transferring one of those would move (or copy) the pool.
import { Packr } from 'msgpackr'

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: false })

export function packExact(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(packr.pack(value))
}

/** Byte strings inside the result are views on `bytes`. */
export function unpack(bytes: Uint8Array): unknown {
  return packr.unpack(bytes)
}
