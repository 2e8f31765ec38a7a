// The state directory: what a stopping node leaves and the next start takes (law 14), and the highest offset that
// the node may have given, so that numbers never run backwards even when the clock did (law 8). One node at a time.
import { createHash } from 'node:crypto'
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Slot } from '../engine/link.ts'
import type { OwnerMap } from '../engine/ring.ts'
import type { ChannelSnapshot } from '../engine/snapshot.ts'
import { fromVersion2, parseSnapshots } from '../engine/snapshot-form.ts'
import type { Clock } from '../std/clock.ts'
import { packExact, unpack } from '../std/msgpack.ts'
import type { Log } from '../telemetry/log.ts'
import { lockFolder, readLine, readOwn, syncFolder, writeWhole } from './state-files.ts'

/** Offsets that a millisecond has room for. */
const offsetsPerMs = 64
/** How far ahead offsets are reserved on disk, how often, and how soon again where the disk refused. */
const reserveMs = 3_600_000
const refreshMs = 1_800_000
const retryMs = 60_000
const version = 3

/**
 * One file per worker that left something: `snapshot.0` and so on. Its channels are packed. The digest is that of the
 * rest, for a damaged file may well unpack, into numbers with which no worker could start.
 */
type SnapshotFile = readonly [
  version: number,
  writtenUnixMs: number,
  digest: Uint8Array,
  channels: Uint8Array,
]

/**
 * The offset below which all that were given lie, and the Unix milliseconds that the node had reached. Fifteen digits
 * reach to the year 2465 in offsets, and leave room above them in a safe integer.
 */
const highWaterForm = /^(\d{1,15})(?: (\d{1,15}))?$/

const snapshotName = /^snapshot\.\d+$/
/** What Node.js reads at once. A worker's history is 256 MiB by default. */
const snapshotBytesMax = 2_147_483_647

const takenName = /^snapshot\.\d+\.taken$/

export class State {
  readonly #folder: string
  readonly #clock: Clock
  readonly #log: Log
  /** The latest time of this run and those before it, whatever the clock says now. */
  #reachedUnixMs = 0
  /** First offset of an epoch that begins now. */
  readonly seed: () => number

  /**
   * `folder` empty: nothing is read or written. Throws where the folder cannot be used, or another node uses it; the
   * message is for the operator.
   */
  constructor(folder: string, clock: Clock, log: Log) {
    this.#folder = folder
    this.#clock = clock
    this.#log = log
    const unixMs = Math.floor(clock.unixMs())
    if (folder !== '') lockFolder(folder)
    const reserved = folder === '' ? 0 : this.#readHighWater()
    // That the reserve is ahead of the clock says nothing: a run that was killed leaves it, and each soon after adds one.
    if (this.#reachedUnixMs > unixMs) {
      log.warn(
        { code: 'clock-backwards', behindMs: this.#reachedUnixMs - unixMs },
        'the clock is behind what an earlier run reached; offsets go on above its own',
      )
    }
    this.seed = createSeed(Math.max(unixMs * offsetsPerMs, reserved), clock, Number)
    if (folder === '') return
    this.#reserve(reserveMs)
    clock.every(refreshMs, () => this.#refresh())
  }

  /**
   * What the last stop left, by the slot that owns the channels now, packed for its worker. Files are renamed before
   * they are read, so that a crash cannot bring them back to life.
   */
  take(ownerOf: OwnerMap): ReadonlyMap<Slot, Uint8Array> {
    if (this.#folder === '') return new Map()
    // What a crashed run took is true no more.
    this.#removeTaken()
    const names = readdirSync(this.#folder).filter(name => snapshotName.test(name))
    for (const name of names) renameSync(this.#path(name), this.#path(`${name}.taken`))
    syncFolder(this.#folder)
    const channels = distinct(names.flatMap(name => this.#read(`${name}.taken`)))
    if (names.length > 0) this.#log.info({ channels: channels.length }, 'restored')
    const bySlot = Map.groupBy(channels, ([name]) => ownerOf(name))
    return new Map([...bySlot].map(([slot, own]) => [slot, packChannels(own)]))
  }

  get isKept(): boolean {
    return this.#folder !== ''
  }

  /** Nobody ever used what was taken: the next start finds it again. */
  giveBack(): void {
    if (this.#folder === '') return
    for (const name of readdirSync(this.#folder).filter(file => takenName.test(file))) {
      renameSync(this.#path(name), this.#path(name.replace(/\.taken$/, '')))
    }
  }

  /**
   * Leaves the channels of each worker for the next start. Throws where the disk refuses. `isOrderly`: they are all, and
   * nothing beyond now was given.
   */
  leave(blobs: ReadonlyMap<Slot, Uint8Array>, isOrderly: boolean): void {
    if (this.#folder === '') return
    for (const [slot, channels] of blobs) {
      const writtenUnixMs = this.#clock.unixMs()
      const file: SnapshotFile = [version, writtenUnixMs, digestOf(writtenUnixMs, channels), channels]
      writeWhole(this.#path(`snapshot.${slot}`), packExact(file))
    }
    for (const name of readdirSync(this.#folder).filter(file => takenName.test(file)))
      rmSync(this.#path(name))
    if (isOrderly) this.#reserve(0)
  }

  #removeTaken(): void {
    for (const name of readdirSync(this.#folder)) if (takenName.test(name)) rmSync(this.#path(name))
  }

  #read(name: string): readonly ChannelSnapshot[] {
    try {
      const bytes = readOwn(this.#path(name), snapshotBytesMax) ?? Buffer.alloc(0)
      // As far as this node wrote it: the version and the digest tell.
      const [found, writtenUnixMs, digest, channels] = unpack(bytes) as SnapshotFile
      // The version before this one left its channels too.
      if (found !== version && found !== 2) throw new Error(`snapshot version ${found} is not ${version}`)
      if (!digestOf(writtenUnixMs, channels).equals(digest)) throw new Error('it is not as it was written')
      // A digest tells of a disk that lost something, not of somebody who wrote another.
      const value = unpack(channels)
      const parsed = parseSnapshots(found === 2 ? fromVersion2(value) : value)
      if (!parsed.ok) throw new Error(parsed.detail)
      return ageChannels(parsed.channels, Math.max(0, this.#clock.unixMs() - writtenUnixMs))
    } catch (error) {
      this.#log.error(
        { code: 'snapshot-unreadable', err: error },
        'a snapshot cannot be read; clients of its channels are told gaps',
      )
      return []
    }
  }

  /** Zero where the file is damaged: then only the clock keeps numbers from running backwards. */
  #readHighWater(): number {
    const found = highWaterForm.exec(readLine(this.#path('high-water')) ?? '0')
    if (found === null) {
      this.#log.error({ code: 'snapshot-unreadable' }, 'the offsets of the last run cannot be read')
      return 0
    }
    const [, reserved, reached = 0] = found
    this.#reachedUnixMs = Number(reached)
    return Number(reserved)
  }

  /** A disk that refuses harms nothing until the reserve is used up. */
  #refresh(): void {
    try {
      this.#reserve(reserveMs)
    } catch (error) {
      this.#log.error(
        { code: 'state-unwritable', err: error },
        'the state directory cannot be written; tried again soon',
      )
      this.#clock.after(retryMs, () => this.#refresh())
    }
  }

  #reserve(aheadMs: number): void {
    this.#reachedUnixMs = Math.max(this.#reachedUnixMs, Math.floor(this.#clock.unixMs()))
    const text = `${this.seed() + aheadMs * offsetsPerMs} ${this.#reachedUnixMs}`
    writeWhole(this.#path('high-water'), Buffer.from(text))
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }
}

/** No node leaves a channel in two files. Where somebody did, the numbering that went further counts. */
function distinct(channels: readonly ChannelSnapshot[]): readonly ChannelSnapshot[] {
  const byName = new Map<string, ChannelSnapshot>()
  for (const channel of channels) {
    const [name, , , next] = channel
    const known = byName.get(name)
    if (known === undefined || known[3] < next) byName.set(name, channel)
  }
  return [...byName.values()]
}

function digestOf(writtenUnixMs: number, channels: Uint8Array): Buffer {
  return createHash('sha256').update(String(writtenUnixMs)).update(channels).digest()
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

/** Time that passed since they were written counts against what each entry has left. */
export function ageChannels(channels: readonly ChannelSnapshot[], ms: number): readonly ChannelSnapshot[] {
  return channels.map(([name, epoch, first, next, kept, keys]) => [
    name,
    epoch,
    first,
    next,
    ageKept(kept, ms),
    keys
      .filter(([, , leftMs]) => leftMs > ms)
      .map(([key, offset, leftMs]) => [key, offset, leftMs - ms] as const),
  ])
}

/** One that is over stays where it is behind one that is not, as in the history itself: the range must have no hole. */
function ageKept(kept: ChannelSnapshot[4], ms: number): ChannelSnapshot[4] {
  const first = kept.findIndex(([leftMs]) => leftMs > ms)
  if (first === -1) return []
  return kept.slice(first).map(([leftMs, publication]) => [Math.max(1, leftMs - ms), publication] as const)
}
