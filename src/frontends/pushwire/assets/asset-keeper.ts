// When the folder of assets is looked through, in the one worker that does, and how much each worker may write in between.
import type { Cancel, Clock } from '../../../std/clock.ts'
import {
  evict,
  type FolderBounds,
  type FolderCount,
  folderTime,
  markTime,
  touchFolder,
} from './asset-eviction.ts'

/** Costs one question to the system where nothing came or went. */
const lookMs = 1_000
/** What is too old goes by then, and the folder shows that its node lives. */
const wholeMs = 60_000

export interface KeeperOptions {
  readonly folder: string
  readonly clock: Clock
  readonly bounds: FolderBounds
  looked(count: FolderCount): void
  failed(error: unknown): void
}

export class AssetKeeper {
  readonly #options: KeeperOptions
  readonly #cancel: Cancel
  #isLooking = false
  #seenTime: number | undefined
  #wholeAt = Number.NEGATIVE_INFINITY

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#cancel = options.clock.every(lookMs, () => void this.look())
    void this.look()
  }

  close(): void {
    this.#cancel()
  }

  /** Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      await this.#lookThrough()
    } catch (error) {
      this.#options.failed(error)
    } finally {
      this.#isLooking = false
    }
  }

  async #lookThrough(): Promise<void> {
    const { folder, clock, bounds, looked } = this.#options
    const isDue = clock.now() - this.#wholeAt >= wholeMs
    if (isDue) {
      await touchFolder(folder, clock.unixMs())
      this.#wholeAt = clock.now()
    }
    // As it was before: what comes meanwhile, or goes by our own hand, is a reason to look again.
    const time = await folderTime(folder)
    if (!isDue && time === this.#seenTime) return
    this.#seenTime = time
    looked(await evict(folder, bounds, clock.unixMs()))
  }
}

/** An eighth of the bound is written at most, by all workers together, before somebody has looked. */
const shareOfBound = 8

export class WriteAllowance {
  readonly #folder: string
  readonly #bytesMax: number
  #bytes = 0
  #mark: number | undefined

  constructor(folder: string, { assetsBytesMax, assetBytesMax }: BoundsOfWrites, workers: number) {
    this.#folder = folder
    this.#bytesMax = Math.max(assetBytesMax, Math.floor(assetsBytesMax / shareOfBound / workers))
  }

  /** Throws where the folder cannot be asked. */
  async admits(bytes: number): Promise<boolean> {
    if (this.#bytes + bytes > this.#bytesMax) {
      const mark = await markTime(this.#folder)
      if (mark === this.#mark) return false
      this.#mark = mark
      this.#bytes = 0
    }
    this.#bytes += bytes
    return true
  }
}

interface BoundsOfWrites {
  readonly assetsBytesMax: number
  readonly assetBytesMax: number
}
