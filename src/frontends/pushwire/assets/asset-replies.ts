// Answers to requests for assets: whole, in part, or none; and how many are under way.
import type { Exchange } from '../../../net/exchange.ts'
import type { Clock } from '../../../std/clock.ts'
import { type Wanted, wantedOf } from './asset-conditions.ts'
import type { OpenFile } from './asset-files.ts'
import { AssetSending } from './asset-sending.ts'

type Headers = Readonly<Record<string, string>>

export interface RepliesOptions {
  readonly clock: Clock
  readonly sendingMax: number
  failed(error: unknown): void
}

/** Under a digest there never is another content. A year is how one says for ever. */
const always: Headers = {
  'cache-control': 'public, max-age=31536000, immutable',
  'x-content-type-options': 'nosniff',
  'accept-ranges': 'bytes',
}

/** A client that reads at all has taken its piece by then; where others want its place, one that has not may lose it. */
const waitsMsMin = 5_000

export class AssetReplies {
  readonly #options: RepliesOptions
  readonly #sendings = new Set<AssetSending>()
  /** They have a place, and no sending yet. */
  #opening = 0
  readonly counters = {
    assetsServed: 0,
    assetsUnchanged: 0,
    assetsMissing: 0,
    assetsCut: 0,
    assetsSending: 0,
  }

  constructor(options: RepliesOptions) {
    this.#options = options
  }

  /** A place for one more, to be opened. Where all are taken, whoever has not read for longest gives up his own, if that is long. */
  admits(): boolean {
    if (this.#opening + this.#sendings.size >= this.#options.sendingMax && !this.#makeRoom()) return false
    this.#opening++
    return true
  }

  /** One that was admitted is open, or cannot be. */
  opened(): void {
    this.#opening--
  }

  missing(exchange: Exchange, headers: Headers): void {
    this.counters.assetsMissing++
    // Of a type that a browser does not look into, and not to be kept: it may be stored the next moment.
    const plain = { ...headers, 'content-type': 'text/plain', 'cache-control': 'no-store' }
    exchange.reply({ status: 404, headers: plain, body: 'no such asset\n' })
  }

  busy(exchange: Exchange, headers: Headers): void {
    exchange.reply({ status: 503, headers: { ...headers, 'retry-after': '1' }, body: 'too many at once\n' })
  }

  broken(exchange: Exchange, headers: Headers): void {
    exchange.reply({
      status: 500,
      headers: { ...headers, 'cache-control': 'no-store' },
      body: 'the asset cannot be read\n',
    })
  }

  /** Closes the file in any case. `headers` come with every answer; `own` are of the asset. */
  send(
    exchange: Exchange,
    { file, bytes }: OpenFile,
    headers: Headers,
    own: Headers & { readonly etag: string },
  ): void {
    const wanted = wantedOf(exchange, own.etag, bytes)
    const all = { ...headers, ...own, ...always }
    if (wanted.kind !== 'bytes' || exchange.method === 'HEAD' || !exchange.pending) {
      file.close().catch(() => {})
      return this.#withoutBody(exchange, wanted, bytes, { all, headers })
    }
    const { from, to, isPart } = wanted
    const head = isPart
      ? { status: 206, headers: { ...all, 'content-range': `bytes ${from}-${to - 1}/${bytes}` } }
      : { status: 200, headers: all }
    this.counters.assetsSending++
    const sending = new AssetSending({
      file,
      clock: this.#options.clock,
      from,
      to,
      fill: consumer => exchange.fill(head, to - from, consumer),
      failed: (error, isBegun) => {
        this.#options.failed(error)
        if (!isBegun) this.broken(exchange, headers)
      },
      ended: isWhole => {
        this.#sendings.delete(sending)
        this.counters.assetsSending--
        this.counters[isWhole ? 'assetsServed' : 'assetsCut']++
      },
    })
    this.#sendings.add(sending)
  }

  #makeRoom(): boolean {
    const waits = [...this.#sendings].filter(({ waitsSince }) => waitsSince !== undefined)
    const [longest] = waits.sort((one, other) => (one.waitsSince ?? 0) - (other.waitsSince ?? 0))
    if (this.#options.clock.now() - (longest?.waitsSince ?? Number.POSITIVE_INFINITY) < waitsMsMin)
      return false
    longest?.cut()
    return true
  }

  #withoutBody(
    exchange: Exchange,
    wanted: Wanted,
    bytes: number,
    { all, headers }: { readonly all: Headers; readonly headers: Headers },
  ): void {
    switch (wanted.kind) {
      case 'bytes':
        return exchange.reply({ status: 200, headers: all, bodyBytes: bytes })
      case 'unchanged':
        this.counters.assetsUnchanged++
        return exchange.reply({ status: 304, headers: all })
      case 'failed':
        return exchange.reply({ status: 412, headers: { ...headers, 'cache-control': 'no-store' } })
      case 'outside':
        return exchange.reply({
          status: 416,
          headers: { ...headers, 'content-range': `bytes */${bytes}`, 'cache-control': 'no-store' },
        })
      default:
        wanted satisfies never
    }
  }
}
