// Dead, slow and healthy streams of one channel on a real daemon: what becomes of each, and of the daemon's memory.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { mintHmacToken } from '../../src/auth/hmac-token.ts'
import { createFrameReader } from '../../src/frontends/rpushd/codec.ts'
import { type Daemon, secrets, startDaemon } from './daemon.ts'
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
const token = mintHmacToken(secrets.subscribe, {
  aud: 'rpushd',
  scope: 'subscribe',
  channel,
  exp: 4_102_444_800,
})

export async function runSlowReaders(options: SlowReadersOptions): Promise<SlowReadersReport> {
  const daemon = await startDaemon({ workers: 2, environment: { RINGCAST_ENGINE_OUTBOX_AGE_MS_MAX: '4000' } })
  const readers: Reader[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  try {
    const open = (kind: Reader['kind'], count: number) => {
      for (let n = 0; n < count; n++) readers.push(new Reader(daemon.address('rpushd'), kind))
    }
    open('healthy', options.healthy)
    open('slow', options.slow)
    open('dead', options.dead)
    await until('all streams to be open', () => readers.every(reader => reader.open))
    const before = rssMiB(daemon)
    const dead = readers.filter(reader => reader.kind === 'dead')
    const { published, most } = await publishAll(daemon, agent, options)
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
    agent.destroy()
    for (const reader of readers) reader.leave()
    equal(await daemon.stop(), 0)
  }
}

async function publishAll(
  daemon: Daemon,
  agent: Agent,
  options: SlowReadersOptions,
): Promise<{ published: number; most: number }> {
  const total = options.seconds * options.messagesPerSecond
  const filler = 'x'.repeat(options.payloadBytes)
  const start = performance.now()
  let sent = 0
  let most = 0
  // One connection after the other, so that numbers are published in their order.
  while (sent < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - start) * options.messagesPerSecond) / 1_000))
    while (sent < due) {
      if ((await publish(daemon.address('rpushd'), agent, [sent, filler])) === 204) sent++
    }
    most = Math.max(most, rssMiB(daemon))
    await new Promise(resolve => setTimeout(resolve, tickMs))
  }
  return { published: sent, most }
}

function publish(address: string, agent: Agent, message: unknown): Promise<number> {
  const [host, port] = address.split(':')
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secrets.publish}` }
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path: '/api/publish', method: 'POST', headers, agent }, answer => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify({ channel, message }))
  })
}

async function closedSlow(daemon: Daemon): Promise<number> {
  const workers = await daemon.statistics()
  return workers.reduce((sum, { hub }) => sum + (hub?.['closed.slow'] ?? 0), 0)
}

function rssMiB({ pid }: Daemon): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1]) / 1_024)
}

/** One stream on a bare socket. A dead one reads its head and nothing more. */
class Reader {
  readonly kind: 'dead' | 'slow' | 'healthy'
  readonly numbers: number[] = []
  open = false
  readonly #socket: Socket
  readonly #frames = createFrameReader()
  #rest: Buffer = Buffer.alloc(0)

  constructor(address: string, kind: Reader['kind']) {
    this.kind = kind
    const [host = '', port] = address.split(':')
    this.#socket = connect({ host, port: Number(port) })
    const body = JSON.stringify({ token })
    this.#socket.write(
      `POST /api/stream/${channel} HTTP/1.1\r\nHost: ${address}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    this.#socket.on('error', () => {}) // a cut stream is what some wait for
    this.#socket.on('data', bytes => this.#take(bytes))
  }

  leave(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    if (!this.open) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end < 0) return
      this.open = true
      this.#rest = this.#rest.subarray(end + 4)
      if (this.kind === 'dead') this.#socket.pause()
    }
    if (this.kind === 'slow') {
      this.#socket.pause()
      setTimeout(() => this.#socket.resume(), slowPeriodMs)
    }
    this.#chunks()
  }

  #chunks(): void {
    for (;;) {
      const start = this.#rest.subarray(0, 2).toString('latin1') === '\r\n' ? 2 : 0
      const line = this.#rest.indexOf('\r\n', start)
      if (line < 0) return
      const size = Number.parseInt(this.#rest.toString('latin1', start, line), 16)
      if (this.#rest.length < line + 2 + size) return
      for (const frame of this.#frames.push(this.#rest.subarray(line + 2, line + 2 + size))) {
        if (frame.length > 0)
          this.numbers.push(Number(/^\[(\d+)/.exec(Buffer.from(frame).toString('latin1', 0, 16))?.[1]))
      }
      this.#rest = this.#rest.subarray(line + 2 + size)
    }
  }
}
