// The state directory: what a stopping node leaves and the next start takes (law 14), and the highest offset that
// the node may have given, so that numbers never run backwards even when the clock did (law 8).
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Slot } from '../engine/link.ts'
import type { OwnerMap } from '../engine/ring.ts'
import type { ChannelSnapshot } from '../engine/snapshot.ts'
import type { Clock } from '../std/clock.ts'
import { packExact, unpack } from '../std/msgpack.ts'
import type { Log } from '../telemetry/log.ts'

/** Offsets that a millisecond has room for. */
const offsetsPerMs = 64
/** How far ahead offsets are reserved on disk, and how often. */
const reserveMs = 3_600_000
const refreshMs = 1_800_000
const version = 1

/** The file's content. Each blob is one worker's list of channel snapshots, packed. */
type SnapshotFile = readonly [version: number, writtenUnixMs: number, blobs: readonly Uint8Array[]]

export interface Restored {
  /** By the slot that owns the channels now, packed for its worker. */
  readonly bySlot: ReadonlyMap<Slot, Uint8Array>
  /** Milliseconds since they were written. */
  readonly goneMs: number
}

const nothing: Restored = { bySlot: new Map(), goneMs: 0 }

export class State {
  readonly #folder: string
  readonly #clock: Clock
  readonly #log: Log
  /** First offset of an epoch that begins now. */
  readonly seed: () => number

  /** `folder` empty: nothing is read or written. Throws where the folder cannot be used. */
  constructor(folder: string, clock: Clock, log: Log) {
    this.#folder = folder
    this.#clock = clock
    this.#log = log
    const now = Math.floor(clock.unixMs()) * offsetsPerMs
    if (folder !== '') mkdirSync(folder, { recursive: true })
    const reserved = folder === '' ? 0 : this.#readHighWater()
    // A run that crashed leaves its whole reserve behind; only beyond that the clock must have stepped back.
    if (reserved > now + reserveMs * offsetsPerMs) {
      log.warn({ code: 'clock-backwards' }, 'the clock is behind an earlier run; offsets go on above its own')
    }
    this.seed = createSeed(Math.max(now, reserved), clock, Number)
    if (folder === '') return
    this.#reserve(reserveMs)
    clock.every(refreshMs, () => this.#reserve(reserveMs))
  }

  /** What the last stop left. It is renamed before it is read, so that a crash cannot bring it back to life. */
  take(ownerOf: OwnerMap): Restored {
    if (this.#folder === '') return nothing
    const taken = this.#path('snapshot.taken')
    try {
      renameSync(this.#path('snapshot'), taken)
    } catch {
      // There is none: the first start, or the last run did not end in good order.
      return nothing
    }
    try {
      const { channels, goneMs } = parseSnapshot(readFileSync(taken), this.#clock.unixMs())
      this.#log.info({ channels: channels.length, goneMs }, 'restored')
      const bySlot = Map.groupBy(channels, ([name]) => ownerOf(name))
      return { bySlot: new Map([...bySlot].map(([slot, own]) => [slot, packChannels(own)])), goneMs }
    } catch (error) {
      this.#log.error(
        { code: 'snapshot-unreadable', err: error },
        'the snapshot cannot be read; clients are told gaps',
      )
      return nothing
    }
  }

  leave(blobs: readonly Uint8Array[]): void {
    if (this.#folder === '') return
    const file: SnapshotFile = [version, this.#clock.unixMs(), blobs]
    this.#write('snapshot', packExact(file))
    rmSync(this.#path('snapshot.taken'), { force: true })
    // The stop was in good order: nothing beyond now was given.
    this.#reserve(0)
  }

  #readHighWater(): number {
    try {
      return Number(readFileSync(this.#path('high-water'), 'utf8')) || 0
    } catch {
      return 0 // none yet
    }
  }

  #reserve(aheadMs: number): void {
    this.#write('high-water', Buffer.from(String(this.seed() + aheadMs * offsetsPerMs)))
  }

  /** Whole or not at all: written beside, synced, then renamed. */
  #write(name: string, bytes: Uint8Array): void {
    const path = this.#path(name)
    const descriptor = openSync(`${path}.new`, 'w', 0o600)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(`${path}.new`, path)
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

/** From `base` on, advanced by the monotonic clock, whatever the other one does. */
export function createSeed<Offset>(
  base: number,
  clock: Clock,
  parse: (value: number) => Offset,
): () => Offset {
  const since = clock.now()
  return () => parse(base + Math.ceil(clock.now() - since) * offsetsPerMs)
}

/** What a worker leaves, and what one is started with. */
export function packChannels(channels: readonly ChannelSnapshot[]): Uint8Array<ArrayBuffer> {
  return packExact(channels)
}

export function parseChannels(bytes: Uint8Array): readonly ChannelSnapshot[] {
  return unpack(bytes) as ChannelSnapshot[]
}

function parseSnapshot(
  bytes: Uint8Array,
  unixMs: number,
): { channels: readonly ChannelSnapshot[]; goneMs: number } {
  const [found, writtenUnixMs, blobs] = unpack(bytes) as SnapshotFile
  if (found !== version) throw new Error(`snapshot version ${found} is not ${version}`)
  const channels = blobs.flatMap(parseChannels)
  return { channels, goneMs: Math.max(0, unixMs - writtenUnixMs) }
}
