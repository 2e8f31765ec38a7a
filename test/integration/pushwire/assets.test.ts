// Stored assets as clients get them, over real sockets from a real disk.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { AssetSettings } from '../../../src/frontends/pushwire/assets/asset-settings.ts'
import type { AssetStore, AssetStoreOptions } from '../../../src/frontends/pushwire/assets/asset-store.ts'
import { formatAddress } from '../../../src/std/address.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { AssetScene, picture, png, put, sha256Of, stored } from '../../helpers/pushwire/asset-scene.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { type Served, serve } from '../../helpers/serve.ts'
import { until } from '../../helpers/until.ts'

const base = '/rps/assets/'
interface Scene extends Served {
  readonly assets: AssetScene
  readonly store: AssetStore
  get(name: string, headers?: Record<string, string>, method?: string): Promise<Response>
  /** A client that asked and reads nothing yet. */
  stalled(name: string): RawClient
}

async function open(
  t: TestContext,
  settings: Partial<AssetSettings> = {},
  options: Partial<AssetStoreOptions> = {},
): Promise<Scene> {
  const assets = new AssetScene(t)
  const store = assets.open(settings, options)
  const served = await serve(t, exchange =>
    store.serve(exchange, exchange.path.slice(base.length), { 'x-more': 'yes' }),
  )
  return {
    ...served,
    assets,
    store,
    get: (name, headers = {}, method = 'GET') =>
      fetch(`http://${formatAddress(served.acceptor.address)}${base}${name}`, { headers, method }),
    stalled(name) {
      const client = served.connect().send(`GET ${base}${name} HTTP/1.1\r\nhost: t\r\n\r\n`)
      client.pause()
      return client
    },
  }
}

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())
const bodyOf = (client: RawClient) => client.bytes.subarray(client.bytes.indexOf('\r\n\r\n') + 4)
const descriptors = () => readdirSync('/proc/self/fd').length

describe('a stored asset', () => {
  test('is served with its type and tag, for ever, and never sniffed', async t => {
    const { store, get } = await open(t)
    const bytes = picture(300_001)
    const name = await stored(store, bytes)
    equal(name, `${sha256Of(bytes)}.png`)
    const response = await get(name)
    equal(response.status, 200)
    const expected = {
      'content-type': png,
      'content-length': '300001',
      etag: `"${sha256Of(bytes)}"`,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'x-more': 'yes',
    }
    for (const [header, value] of Object.entries(expected)) equal(response.headers.get(header), value)
    ok((await bytesOf(response)).equals(bytes))
    const head = await get(name, {}, 'HEAD')
    for (const [header, value] of Object.entries(expected)) equal(head.headers.get(header), value)
    equal((await bytesOf(head)).length, 0)
  })

  test('is served in part, or not at all to whoever has it', async t => {
    const { store, get } = await open(t)
    const bytes = picture(300_000)
    const name = await stored(store, bytes)
    const part = await get(name, { range: 'bytes=100000-199999' })
    equal(part.status, 206)
    equal(part.headers.get('content-range'), 'bytes 100000-199999/300000')
    equal(part.headers.get('content-length'), '100000')
    ok((await bytesOf(part)).equals(bytes.subarray(100_000, 200_000)))
    const outside = await get(name, { range: 'bytes=300000-' })
    deepEqual([outside.status, outside.headers.get('x-more')], [416, 'yes'])
    equal(outside.headers.get('content-range'), 'bytes */300000')
    const etag = `"${sha256Of(bytes)}"`
    equal((await get(name, { 'if-none-match': etag })).status, 304)
    equal((await get(name, { 'if-none-match': etag }, 'HEAD')).status, 304)
    const other = await get(name, { 'if-match': '"other"' })
    deepEqual([other.status, other.headers.get('x-more')], [412, 'yes'])
    equal((await get(name, { range: 'bytes=0-1', 'if-range': etag })).status, 206)
    const changed = await get(name, { range: 'bytes=0-1', 'if-range': '"other"' })
    equal(changed.status, 200)
    ok((await bytesOf(changed)).equals(bytes))
    equal((await get(name, {}, 'DELETE')).status, 405)
    await until('all to be over', () => store.statistics()['assetsSending'] === 0)
  })

  test('is taken by curl in pieces that fit', async t => {
    const { store, acceptor } = await open(t)
    const bytes = picture(1_000_000)
    const name = await stored(store, bytes)
    const url = `http://${formatAddress(acceptor.address)}${base}${name}`
    const parts = await Promise.all([curl(['-r', '0-399999', url]), curl(['-r', '400000-', url])])
    ok(Buffer.concat(parts).equals(bytes))
    match((await curl(['-I', url])).toString(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: 1000000\r\n/i)
  })

  test('of 16 MiB reaches a slow reader whole, and costs one piece of memory meanwhile', async t => {
    const { store, stalled, roundTrip } = await open(t)
    const bytes = picture(16_777_216)
    const name = await stored(store, bytes)
    await roundTrip()
    const before = [process.memoryUsage().rss, descriptors()] as const
    const clients = Array.from({ length: 40 }, () => stalled(name))
    await until('all to be sent', () => store.statistics()['assetsSending'] === 40)
    await roundTrip()
    const grown = process.memoryUsage().rss - before[0]
    // 640 MB, if each were held as a whole; the kernel's buffers are not ours.
    ok(grown < 60_000_000, `${grown} B for 40 clients that read nothing`)
    const [first, ...others] = clients
    ok(first)
    first.resume()
    await until('all bytes', () => first.size > bytes.length && bodyOf(first).length === bytes.length)
    equal(sha256Of(bodyOf(first)), sha256Of(bytes))
    for (const client of [first, ...others]) client.leave()
    await until('the others to be given up', () => store.statistics()['assetsSending'] === 0)
    deepEqual([store.statistics()['assetsServed'], store.statistics()['assetsCut']], [1, 39])
    await until('the descriptors to be closed', () => descriptors() <= before[1] + 2)
  })

  test('is cut for whoever takes longer than any line would', async t => {
    const timers: { readonly ms: number; readonly run: () => void }[] = []
    const clock = {
      ...systemClock,
      after(ms: number, run: () => void) {
        timers.push({ ms, run })
        return () => {}
      },
    }
    const { store, stalled } = await open(t, {}, { clock })
    const name = await stored(store, picture(16_000_000))
    const client = stalled(name)
    await until('it to be sent', () => store.statistics()['assetsSending'] === 1)
    await until('some of it', () => timers.length > 0)
    deepEqual(
      timers.map(({ ms }) => ms),
      [1_030_000],
    )
    // Its first piece may still be on its way from the disk.
    await until('the end', () => {
      timers[0]?.run()
      return store.statistics()['assetsCut'] === 1
    })
    client.resume()
    await client.ended()
    ok(bodyOf(client).length < 16_000_000)
  })

  test('waits for nobody beyond the limit', async t => {
    const { store, stalled, get } = await open(t, {}, { sendingMax: 1 })
    const name = await stored(store, picture(16_000_000))
    const client = stalled(name)
    await until('it to be sent', () => store.statistics()['assetsSending'] === 1)
    const refused = await get(name)
    deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1'])
    client.leave()
    await until('room', () => store.statistics()['assetsSending'] === 0)
    const served = await get(name)
    equal((await bytesOf(served)).length, 16_000_000)
  })

  test('keeps its place from others only while it is read', async t => {
    let shiftMs = 0
    const clock = { ...systemClock, now: () => systemClock.now() + shiftMs }
    const { store, stalled, get } = await open(t, {}, { sendingMax: 2, clock })
    const name = await stored(store, picture(16_000_000))
    const clients = [stalled(name), stalled(name)]
    await until('both to be sent', () => store.statistics()['assetsSending'] === 2)
    equal((await get(name)).status, 503)
    // Until the sockets are full, both are fed.
    await until('room', async () => {
      shiftMs += 5_000
      return (await bytesOf(await get(name))).length === 16_000_000
    })
    deepEqual([store.statistics()['assetsCut'], store.statistics()['assetsSending']], [1, 1])
    for (const client of clients) client.leave()
  })

  test('is sent to no more than the limit, though all ask in one moment', async t => {
    const { store, stalled } = await open(t, {}, { sendingMax: 2 })
    const name = await stored(store, picture(16_000_000))
    const clients = Array.from({ length: 6 }, () => stalled(name))
    await until('all answers', () => {
      const sending = store.statistics()['assetsSending'] ?? 0
      ok(sending <= 2, `${sending} at once`)
      for (const client of clients) client.resume()
      return clients.every(({ size }) => size > 0)
    })
    for (const client of clients) client.leave()
  })

  test('that is evicted while it is served arrives whole, and is gone for the next', async t => {
    const scene = await open(t, { assetMsMax: 1_000 })
    const bytes = picture(16_000_000)
    const name = await stored(scene.store, bytes)
    const client = scene.stalled(name)
    await until('it to be sent', () => scene.store.statistics()['assetsSending'] === 1)
    scene.assets.shiftMs = 10_000
    const keeper = scene.assets.open({ assetMsMax: 1_000 }, { evicts: true })
    await until('it to be evicted', () => keeper.statistics()['assetsEvicted'] === 1)
    deepEqual(scene.assets.names(), [])
    equal((await scene.get(name)).status, 404)
    client.resume()
    await until('all bytes', () => client.size > bytes.length && bodyOf(client).length === bytes.length)
    equal(sha256Of(bodyOf(client)), sha256Of(bytes))
  })
})

describe('a path that is none of an asset', () => {
  test('is answered 404 and touches no file', async t => {
    // Any call of the system with this folder would throw, and be answered 500.
    const { get, connect, assets } = await open(t, {}, { folder: '/\0' })
    const digest = 'a'.repeat(64)
    equal((await get(`${digest}.png`)).status, 500)
    assets.logged.length = 0
    for (const name of [
      '',
      digest,
      `${digest}.html`,
      `${digest}.mp4`,
      `${digest}.png/`,
      `${digest}.PNG`,
      'swept',
    ]) {
      const { status, headers } = await get(name)
      deepEqual([status, headers.get('cache-control')], [404, 'no-store'], name)
    }
    // What clients of HTTP would tidy up.
    for (const name of [
      `../assets/${digest}.png`,
      `%2e%2e/${digest}.png`,
      `${digest}%2Epng`,
      `${digest}.png%00`,
    ]) {
      const client = connect().send(`GET ${base}${name} HTTP/1.1\r\nhost: t\r\n\r\n`)
      equal((await client.answer()).status, 404, name)
    }
    deepEqual(assets.logged, [])
  })

  test('leads to nothing by links, folders, or empty files', async t => {
    const { get, assets } = await open(t)
    const [link, folder, empty] = ['a', 'b', 'c'].map(letter => `${letter.repeat(64)}.png`)
    const secret = join(assets.folder, 'secret')
    writeFileSync(secret, 'secret')
    symlinkSync(secret, join(assets.folder, link ?? ''))
    mkdirSync(join(assets.folder, folder ?? ''))
    writeFileSync(join(assets.folder, empty ?? ''), '')
    for (const name of [link, folder, empty]) equal((await get(name ?? '')).status, 404, name)
    deepEqual(assets.logged, [])
  })
})

test('a folder that vanishes is told once, refuses what is stored, and is no end of the rest', async t => {
  const { store, get, assets } = await open(t, {}, { evicts: true })
  const bytes = picture(300_000)
  const name = await stored(store, bytes)
  rmSync(assets.folder, { recursive: true })
  equal((await get(name)).status, 404)
  for (let round = 0; round < 3; round++) {
    deepEqual(await put(store, bytes), { ok: false, reason: 'asset-failed' })
  }
  const written = assets.logged.filter(({ text }) => text.includes('(write)'))
  deepEqual(
    written.map(({ code, text }) => [code, text]),
    [['assets-failed', 'the folder of assets cannot be used (write): ENOENT']],
  )
  mkdirSync(assets.folder, { mode: 0o700 })
  equal(await stored(store, bytes), name)
  equal((await get(name)).status, 200)
})

function curl(args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('curl', ['-sS', '--max-time', '60', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const output: Buffer[] = []
    child.stdout.on('data', chunk => output.push(chunk))
    child.on('error', reject)
    child.on('close', status => {
      if (status === 0) resolve(Buffer.concat(output))
      else reject(new Error(`curl ended with ${status}`))
    })
  })
}
