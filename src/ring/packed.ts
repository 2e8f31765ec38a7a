// Values out of a packed list that somebody else wrote.
import { type Epoch, parseEpoch } from '../engine/words/position.ts'
import { unpack } from '../std/msgpack.ts'

export function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

export function epochOf(value: unknown): Epoch | undefined {
  if (typeof value !== 'string') return undefined
  try {
    return parseEpoch(value)
  } catch {
    return undefined // the caller refuses the whole
  }
}

export function listOf(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const value = unpack(bytes)
    return Array.isArray(value) ? (value as readonly unknown[]) : undefined // a list of anything
  } catch {
    return undefined // it is no whole value, or more than one
  }
}
