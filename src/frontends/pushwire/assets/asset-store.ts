// The store of assets that are too large to travel in their frame (contract §9): files by their digest, which every worker of the
// node may write and serve. Workers share nothing but the folder.
import { join } from 'node:path'
import type { Exchange } from '../../../net/exchange.ts'
import type { Clock } from '../../../std/clock.ts'
import { codeOf } from '../../../std/fault.ts'
import type { Random } from '../../../std/random.ts'
import type { Log } from '../../../telemetry/log.ts'
import type { Offload } from '../../frontend.ts'
import { type OpenFile, openFile, renewFile, writeFileWhole } from './asset-files.ts'
import { AssetKeeper, WriteAllowance } from './asset-keeper.ts'
import { AssetReplies } from './asset-replies.ts'
import type { AssetSettings } from './asset-settings.ts'
import { type AssetRefusal, fileNameOf, refusalOf, typeOfFile } from './assets.ts'

export interface AssetStoreOptions {
  /** `assetFolderOf`; the primary made it. */
  readonly folder: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Pick<Log<string>, 'error' | 'info'>
  readonly offload: Offload
  readonly settings: AssetSettings
  /** One worker of the node removes files. */
  readonly evicts: boolean
  /** How many the node is to have. */
  readonly workers: number
  /** Where it is not the usual one. */
  readonly sendingMax?: number
}

export type PutOutcome =
  /** `fileName` is what the path of `serve` ends in. */
  | { readonly ok: true; readonly fileName: string; readonly sha256: string; readonly size: number }
  | { readonly ok: false; readonly reason: AssetRefusal }

type Work = 'write' | 'read' | 'look'

/** Four of the largest by default: a worker holds each until it is on disk. */
const puttingBytesMax = 67_108_864

/** Each has a descriptor and a piece of 64 KiB: 64 MiB. */
const sendingMax = 1_024

/** A file that is fetched all the time is said to be of use once a minute. */
const renewMs = 60_000

export class AssetStore {
  readonly #options: AssetStoreOptions
  readonly #allowance: WriteAllowance
  readonly #keeper: AssetKeeper | undefined
  readonly #replies: AssetReplies
  #puttingBytes = 0
  /** What the disk refuses, as the log says; gone when it went well again. */
  readonly #failing = new Set<Work>()
  readonly #counters = {
    assetsStored: 0,
    assetsStoredAgain: 0,
    assetsRefused: 0,
    assetsFailed: 0,
    assetsEvicted: 0,
    assetsKept: 0,
    assetsKeptBytes: 0,
  }

  static open(options: AssetStoreOptions): AssetStore {
    return new AssetStore(options)
  }

  private constructor(options: AssetStoreOptions) {
    const { folder, clock, settings, evicts, workers } = options
    this.#options = options
    this.#allowance = new WriteAllowance(folder, settings, workers)
    this.#replies = new AssetReplies({
      clock,
      sendingMax: options.sendingMax ?? sendingMax,
      failed: error => this.#failed('read', error),
    })
    const keeper = {
      folder,
      clock,
      bounds: settings,
      looked: (count: { files: number; bytes: number; evicted: number }) => {
        this.#counters.assetsKept = count.files
        this.#counters.assetsKeptBytes = count.bytes
        this.#counters.assetsEvicted += count.evicted
        this.#failing.delete('look')
      },
      failed: (error: unknown) => this.#failed('look', error),
    }
    this.#keeper = evicts ? new AssetKeeper(keeper) : undefined
  }

  /**
   * Keeps the bytes under their digest. Until `done`, which is called once, they are the store's; it may have moved them
   * elsewhere, so whoever needs them afterwards gives a copy.
   */
  put(bytes: Uint8Array, mime: string, done: (outcome: PutOutcome) => void): void {
    const size = bytes.length
    const refuse = (reason: AssetRefusal) => {
      this.#counters.assetsRefused++
      done({ ok: false, reason })
    }
    const refusal = refusalOf({ mime, bytes }, this.#options.settings)
    if (refusal !== undefined) return refuse(refusal)
    if (this.#puttingBytes > 0 && this.#puttingBytes + size > puttingBytesMax) return refuse('asset-busy')
    this.#puttingBytes += size
    const end = (outcome: PutOutcome) => {
      this.#puttingBytes -= size
      if (outcome.ok) done(outcome)
      else refuse(outcome.reason)
    }
    this.#options.offload.hash(bytes, outcome => {
      if (!outcome.ok)
        return end({ ok: false, reason: outcome.reason === 'full' ? 'asset-busy' : 'asset-failed' })
      void this.#write(outcome.bytes, outcome.sha256, mime).then(end)
    })
  }

  /** Answers a request for a file; `name` is the path behind the folder's, as it came. `headers` come with every answer. */
  serve(exchange: Exchange, name: string, headers: Readonly<Record<string, string>> = {}): void {
    const mime = typeOfFile(name, this.#options.settings.assetTypes)
    if (exchange.method !== 'GET' && exchange.method !== 'HEAD') {
      return exchange.reply({ status: 405, headers: { ...headers, allow: 'GET, HEAD' } })
    }
    if (mime === undefined) return this.#replies.missing(exchange, headers)
    if (!this.#replies.admits()) return this.#replies.busy(exchange, headers)
    void this.#serve(exchange, name, mime, headers)
  }

  statistics(): Readonly<Record<string, number>> {
    return { ...this.#counters, ...this.#replies.counters }
  }

  /** What is being served goes on. */
  close(): void {
    this.#keeper?.close()
  }

  async #write(bytes: Uint8Array, sha256: string, mime: string): Promise<PutOutcome> {
    const { folder, clock, random } = this.#options
    const fileName = fileNameOf(sha256, mime)
    if (fileName === undefined) return { ok: false, reason: 'asset-type' }
    const path = join(folder, fileName)
    try {
      if (await renewFile(path, bytes.length, clock.unixMs())) this.#counters.assetsStoredAgain++
      else {
        if (!(await this.#allowance.admits(bytes.length))) return { ok: false, reason: 'asset-busy' }
        await writeFileWhole(path, bytes, clock.unixMs(), random.hex(8))
        this.#counters.assetsStored++
      }
    } catch (error) {
      this.#failed('write', error)
      return { ok: false, reason: 'asset-failed' }
    }
    this.#failing.delete('write')
    return { ok: true, fileName, sha256, size: bytes.length }
  }

  /** Never rejects, but for bugs. */
  async #serve(
    exchange: Exchange,
    name: string,
    mime: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { folder } = this.#options
    let opened: OpenFile | undefined
    try {
      opened = await openFile(folder, name)
      this.#replies.opened()
    } catch (error) {
      this.#replies.opened()
      this.#failed('read', error)
      return this.#replies.broken(exchange, headers)
    }
    this.#failing.delete('read')
    if (opened === undefined) return this.#replies.missing(exchange, headers)
    this.#renew(name, opened)
    const own = { 'content-type': mime, etag: `"${name.slice(0, 64)}"` }
    this.#replies.send(exchange, opened, headers, own)
  }

  #renew(name: string, { usedUnixMs, bytes }: OpenFile): void {
    const { clock, folder } = this.#options
    if (Math.abs(clock.unixMs() - usedUnixMs) < renewMs) return
    renewFile(join(folder, name), bytes, clock.unixMs()).catch((error: unknown) =>
      this.#failed('read', error),
    )
  }

  /** Once for a row of failures, however many requests meet them. */
  #failed(work: Work, error: unknown): void {
    this.#counters.assetsFailed++
    if (this.#failing.has(work)) return
    this.#failing.add(work)
    const { folder, log } = this.#options
    const text = `the folder of assets cannot be used (${work}): ${codeOf(error)}`
    log.error({ code: 'assets-failed', folder, err: error }, text)
  }
}
