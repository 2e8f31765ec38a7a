// One file of channels as a worker left them. A damaged one may well unpack, into numbers with which no worker could
// start, so that it has a digest; and a digest tells of a disk that lost something, not of somebody who wrote another.
import { createHash } from 'node:crypto'
import type { ChannelSnapshot } from '../engine/owner/snapshot.ts'
import { fromVersion2, parseSnapshots } from '../engine/owner/snapshot-form.ts'
import { Fault } from '../std/fault.ts'
import { packExact, unpack } from '../std/msgpack.ts'

/** Another form has another number. */
const version = 3

/** The digest is that of what stands around it. */
type SnapshotFile = readonly [
  version: number,
  writtenUnixMs: number,
  digest: Uint8Array,
  /** Packed. */
  channels: Uint8Array,
]

export function encodeSnapshot(writtenUnixMs: number, channels: Uint8Array): Uint8Array {
  const file: SnapshotFile = [version, writtenUnixMs, digestOf(writtenUnixMs, channels), channels]
  return packExact(file)
}

/** Throws where no node of this version, or of the one before, could have written it as it is. */
export function decodeSnapshot(bytes: Uint8Array): {
  readonly writtenUnixMs: number
  readonly channels: readonly ChannelSnapshot[]
} {
  // As far as this node wrote it: the version and the digest tell.
  const [writtenVersion, writtenUnixMs, digest, channels] = unpack(bytes) as SnapshotFile
  const isBefore = writtenVersion === 2
  if (writtenVersion !== version && !isBefore)
    throw damaged(`snapshot version ${writtenVersion} is not ${version}`)
  if (!digestOf(writtenUnixMs, channels).equals(digest)) throw damaged('it is not as it was written')
  const value = unpack(channels)
  const parsed = parseSnapshots(isBefore ? fromVersion2(value) : value)
  if (!parsed.ok) throw damaged(parsed.detail)
  return { writtenUnixMs, channels: parsed.channels }
}

function damaged(detail: string): Fault<'snapshot-damaged'> {
  return new Fault('snapshot-damaged', detail)
}

function digestOf(writtenUnixMs: number, channels: Uint8Array): Buffer {
  return createHash('sha256').update(String(writtenUnixMs)).update(channels).digest()
}
