// Bodies are streamed both ways with flat memory (issue 15, point 3): 100 uploads of 3 MB at 10 KB/s, and 100 answers of
// 5 MB whose readers take 50 KB/s each. Held as a whole they would be 300 and 500 MB; what the daemon grows by is bounded far
// below, all the time.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { SinkOrigin } from '../../helpers/grip/sink.ts'
import { type GripStage, startGrip } from '../../helpers/grip-stage.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { type Answer, encodeRequest, headEnd } from '../../helpers/raw-http.ts'
import { progress, scaled } from '../../helpers/soak/budget.ts'

const each = 100
const mega = 1_000_000
const up = { bytes: 3 * mega, seconds: scaled(300, 20) }
const down = { bytes: 5 * mega, seconds: scaled(100, 10) }
/**
 * Of a body there are: the first 100,000 bytes of an upload as long as it may be asked for again, 64 KiB that wait in each
 * direction, and what Node.js has just read; beside them what the collector has not taken yet.
 */
const grownBytesMax = 80 * mega
/** From the first tenth of the time on: what grows with what was transferred would show. */
const risenBytesMax = 25 * mega
/** Between two looks at the memory, and two pieces of an upload. */
const periodMs = 500

interface Scene {
  readonly origin: SinkOrigin
  readonly stage: GripStage
  readonly body: Buffer
  readonly sha256: string
}

async function openScene(t: TestContext, bytes: number): Promise<Scene> {
  const body = randomBytes(bytes)
  const origin = await SinkOrigin.open(body)
  t.after(() => origin.close())
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1 })
  return { origin, stage, body, sha256: sha256Of(body) }
}

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const pass = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** What `transfer` makes the daemon grow by: the most of each tenth of it. One transfer went before, so that all code is there. */
async function watch(
  { daemon, residentBytes }: GripStage,
  what: string,
  transfer: Promise<unknown>,
): Promise<readonly number[]> {
  const before = residentBytes()
  const grown: number[] = []
  let isOver = false
  const over = transfer.finally(() => {
    isOver = true
  })
  let told = 0
  while (!isOver) {
    await Promise.race([over, pass(periodMs)])
    grown.push(residentBytes() - before)
    if (grown.length % 60 === 1) progress(`${what}: grown by ${inMega(grown.at(-1) ?? 0)} MB, ${++told}`)
  }
  await over
  const tenth = Math.ceil(grown.length / 10)
  const tenths = Array.from({ length: 10 }, (_, n) => Math.max(...grown.slice(n * tenth, (n + 1) * tenth)))
  equal(daemon.errors.length, 0)
  return tenths.filter(Number.isFinite)
}

const inMega = (bytes: number) => (bytes / mega).toFixed(1)

/** Answers when all of `body` was sent, a piece each period. */
async function upload({ stage, body }: Scene, seconds: number): Promise<Answer> {
  const client = new RawClient(stage.client)
  try {
    client.send(encodeRequest({ method: 'POST', target: '/up', length: body.length, body: '' }))
    const pieces = Math.round((seconds * 1_000) / periodMs)
    const size = Math.ceil(body.length / pieces)
    for (let at = 0; at < body.length; at += size) {
      client.send(body.subarray(at, at + size))
      await pass(periodMs)
    }
    return await client.answer('POST')
  } finally {
    client.leave()
  }
}

/** Takes so many bytes a second, and no more from the kernel: the checksum of the body. */
function download({ stage, body }: Scene, seconds: number): Promise<string> {
  const [host = '', port = ''] = stage.client.split(':')
  const socket = connect({ host, port: Number(port), noDelay: true })
  const bytesPerMs = body.length / (seconds * 1_000)
  const hash = createHash('sha256')
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let head: Buffer<ArrayBufferLike> | undefined = Buffer.alloc(0)
  let left = body.length
  socket.write(encodeRequest({ method: 'GET', target: '/down' }))
  socket.on('data', piece => {
    let data: Buffer<ArrayBufferLike> = piece
    if (head !== undefined) {
      head = Buffer.concat([head, piece])
      const end = head.indexOf(headEnd)
      if (end < 0) return
      data = head.subarray(end + headEnd.length)
      head = undefined
    }
    hash.update(data)
    left -= data.length
    if (left <= 0) return resolve(hash.digest('hex'))
    socket.pause()
    setTimeout(() => socket.resume(), data.length / bytesPerMs)
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error(`cut when ${left} bytes were missing`)))
  return promise.finally(() => socket.destroy())
}

function judge(t: TestContext, what: string, tenths: readonly number[]): void {
  t.diagnostic(`${what}: grown by at most ${tenths.map(inMega).join(', ')} MB in each tenth of the time`)
  const [first = 0, ...later] = tenths
  ok(Math.max(...tenths) < grownBytesMax, `grown by more than ${inMega(grownBytesMax)} MB`)
  ok(Math.max(...later) - first < risenBytesMax, `risen by more than ${inMega(risenBytesMax)} MB`)
}

describe('bodies are streamed with flat memory', { concurrency: true }, () => {
  test(`${each} uploads of ${up.bytes / mega} MB in ${up.seconds} s`, async t => {
    const scene = await openScene(t, up.bytes)
    await upload(scene, 1)
    const uploads = Promise.all(Array.from({ length: each }, () => upload(scene, up.seconds)))
    const tenths = await watch(scene.stage, 'uploads', uploads)
    for (const { status, body } of await uploads) equal(`${status} ${body}`, '200 taken\n')
    const taken = { bytes: up.bytes, sha256: scene.sha256 }
    deepEqual(scene.origin.bodies, Array(each + 1).fill(taken))
    judge(t, 'uploads', tenths)
    equal(await scene.stage.daemon.stop(), 0)
  })

  test(`${each} slow readers of ${down.bytes / mega} MB in ${down.seconds} s`, async t => {
    const scene = await openScene(t, down.bytes)
    await download(scene, 1)
    const downloads = Promise.all(Array.from({ length: each }, () => download(scene, down.seconds)))
    const tenths = await watch(scene.stage, 'slow readers', downloads)
    deepEqual(await downloads, Array(each).fill(scene.sha256))
    judge(t, 'slow readers', tenths)
    equal(await scene.stage.daemon.stop(), 0)
  })
})
