// The state directory: what a stopping node leaves and the next start takes (law 14). One node at a time.
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ChannelSnapshot, PackedOrder } from '../engine/owner/snapshot.ts'
import type { OwnerMap } from '../engine/ring.ts'
import type { Slot } from '../engine/words/link.ts'
import { isPrivate } from '../engine/words/private.ts'
import type { Clock } from '../std/clock.ts'
import type { LockFile } from '../std/lock-file.ts'
import { packExact, unpack } from '../std/msgpack.ts'
import type { Log } from '../telemetry/log.ts'
import { Reserve } from './reserve.ts'
import { decodeSnapshot, encodeSnapshot } from './snapshot-file.ts'
import { lockFolder, openFolder, readOwn, syncFolder, writeWhole } from './state-files.ts'

/** One file for each worker that left something, by its slot. */
const snapshotName = /^snapshot\.\d+$/
/** What Node.js reads at once. A worker's history is 256 MiB by default. */
const snapshotBytesMax = 2_147_483_647

/** Of the list of nodes by which the channels were shared. */
const generationName = 'ring-generation'
const generationBytesMax = 64

const takenName = /^snapshot\.\d+\.taken$/

export class State {
  readonly #folder: string
  readonly #clock: Clock
  readonly #log: Log
  readonly #reserve: Reserve
  #held: LockFile | undefined
  readonly #generation: () => number | undefined

  /**
   * `folder` empty: nothing is read or written. Throws where the folder cannot be used, or another node uses it; the
   * message is for the operator. `generation`: of the list of nodes that share the channels; undefined: there is none.
   * `isHeld`: by the process whose place this one is about to take; `lock` follows.
   */
  constructor(
    folder: string,
    clock: Clock,
    log: Log,
    generation: () => number | undefined = () => undefined,
    isHeld = false,
  ) {
    this.#folder = folder
    this.#clock = clock
    this.#log = log
    this.#generation = generation
    if (!isHeld) this.lock()
    else if (folder !== '') openFolder(folder)
    this.#reserve = new Reserve(folder, clock, log)
  }

  /** Throws where another node has the folder. */
  lock(): void {
    if (this.#folder !== '') this.#held = lockFolder(this.#folder)
  }

  /** The folder is another process's from now on, and this one writes nothing into it any more. */
  giveUp(): void {
    this.#reserve.stop()
    this.#held?.release()
    this.#held = undefined
  }

  /** First offset of an epoch that begins now. */
  seed(): number {
    return this.#reserve.seed()
  }

  /**
   * What the last stop left, by the slot that owns the channels now, packed for its worker. Files are renamed before
   * they are read, so that a crash cannot bring them back to life.
   */
  take(ownerOf: OwnerMap): ReadonlyMap<Slot, Uint8Array> {
    const names = this.drop()
    const left = names.flatMap(name => this.#read(`${name}.taken`))
    const channels = this.#own(left)
    if (names.length > 0) this.#log.info({ channels: channels.length }, 'restored')
    return packedByOwner(channels, ownerOf)
  }

  #own(left: readonly ChannelSnapshot[]): readonly ChannelSnapshot[] {
    const all = distinct(left)
    return this.#isContinuous() ? all : all.filter(([name]) => isPrivate(name))
  }

  /**
   * Whatever the last stop left is true no more, for others order the channels from now on: a later start that stands alone
   * must not go on with it as if nothing had been published. Returns the names of the files; see `take`.
   */
  drop(): readonly string[] {
    if (this.#folder === '') return []
    // What a crashed run took is true no more.
    this.#removeTaken()
    const names = readdirSync(this.#folder).filter(name => snapshotName.test(name))
    for (const name of names) renameSync(this.#path(name), this.#path(`${name}.taken`))
    syncFolder(this.#folder)
    return names
  }

  get isKept(): boolean {
    return this.#folder !== ''
  }

  /** Nobody ever used what was taken: the next start finds it again. */
  giveBack(): void {
    if (this.#held === undefined) return
    for (const name of readdirSync(this.#folder).filter(file => takenName.test(file))) {
      renameSync(this.#path(name), this.#path(name.replace(/\.taken$/, '')))
    }
  }

  /**
   * Leaves the channels of each worker for the next start. Throws where the disk refuses. `isOrderly`: they are all, and
   * nothing beyond now was given.
   */
  leave(blobs: ReadonlyMap<Slot, Uint8Array>, isOrderly: boolean): void {
    if (this.#held === undefined) return
    for (const [slot, channels] of blobs) {
      writeWhole(this.#path(`snapshot.${slot}`), encodeSnapshot(this.#clock.unixMs(), channels))
    }
    this.#removeTaken()
    this.#leaveGeneration()
    if (isOrderly) this.#reserve.settle()
  }

  #removeTaken(): void {
    for (const name of readdirSync(this.#folder)) if (takenName.test(name)) rmSync(this.#path(name))
  }

  /** With another list other nodes may have gone on with any of them meanwhile, in numberings of their own. */
  #isContinuous(): boolean {
    const [written, now] = [readOwn(this.#path(generationName), generationBytesMax), this.#generation()]
    if (written === undefined || now === undefined || String(now) === written.toString('latin1')) return true
    this.#log.info({ generation: now }, 'what the last run left is of another list of nodes, and is dropped')
    return false
  }

  #leaveGeneration(): void {
    const generation = this.#generation()
    if (generation === undefined) rmSync(this.#path(generationName), { force: true })
    else writeWhole(this.#path(generationName), Buffer.from(String(generation)))
  }

  #read(name: string): readonly ChannelSnapshot[] {
    try {
      const bytes = readOwn(this.#path(name), snapshotBytesMax) ?? Buffer.alloc(0)
      const { writtenUnixMs, channels } = decodeSnapshot(bytes)
      return ageChannels(channels, Math.max(0, this.#clock.unixMs() - writtenUnixMs))
    } catch (error) {
      this.#log.error(
        { code: 'snapshot-unreadable', err: error },
        'a snapshot cannot be read; clients of its channels are told gaps',
      )
      return []
    }
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
    const other = byName.get(name)
    if (other === undefined || other[3] < next) byName.set(name, channel)
  }
  return [...byName.values()]
}

/** What all workers of a process left, each of them packed, by the slot that owns the channels now. */
export function regroup(left: readonly Uint8Array[], ownerOf: OwnerMap): ReadonlyMap<Slot, Uint8Array> {
  return packedByOwner(distinct(left.flatMap(parseChannels)), ownerOf)
}

function packedByOwner(
  channels: readonly ChannelSnapshot[],
  ownerOf: OwnerMap,
): ReadonlyMap<Slot, Uint8Array> {
  const bySlot = Map.groupBy(channels, ([name]) => ownerOf(name))
  return new Map([...bySlot].map(([slot, ofSlot]) => [slot, packChannels(ofSlot)]))
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
  return channels.map(([name, epoch, first, next, kept, keys, order]) => {
    const aged = [name, epoch, first, next, ageKept(kept, ms), ageKeys(keys, ms)] as const
    return order === undefined ? aged : ([...aged, ageOrder(order, ms)] as const)
  })
}

function ageKeys(keys: ChannelSnapshot[5], ms: number): ChannelSnapshot[5] {
  return keys
    .filter(([, , leftMs]) => leftMs > ms)
    .map(([key, offset, leftMs]) => [key, offset, leftMs - ms] as const)
}

/** Drafts that are held have waited all that time; what it does to each is the sequencer's to judge. */
function ageOrder([last, held, seen, lingerMs]: PackedOrder, ms: number): PackedOrder {
  return [
    last,
    held.map(([waitedMs, draft]) => [waitedMs + ms, draft] as const),
    seen.filter(([, leftMs]) => leftMs > ms).map(([id, leftMs]) => [id, leftMs - ms] as const),
    Math.max(0, lingerMs - ms),
  ]
}

/** One that is over stays where it is behind one that is not, as in the history itself: the range must have no hole. */
function ageKept(kept: ChannelSnapshot[4], ms: number): ChannelSnapshot[4] {
  const first = kept.findIndex(([leftMs]) => leftMs > ms)
  if (first === -1) return []
  return kept.slice(first).map(([leftMs, publication]) => [Math.max(1, leftMs - ms), publication] as const)
}
