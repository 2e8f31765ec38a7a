// A folder of assets, stores that share it as workers do, and what they logged.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type AssetSettings, assetFields } from '../../../src/frontends/pushwire/assets/asset-settings.ts'
import {
  AssetStore,
  type AssetStoreOptions,
  type PutOutcome,
} from '../../../src/frontends/pushwire/assets/asset-store.ts'
import { type Clock, systemClock } from '../../../src/std/clock.ts'
import { systemRandom } from '../../../src/std/random.ts'
import { Offload } from '../../../src/threads/offload.ts'
import { defaultsOf } from '../defaults.ts'

export const assetDefaults = defaultsOf<AssetSettings>(assetFields)

export const png = 'image/png'
const signature = Buffer.from('89504e470d0a1a0a', 'hex')

/** Bytes that look like a picture; others for each `seed`. */
export function picture(bytes: number, seed = 0): Buffer {
  const picture = Buffer.alloc(bytes)
  for (let at = 0; at + 4 <= bytes; at += 4) picture.writeUInt32BE((at + seed * 7_919) >>> 0, at)
  signature.copy(picture)
  return picture
}

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export class AssetScene {
  readonly folder: string
  readonly logged: { readonly code?: string; readonly text: string }[] = []
  /** Added to the time of day. */
  shiftMs = 0
  readonly clock: Clock = { ...systemClock, unixMs: () => systemClock.unixMs() + this.shiftMs }
  readonly #log: AssetStoreOptions['log']
  readonly #offload: Offload
  readonly #stores: AssetStore[] = []

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'ringcast-test-assets-'))
    const write = (fields: object | string, text = '') => void this.logged.push({ ...Object(fields), text })
    this.#log = { error: write, info: write }
    this.#offload = new Offload({ log: this.#log })
    t.after(async () => {
      for (const store of this.#stores) store.close()
      await this.#offload.close()
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  open(settings: Partial<AssetSettings> = {}, options: Partial<AssetStoreOptions> = {}): AssetStore {
    const store = AssetStore.open({
      folder: this.folder,
      clock: this.clock,
      random: systemRandom,
      log: this.#log,
      offload: this.#offload,
      settings: { ...assetDefaults, ...settings },
      evicts: false,
      workers: 1,
      ...options,
    })
    this.#stores.push(store)
    return store
  }

  /** Of assets and what is being written. */
  names(): string[] {
    return readdirSync(this.folder).filter(name => name !== 'swept')
  }
}

/** A copy is stored: what is handed over may be moved elsewhere. */
export function put(store: AssetStore, bytes: Uint8Array, mime = png): Promise<PutOutcome> {
  return new Promise(resolve => store.put(new Uint8Array(bytes), mime, resolve))
}

/** Its file's name. */
export async function stored(store: AssetStore, bytes: Uint8Array, mime = png): Promise<string> {
  const outcome = await put(store, bytes, mime)
  if (!outcome.ok) throw new Error(outcome.reason)
  return outcome.fileName
}
