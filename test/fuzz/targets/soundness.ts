// What a snapshot of an engine must be for the next worker to start from it: see ChannelSnapshot.
import assert from 'node:assert/strict'
import type { ChannelSnapshot } from '../../../src/engine/owner/snapshot.ts'

/** Of contents, by their numbers. */
const kinds: readonly unknown[] = [0, 1, 2, 3]

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Of the names and contents too: they came from a client or a file. */
export function assertSound(snapshot: readonly ChannelSnapshot[]): void {
  assertNumbered(snapshot)
  for (const [name, epoch, , , kept] of snapshot) {
    assert(Buffer.byteLength(name) <= 1_024, `a channel is called ${name}`)
    assert(epoch !== '', `${name} is in no epoch`)
    for (const [, [, kind]] of kept) assert(kinds.includes(kind), `${name} keeps ${kind}`)
  }
}

/** What the next worker needs to start, and to go on with the numbers. */
export function assertNumbered(snapshot: readonly ChannelSnapshot[]): void {
  const names = new Set<string>()
  for (const [name, epoch, first, next, kept, keys] of snapshot) {
    assert(typeof name === 'string' && !names.has(name), `${name} is there twice`)
    names.add(name)
    assert(typeof epoch === 'string', `${name} is in epoch ${epoch}`)
    assert(isCount(first) && isCount(next) && first <= next, `${name} goes from ${first} to ${next}`)
    for (const [index, [, [offset, , payload]]] of kept.entries()) {
      assert(offset === next - kept.length + index, `${name} keeps ${offset} where it is at ${next}`)
      assert(payload instanceof Uint8Array, `${name} keeps a payload that is no bytes`)
    }
    for (const [key, offset] of keys) {
      assert(typeof key === 'string' && isCount(offset) && offset < next, `${name} has the key ${key}`)
    }
  }
}
