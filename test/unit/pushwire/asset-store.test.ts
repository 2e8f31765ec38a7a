// The store of assets on disk: what is written, what is refused, and what goes.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { HashOutcome, Offload } from '../../../src/frontends/frontend.ts'
import { type EnvelopeOutcome, makeEnvelope } from '../../../src/frontends/pushwire/assets/asset-envelope.ts'
import { evict } from '../../../src/frontends/pushwire/assets/asset-eviction.ts'
import { renewFile } from '../../../src/frontends/pushwire/assets/asset-files.ts'
import { WriteAllowance } from '../../../src/frontends/pushwire/assets/asset-keeper.ts'
import { assetCodes, assetMetrics } from '../../../src/frontends/pushwire/assets/asset-metrics.ts'
import type { Asset } from '../../../src/frontends/pushwire/assets/assets.ts'
import {
  AssetScene,
  assetDefaults,
  picture,
  png,
  put,
  sha256Of,
  stored,
} from '../../helpers/pushwire/asset-scene.ts'
import { until } from '../../helpers/until.ts'

/** Its hashes come when the test says so. */
class SlowOffload implements Offload {
  readonly waiting: (() => void)[] = []

  hash(bytes: Uint8Array, done: (outcome: HashOutcome) => void): void {
    this.waiting.push(() => done({ ok: true, sha256: sha256Of(bytes), bytes }))
  }
}

const refusing = (reason: 'full' | 'ended' | 'failed'): Offload => ({
  hash: (_, done) => done({ ok: false, reason }),
})

describe('an asset that is stored', () => {
  test('is a file by its digest, for this user alone', async t => {
    const scene = new AssetScene(t)
    for (const size of [100, 300_000, 16_777_216]) {
      const bytes = picture(size)
      const name = await stored(scene.open(), bytes)
      equal(name, `${sha256Of(bytes)}.png`)
      ok(readFileSync(join(scene.folder, name)).equals(bytes))
      equal(statSync(join(scene.folder, name)).mode & 0o777, 0o600)
    }
    equal(scene.names().length, 3)
  })

  test('again is not written again, and is of use from then on', async t => {
    const scene = new AssetScene(t)
    const [one, other] = [scene.open(), scene.open()]
    const bytes = picture(1_000)
    const path = join(scene.folder, await stored(one, bytes))
    const before = statSync(path)
    scene.shiftMs = 5_000_000
    await stored(other, bytes)
    const after = statSync(path)
    equal(after.ino, before.ino)
    ok(after.mtimeMs - before.mtimeMs > 4_000_000)
    equal(other.statistics()['assetsStoredAgain'], 1)
  })

  test('by several workers at once is there once, and whole', async t => {
    const scene = new AssetScene(t)
    const stores = Array.from({ length: 4 }, () => scene.open())
    const bytes = picture(2_000_000)
    const names = await Promise.all([...stores, ...stores].map(store => stored(store, bytes)))
    equal(new Set(names).size, 1)
    deepEqual(scene.names(), [names[0]])
    ok(readFileSync(join(scene.folder, names[0] ?? '')).equals(bytes))
  })

  test('takes the place of half a file', async t => {
    const scene = new AssetScene(t)
    const bytes = picture(1_000)
    const path = join(scene.folder, `${sha256Of(bytes)}.png`)
    writeFileSync(path, bytes.subarray(0, 10))
    await stored(scene.open(), bytes)
    ok(readFileSync(path).equals(bytes))
  })
})

test('everything that a store counts is described, and nothing else', t => {
  const described = assetMetrics.map(([key]) => key)
  deepEqual(described.sort(), Object.keys(new AssetScene(t).open().statistics()).sort())
})

describe('an asset that is not stored', () => {
  test('is of another type, too large, or empty', async t => {
    const store = new AssetScene(t).open({ assetBytesMax: 1_000 })
    const reason = async (bytes: Buffer, mime = png) => {
      const outcome = await put(store, bytes, mime)
      return outcome.ok || outcome.reason
    }
    equal(await reason(picture(100), 'text/html'), 'asset-type')
    equal(await reason(picture(100), 'image/gif'), 'asset-mismatch')
    equal(await reason(picture(1_000)), true)
    equal(await reason(picture(1_001)), 'asset-too-large')
    equal(await reason(Buffer.alloc(0)), 'asset-invalid')
    equal(store.statistics()['assetsRefused'], 4)
  })

  test('came while 64 MiB were not written yet', async t => {
    const scene = new AssetScene(t)
    const offload = new SlowOffload()
    const store = scene.open({ assetsBytesMax: 1e9 }, { offload })
    const bytes = picture(16_777_216)
    const waiting = [1, 2, 3, 4].map(() => put(store, bytes))
    deepEqual(await put(store, picture(100)), { ok: false, reason: 'asset-busy' })
    for (const go of offload.waiting.splice(0)) go()
    for (const outcome of await Promise.all(waiting)) ok(outcome.ok)
    const last = put(store, picture(100))
    offload.waiting.pop()?.()
    ok((await last).ok)
  })

  test('could not be hashed', async t => {
    const scene = new AssetScene(t)
    for (const [reason, expected] of [
      ['full', 'asset-busy'],
      ['ended', 'asset-failed'],
      ['failed', 'asset-failed'],
    ] as const) {
      const store = scene.open({}, { offload: refusing(reason) })
      deepEqual(await put(store, picture(100)), { ok: false, reason: expected })
    }
  })

  test('is more than a worker may write before somebody has looked through the folder', async t => {
    const scene = new AssetScene(t)
    const bounds = { assetsBytesMax: 80_000, assetBytesMax: 1_000 }
    const store = scene.open(bounds, { workers: 2 })
    for (let seed = 0; seed < 5; seed++) await stored(store, picture(1_000, seed))
    deepEqual(await put(store, picture(1_000, 5)), { ok: false, reason: 'asset-busy' })
    deepEqual(scene.names().length, 5)
    await evict(scene.folder, { ...bounds, assetMsMax: 1e9 }, scene.clock.unixMs())
    await stored(store, picture(1_000, 6))
  })
})

describe('what a worker may write', () => {
  test('is one asset at least, however small the bound is', async t => {
    const { folder } = new AssetScene(t)
    const allowance = new WriteAllowance(folder, { assetsBytesMax: 8_000, assetBytesMax: 5_000 }, 4)
    equal(await allowance.admits(5_000), true)
    equal(await allowance.admits(1), false)
  })

  test('begins anew with each look, and not where that could not make room', async t => {
    const { folder, clock } = new AssetScene(t)
    const allowance = new WriteAllowance(folder, { assetsBytesMax: 8_000, assetBytesMax: 1_000 }, 1)
    const bounds = { assetsBytesMax: 8_000, assetMsMax: 1e9 }
    equal(await allowance.admits(1_000), true)
    equal(await allowance.admits(1), false)
    await evict(folder, bounds, clock.unixMs())
    equal(await allowance.admits(1_000), true)
    equal(await allowance.admits(1), false)
    await evict(folder, bounds, clock.unixMs() + 1_000)
    equal(await allowance.admits(1), true)
  })
})

describe('eviction', () => {
  test('takes what was of use longest ago, until the rest fits', async t => {
    const scene = new AssetScene(t)
    const store = scene.open({}, {})
    const names: string[] = []
    for (let seed = 0; seed < 5; seed++) {
      scene.shiftMs += 100_000
      names.push(await stored(store, picture(8_192, seed)))
    }
    // The first one is the newest now.
    scene.shiftMs += 100_000
    await stored(store, picture(8_192, 0))
    const bounds = { assetsBytesMax: 3 * 8_192, assetMsMax: 1e9 }
    const count = await evict(scene.folder, bounds, scene.clock.unixMs())
    deepEqual(count, { files: 3, bytes: 3 * 8_192, evicted: 2 })
    deepEqual(scene.names().sort(), [names[0], names[3], names[4]].sort())
    deepEqual(await evict(scene.folder, bounds, scene.clock.unixMs()), { ...count, evicted: 0 })
  })

  test('takes what is too old, and counts a small file as a block', async t => {
    const scene = new AssetScene(t)
    const store = scene.open()
    await stored(store, picture(10))
    const bounds = { assetsBytesMax: 1e9, assetMsMax: 10_000 }
    const now = scene.clock.unixMs()
    deepEqual(await evict(scene.folder, bounds, now + 9_000), { files: 1, bytes: 4_096, evicted: 0 })
    deepEqual(await evict(scene.folder, bounds, now + 10_100), { files: 0, bytes: 0, evicted: 1 })
  })

  test('removes what killed writers left, and leaves alone what is none of ours', async t => {
    const { folder, clock } = new AssetScene(t)
    const digest = 'a'.repeat(64)
    const beside = join(folder, `${digest}.png.0123456789abcdef.new`)
    const others = ['notes.txt', digest, `${digest}.png.new`, 'snapshot.0'].map(name => join(folder, name))
    for (const path of [beside, ...others]) writeFileSync(path, 'x')
    mkdirSync(join(folder, `${digest}.gif`))
    const bounds = { assetsBytesMax: 1, assetMsMax: 1 }
    await evict(folder, bounds, clock.unixMs() + 500_000)
    ok(existsSync(beside), 'somebody may be writing it')
    await evict(folder, bounds, clock.unixMs() + 700_000)
    ok(!existsSync(beside))
    ok([...others, join(folder, `${digest}.gif`)].every(existsSync))
  })

  test('is done by the one worker that evicts, when something came', async t => {
    const scene = new AssetScene(t)
    const keeper = scene.open({ assetsBytesMax: 8_192 }, { evicts: true })
    const other = scene.open()
    for (let seed = 0; seed < 4; seed++) await stored(other, picture(4_096, seed))
    await until('room', () => keeper.statistics()['assetsEvicted'] === 2)
    equal(scene.names().length, 2)
    equal(other.statistics()['assetsEvicted'], 0)
  })

  test('that the disk refuses is told once, and done when it can be', async t => {
    const scene = new AssetScene(t)
    const gone = join(scene.folder, 'gone')
    const keeper = scene.open({}, { evicts: true, folder: gone })
    await until('two failures', () => (keeper.statistics()['assetsFailed'] ?? 0) >= 2)
    equal(scene.logged.length, 1)
    ok(scene.logged[0]?.code !== undefined && scene.logged[0].code in assetCodes)
    mkdirSync(gone)
    await until('the mark', () => existsSync(join(gone, 'swept')))
  })

  test('spares what was fetched a moment ago', async t => {
    const scene = new AssetScene(t)
    const path = join(scene.folder, await stored(scene.open(), picture(4_096)))
    utimesSync(path, 1_000, 1_000)
    equal(await renewFile(path, 4_096, scene.clock.unixMs()), true)
    const bounds = { assetsBytesMax: 1e9, assetMsMax: 1_000 }
    equal((await evict(scene.folder, bounds, scene.clock.unixMs())).evicted, 0)
  })
})

describe('from an asset to its envelope', () => {
  async function envelope(scene: AssetScene, asset: Partial<Asset>): Promise<unknown> {
    const store = scene.open()
    const offload: Offload = { hash: (bytes, done) => done({ ok: true, sha256: sha256Of(bytes), bytes }) }
    const context = { settings: assetDefaults, offload, store, base: '/rps/assets' }
    const outcome = await new Promise<EnvelopeOutcome>(resolve =>
      makeEnvelope(context, { mime: png, bytes: picture(100), ...asset }, resolve),
    )
    return outcome.ok ? JSON.parse(outcome.payload) : outcome.reason
  }

  test('small ones travel inline, and touch no disk', async t => {
    const scene = new AssetScene(t)
    const bytes = picture(262_144)
    deepEqual(await envelope(scene, { bytes, name: 'n', url: 'https://a/b' }), {
      type: 'inline',
      mime: png,
      sha256: sha256Of(bytes),
      size: 262_144,
      data_base64: bytes.toString('base64'),
      name: 'n',
    })
    deepEqual(scene.names(), [])
  })

  test('larger ones travel by the given address, or are stored', async t => {
    const scene = new AssetScene(t)
    const bytes = picture(262_145)
    const sha256 = sha256Of(bytes)
    const pointer = { type: 'pointer', mime: png, sha256, size: 262_145 }
    deepEqual(await envelope(scene, { bytes, url: 'https://a/b' }), { ...pointer, url: 'https://a/b' })
    deepEqual(scene.names(), [])
    deepEqual(await envelope(scene, { bytes }), { ...pointer, url: `/rps/assets/${sha256}.png` })
    deepEqual(scene.names(), [`${sha256}.png`])
  })

  test('what may not travel is refused', async t => {
    const scene = new AssetScene(t)
    equal(await envelope(scene, { mime: 'text/html' }), 'asset-type')
    equal(await envelope(scene, { bytes: picture(16_777_217) }), 'asset-too-large')
    equal(await envelope(scene, { bytes: Buffer.from('hello') }), 'asset-mismatch')
  })
})
