// Restarts of a real daemon under load: publishers that never stop, clients that resume. What was acknowledged must
// reach every client once, in one order.
import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { variableOf } from '../../src/settings/names.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { numbered, requestBy, type Streaming, streaming, streamingOf } from './protocols/streaming.ts'
import { freePorts } from './proxies.ts'
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

interface Place {
  readonly address: string
  readonly protocol: Streaming
}

/** Protocols take turns. */
function placeOf(places: readonly Place[], turn: number): Place {
  return places[turn % places.length] ?? { address: '', protocol: streamingOf(turn) }
}

export async function runRestarts(options: RestartOptions): Promise<RestartReport> {
  const folder = mkdtempSync(join(tmpdir(), 'ringcast-state-'))
  const ports = await freePorts(streaming.length)
  const places = streaming.map(
    (protocol, index): Place => ({ address: `127.0.0.1:${ports[index]}`, protocol }),
  )
  const start = () =>
    startDaemon({
      workers: 3,
      environment: {
        ...Object.fromEntries(
          places.map(({ address, protocol }) => [variableOf(protocol.name, 'listen'), address]),
        ),
        RINGCAST_STATE_DIR: folder,
        RINGCAST_HISTORY_SIZE: '100000',
        RINGCAST_HISTORY_BYTES_MAX: '67108864',
        RINGCAST_DRAIN_SPREAD_MS: '50',
        RINGCAST_LOG_LEVEL: 'info',
      },
    })
  let daemon: Daemon = await start()
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  const clients = Array.from({ length: options.clients }, (_, index) => {
    const { address, protocol } = placeOf(places, index)
    return new ResumingClient(address, channel, protocol, agent)
  })
  const publisher = new Publisher(places, options.messagesPerSecond)
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
  readonly #places: readonly Place[]
  readonly #perTick: number
  #timer: NodeJS.Timeout | undefined
  #next = 0
  #pending = 0

  constructor(places: readonly Place[], messagesPerSecond: number) {
    this.#places = places
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
    const { address, protocol } = placeOf(this.#places, number)
    const parts = protocol.publication(channel, numbered(number))
    this.#pending++
    const sent = requestBy(address, parts, { agent: this.#agent })
    sent.on('response', answer => {
      if (answer.statusCode === protocol.taken) this.acknowledged.push(number)
      answer.resume()
    })
    sent.on('error', () => this.unanswered++)
    sent.on('close', () => this.#pending--)
    sent.end(parts.body)
  }
}
