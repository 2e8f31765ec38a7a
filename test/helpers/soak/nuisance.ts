// What disturbs a daemon day and night: readers that stall or are slow on a busy channel, scrapes, settings that are
// read again.
import { connect, type Socket } from 'node:net'
import * as registry from '../../../src/frontends/registry.ts'
import { adminSecret } from '../admin-client.ts'
import type { Daemon } from '../daemon.ts'
import { heartbeats, numbered, type Streaming, streamingOf } from '../protocols/streaming.ts'
import { RawClient } from '../raw-client.ts'
import { encodeRequest } from '../raw-http.ts'

const channel = 'crowd'
const dead = 10
const slow = 5
const publishEveryMs = 25
const scrapeEveryMs = 1_000
const hangupEveryMs = 5_000
/** What a slow reader takes at a time, and how long it rests then: less than is published. */
const slowRestMs = 400
/** Longer than the daemon waits for a reader that takes nothing. */
const deadRestMs = 20_000

const content = numbered(0, 'x'.repeat(12_000))

export class Nuisance {
  readonly counters = { published: 0, refused: 0, scrapes: 0, hangups: 0, readersClosed: 0 }
  readonly #daemon: Daemon
  #running = true
  readonly #sockets = new Set<Socket>()
  readonly #finished: Promise<unknown>

  constructor(daemon: Daemon) {
    this.#daemon = daemon
    for (let index = 0; index < dead + slow; index++) this.#read(streamingOf(index), index < dead)
    this.#finished = Promise.all([
      this.#publish(),
      this.#every(scrapeEveryMs, async () => {
        const answer = await fetch(`http://${daemon.address('admin')}/metrics`, {
          headers: { connection: 'close' },
        })
        if (!answer.ok || !(await answer.text()).includes('ringcast_workers_serving'))
          throw new Error('a scrape failed')
        this.counters.scrapes++
      }),
      this.#every(hangupEveryMs, () => {
        daemon.process.kill('SIGHUP')
        this.counters.hangups++
      }),
    ])
  }

  /** Throws what went wrong meanwhile. */
  async stop(): Promise<void> {
    this.#running = false
    for (const socket of this.#sockets) socket.destroy()
    await this.#finished
  }

  async #every(ms: number, act: () => void | Promise<void>): Promise<void> {
    let due = performance.now() + ms
    while (this.#running) {
      await new Promise(resolve => setTimeout(resolve, 20))
      if (!this.#running || performance.now() < due) continue
      due += ms
      await act()
    }
  }

  async #publish(): Promise<void> {
    const { name, publication, taken } = streamingOf(0)
    const connection = new RawClient(this.#daemon.address(name))
    const request = encodeRequest(publication(channel, content))
    await this.#every(publishEveryMs, async () => {
      connection.send(request)
      if ((await connection.answer()).status === taken) this.counters.published++
      else this.counters.refused++
    })
    connection.leave()
  }

  /** One that the daemon closes comes again. */
  #read(protocol: Streaming, isDead: boolean): void {
    const [host = '', port] = this.#daemon.address(protocol.name).split(':')
    const socket = connect({ host, port: Number(port) })
    this.#sockets.add(socket)
    socket.write(encodeRequest(protocol.subscription(channel, '')))
    socket.on('data', () => {
      socket.pause()
      // A paused socket never hears that it was closed: a dead one looks now and then.
      setTimeout(() => socket.resume(), isDead ? deadRestMs : slowRestMs).unref()
    })
    socket.on('error', () => {}) // the close that follows says enough
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (!this.#running) return
      this.counters.readersClosed++
      this.#read(protocol, isDead)
    })
  }
}

/** What the protocols are told; that of one that is not there would be a mistake. */
const ofProtocols: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pinghub: { RINGCAST_PINGHUB_SHARD_PORTS: '127.0.0.1:0', RINGCAST_PINGHUB_ORIGINS: 'https://example.com' },
  rpushd: { RINGCAST_RPUSHD_CHANNELS_MAX: '200' },
}
const names = Object.keys(registry)

/** What a daemon under a nuisance and a turnover is started with. */
export const soakEnvironment: Readonly<Record<string, string>> = {
  RINGCAST_ONLY: [...names, 'faulty', 'probe'].join(','),
  RINGCAST_ADMIN_SECRET: adminSecret,
  ...heartbeats(1_000),
  RINGCAST_ENGINE_OUTBOX_AGE_MS_MAX: '4000',
  // Tables that fill by design are full soon, and what they forget shows.
  RINGCAST_ENGINE_IDLE_CHANNELS_MAX: '200',
  ...Object.assign({}, ...names.map(name => ofProtocols[name])),
}
