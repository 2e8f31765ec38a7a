// Dead, slow and healthy streams of one channel on a real daemon: what becomes of each, and of the daemon's memory.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type Daemon, startDaemon } from './daemon.ts'
import { numbered, numberIn, type Streaming, streaming, streamingOf } from './protocols/streaming.ts'
import { RawClient } from './raw-client.ts'
import { encodeRequest } from './raw-http.ts'
import { until } from './until.ts'

export interface SlowReadersOptions {
  readonly dead: number
  readonly slow: number
  readonly healthy: number
  readonly seconds: number
  readonly messagesPerSecond: number
  readonly payloadBytes: number
}

export interface SlowReadersReport {
  readonly published: number
  readonly closedSlow: number
  readonly rssMiB: { readonly before: number; readonly most: number; readonly after: number }
}

const channel = 'crowd'
const tickMs = 10
/** What a slow reader takes in each period: less than is published. */
const slowPeriodMs = 200

export async function runSlowReaders(options: SlowReadersOptions): Promise<SlowReadersReport> {
  const daemon = await startDaemon({ workers: 2, environment: { RINGCAST_ENGINE_OUTBOX_AGE_MS_MAX: '4000' } })
  const readers: Reader[] = []
  try {
    const open = (kind: Reader['kind'], count: number) => {
      for (let n = 0; n < count; n++) readers.push(new Reader(daemon, kind, streamingOf(n)))
    }
    open('healthy', options.healthy)
    open('slow', options.slow)
    open('dead', options.dead)
    await until('all streams to be open', () => readers.every(reader => reader.open))
    const before = rssMiB(daemon)
    const dead = readers.filter(reader => reader.kind === 'dead')
    const { published, most } = await publishAll(daemon, options)
    const healthy = readers.filter(reader => reader.kind === 'healthy')
    await until('every healthy stream to have all', () =>
      healthy.every(reader => reader.numbers.length === published),
    )
    const all = Array.from({ length: published }, (_, n) => n)
    for (const reader of healthy) deepEqual(reader.numbers, all)
    for (const reader of readers) {
      // Whoever was cut has a prefix without a hole.
      deepEqual(reader.numbers, all.slice(0, reader.numbers.length))
    }
    await until(
      'every dead stream to be closed with its reason',
      async () => (await closedSlow(daemon)) >= dead.length,
    )
    const closed = await closedSlow(daemon)
    const said = daemon.log.filter(({ code }) => code === 'subscriber-slow')
    ok(said.some(line => line['channel'] === channel && line['bound'] !== undefined))
    ok(closed <= dead.length + options.slow, `${closed} streams were closed as slow`)
    return { published, closedSlow: closed, rssMiB: { before, most, after: rssMiB(daemon) } }
  } finally {
    for (const reader of readers) reader.leave()
    equal(await daemon.stop(), 0)
  }
}

async function publishAll(
  daemon: Daemon,
  options: SlowReadersOptions,
): Promise<{ published: number; most: number }> {
  const total = options.seconds * options.messagesPerSecond
  const filler = 'x'.repeat(options.payloadBytes)
  const publishers = streaming.map(protocol => ({
    protocol,
    client: new RawClient(daemon.address(protocol.name)),
  }))
  const start = performance.now()
  let sent = 0
  let most = 0
  while (sent < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - start) * options.messagesPerSecond) / 1_000))
    while (sent < due) {
      for (const { protocol, client } of publishers) {
        const request = encodeRequest(protocol.publication(channel, numbered(sent, filler)))
        if ((await client.send(request).answer()).status === protocol.taken) sent++
      }
    }
    most = Math.max(most, rssMiB(daemon))
    await new Promise(resolve => setTimeout(resolve, tickMs))
  }
  for (const { client } of publishers) client.leave()
  return { published: sent, most }
}

async function closedSlow(daemon: Daemon): Promise<number> {
  const workers = await daemon.statistics()
  return workers.reduce((sum, { hub }) => sum + (hub?.['closed.slow'] ?? 0), 0)
}

function rssMiB({ pid }: Daemon): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1]) / 1_024)
}

/** One stream. Protocols take turns. A dead one reads its head and nothing more. */
class Reader {
  readonly kind: 'dead' | 'slow' | 'healthy'
  readonly numbers: number[] = []
  open = false
  readonly #protocol: Streaming
  readonly #client: RawClient

  constructor(daemon: Daemon, kind: Reader['kind'], protocol: Streaming) {
    this.kind = kind
    this.#protocol = protocol
    const request = encodeRequest(protocol.subscription(channel, ''))
    this.#client = new RawClient(daemon.address(protocol.name)).send(request)
    // A cut stream is what some wait for.
    this.#run().catch(() => {})
  }

  leave(): void {
    this.#client.leave()
  }

  async #run(): Promise<void> {
    const client = this.#client
    await client.head()
    this.open = true
    if (this.kind === 'dead') return client.pause()
    const decode = this.#protocol.decoder()
    for (let reads = client.reads; ; ) {
      const chunk = await client.chunk()
      if (chunk === undefined) return
      for (const told of decode(chunk)) if (told.kind === 'message') this.numbers.push(numberIn(told.text))
      if (this.kind !== 'slow' || client.reads === reads) continue
      client.pause()
      await new Promise(resolve => setTimeout(resolve, slowPeriodMs))
      reads = client.reads
      client.resume()
    }
  }
}
