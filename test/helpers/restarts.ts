// Restarts of a real daemon under load: publishers that never stop, clients that resume. What was acknowledged must
// reach every client once, in one order.
import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mintHmacToken } from '../../src/auth/hmac-token.ts'
import { type Daemon, secrets, startDaemon } from './daemon.ts'
import { freePort } from './proxies.ts'
import { ResumingClient } from './resuming-client.ts'
import { until } from './until.ts'

export interface RestartOptions {
  readonly restarts: number
  readonly clients: number
  readonly messagesPerSecond: number
}

export interface RestartReport {
  readonly acknowledged: number
  readonly unanswered: number
  readonly delivered: number
  readonly reconnects: number
  /** Milliseconds from the signal to the next daemon's readiness. */
  readonly downMs: readonly number[]
}

const channel = 'restart'
const tickMs = 10
const farFuture = 4_102_444_800

export async function runRestarts(options: RestartOptions): Promise<RestartReport> {
  const folder = mkdtempSync(join(tmpdir(), 'ringcast-state-'))
  const port = await freePort()
  const start = () =>
    startDaemon({
      workers: 3,
      environment: {
        RINGCAST_RPUSHD_LISTEN: `127.0.0.1:${port}`,
        RINGCAST_STATE_DIR: folder,
        RINGCAST_HISTORY_SIZE: '100000',
        RINGCAST_HISTORY_BYTES_MAX: '67108864',
        RINGCAST_DRAIN_SPREAD_MS: '50',
        RINGCAST_LOG_LEVEL: 'info',
      },
    })
  let daemon: Daemon = await start()
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const address = `127.0.0.1:${port}`
  const token = mintHmacToken(secrets.subscribe, {
    aud: 'rpushd',
    scope: 'subscribe',
    channel,
    exp: farFuture,
  })
  const clients = Array.from(
    { length: options.clients },
    () => new ResumingClient(address, channel, token, agent),
  )
  const publisher = new Publisher(address, options.messagesPerSecond)
  const downMs: number[] = []
  try {
    await until('all clients to be connected', () => clients.every(client => client.connections > 0))
    publisher.start()
    for (let round = 0; round < options.restarts; round++) {
      const before = publisher.acknowledged.length
      await until(
        'publishes between restarts',
        () => publisher.acknowledged.length > before + options.messagesPerSecond / 4,
      )
      const from = performance.now()
      equal(await daemon.stop(), 0, daemon.errors.join('\n'))
      daemon = await start()
      downMs.push(Math.round(performance.now() - from))
    }
    await publisher.stop()
    return await verify(clients, publisher, downMs)
  } finally {
    for (const client of clients) client.stop()
    await publisher.stop()
    await daemon.stop()
    agent.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function verify(
  clients: readonly ResumingClient[],
  publisher: Publisher,
  downMs: readonly number[],
): Promise<RestartReport> {
  const { acknowledged, unanswered } = publisher
  // Answers come by many connections, so the last one need not be that of the last publication.
  const latest = acknowledged.slice(-200)
  await until('every client to have the last messages', () =>
    clients.every(({ received }) => latest.every(number => received.lastIndexOf(number) >= 0)),
  )
  const [first] = clients
  const reference = first?.received ?? []
  equal(new Set(reference).size, reference.length, 'a message came twice')
  const seen = new Set(reference)
  deepEqual(
    acknowledged.filter(number => !seen.has(number)),
    [],
    'acknowledged messages were lost',
  )
  for (const client of clients) {
    equal(client.gaps, 0, 'a resume was answered with a gap')
    deepEqual(client.received, reference, 'two clients saw different orders')
  }
  return {
    acknowledged: acknowledged.length,
    unanswered,
    delivered: clients.reduce((sum, { received }) => sum + received.length, 0),
    reconnects: clients.reduce((sum, { connections }) => sum + connections - 1, 0),
    downMs,
  }
}

/** Publishes numbers, each once: what was refused or not answered is not repeated, so that a repeat is never ours. */
class Publisher {
  readonly acknowledged: number[] = []
  unanswered = 0
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })
  readonly #address: string
  readonly #perTick: number
  #timer: NodeJS.Timeout | undefined
  #next = 0
  #pending = 0

  constructor(address: string, messagesPerSecond: number) {
    this.#address = address
    this.#perTick = Math.max(1, Math.round((messagesPerSecond * tickMs) / 1_000))
  }

  start(): void {
    this.#timer = setInterval(() => {
      // A daemon that is away must not pile up work here.
      for (let n = 0; n < this.#perTick && this.#pending < 200; n++) this.#publish(++this.#next)
    }, tickMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await until('the last answers', () => this.#pending === 0)
    this.#agent.destroy()
  }

  #publish(number: number): void {
    const [host, port] = this.#address.split(':')
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${secrets.publish}` }
    this.#pending++
    const sent = request(
      { host, port, path: '/api/publish', method: 'POST', headers, agent: this.#agent },
      answer => {
        if (answer.statusCode === 204) this.acknowledged.push(number)
        answer.resume()
      },
    )
    sent.on('error', () => this.unanswered++)
    sent.on('close', () => this.#pending--)
    sent.end(JSON.stringify({ channel, message: number }))
  }
}
