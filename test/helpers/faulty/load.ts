// Streams and publishers that run through the deaths of workers, and judge what became of every publication.
import { deepEqual, ok } from 'node:assert/strict'
import { plainRing } from '../../../src/engine/ring.ts'
import type { Daemon } from '../daemon.ts'
import { numbered, numberIn, type Streaming, streamingOf } from '../protocols/streaming.ts'
import { RawClient } from '../raw-client.ts'
import { encodeRequest } from '../raw-http.ts'
import { until } from '../until.ts'

export const workers = 3
/** All publishers together have one under way at almost any moment, and the rest of the machine is for the deaths. */
const pauseMs = 5
/** More than one protocol has shard ports, so the map is the plain one. */
export const ownerOf = plainRing(workers)

/** One stream on one worker: what it received, in order. */
export class Watcher {
  readonly slot: number
  readonly channel: string
  readonly numbers: number[] = []
  closed = false
  /** The daemon ended the response with its last chunk. */
  ended = false
  readonly protocol: Streaming
  readonly #connection: RawClient

  constructor(daemon: Daemon, slot: number, channel: string, protocol = streamingOf(slot)) {
    this.slot = slot
    this.channel = channel
    this.protocol = protocol
    this.#connection = new RawClient(daemon.shards(protocol.name)[slot] ?? '')
  }

  /** Resolves when the stream is live. */
  async open(): Promise<this> {
    this.#connection.send(encodeRequest(this.protocol.subscription(this.channel, '')))
    const { line } = await this.#connection.head()
    ok(line.includes(' 200 '), line)
    void this.#read()
    return this
  }

  leave(): void {
    this.#connection.leave()
  }

  async #read(): Promise<void> {
    const decode = this.protocol.decoder()
    for (;;) {
      const chunk = await this.#connection.chunk()
      if (chunk === undefined) break
      for (const told of decode(chunk)) if (told.kind === 'message') this.numbers.push(numberIn(told.text))
    }
    this.ended = !this.#connection.closed
    this.closed = true
  }
}

/** Publishes 1, 2, 3, … to one channel over one worker, each when the one before was answered. */
class Publisher {
  readonly channel: string
  readonly acknowledged: number[] = []
  last = 0
  readonly #daemon: Daemon
  readonly #slot: number
  readonly #protocol: Streaming
  #running = true
  #connection: RawClient | undefined
  readonly finished: Promise<void>

  constructor(daemon: Daemon, slot: number, channel: string, protocol: Streaming) {
    this.#daemon = daemon
    this.#slot = slot
    this.#protocol = protocol
    this.channel = channel
    this.finished = this.#run()
  }

  stop(): Promise<void> {
    this.#running = false
    return this.finished
  }

  async #run(): Promise<void> {
    while (this.#running) {
      this.last++
      try {
        if (await this.#publish(this.last)) this.acknowledged.push(this.last)
      } catch {
        // The worker of this connection died: whether the publication was taken is unknown.
        this.#connection?.leave()
        this.#connection = undefined
      }
      await new Promise(resolve => setTimeout(resolve, pauseMs))
    }
    this.#connection?.leave()
  }

  async #publish(number: number): Promise<boolean> {
    const { name, publication, taken } = this.#protocol
    this.#connection ??= new RawClient(this.#daemon.shards(name)[this.#slot] ?? '')
    this.#connection.send(encodeRequest(publication(this.channel, numbered(number))))
    const { status } = await this.#connection.answer()
    return status === taken
  }
}

/** For every owner and every publishing worker one channel, and on each worker a stream of each; protocols take turns. */
export class Load {
  readonly publishers: Publisher[] = []
  watchers: Watcher[] = []
  readonly #daemon: Daemon

  constructor(daemon: Daemon) {
    this.#daemon = daemon
  }

  async start(): Promise<void> {
    for (let owner = 0; owner < workers; owner++) {
      for (let slot = 0; slot < workers; slot++) {
        const channel = channelOwnedBy(owner, `death-${slot}`)
        for (let on = 0; on < workers; on++) {
          this.watchers.push(await this.#watch(on, channel, streamingOf(on + slot)))
        }
        this.publishers.push(new Publisher(this.#daemon, slot, channel, streamingOf(owner + slot)))
      }
    }
    await this.flows()
  }

  /** Every channel takes publications, and every stream gets them. */
  async flows(): Promise<void> {
    const marks = this.publishers.map(({ acknowledged }) => acknowledged.length + 3)
    await until('every channel to take publications', () =>
      this.publishers.every(({ acknowledged }, index) => acknowledged.length >= (marks[index] ?? 0)),
    )
    const lasts = new Map(
      this.publishers.map(({ channel, acknowledged }) => [channel, acknowledged.at(-1) ?? 0]),
    )
    await until('every stream to be up to date', () =>
      this.watchers.every(
        ({ channel, numbers, closed }) => closed || (numbers.at(-1) ?? 0) >= (lasts.get(channel) ?? 0),
      ),
    )
  }

  /** Opens anew what was on the worker that died. */
  async reopen(slot: number): Promise<void> {
    for (const [index, watcher] of this.watchers.entries()) {
      if (watcher.slot !== slot) continue
      watcher.leave()
      this.watchers[index] = await this.#watch(slot, watcher.channel, watcher.protocol)
    }
  }

  /** A stream that is open missed no acknowledged publication, saw none twice, and each in its place. */
  check(): void {
    const acknowledged = new Map(
      this.publishers.map(publisher => [publisher.channel, publisher.acknowledged]),
    )
    for (const { slot, channel, numbers } of this.watchers) {
      const seen = new Set(numbers)
      const first = numbers[0] ?? 0
      const last = numbers.at(-1) ?? 0
      const missed = acknowledged.get(channel)?.filter(n => n > first && n < last && !seen.has(n))
      deepEqual(missed, [], `worker ${slot} missed of ${channel}`)
      const disordered = numbers.filter((n, index) => n <= (numbers[index - 1] ?? 0))
      deepEqual(disordered, [], `worker ${slot} saw of ${channel} out of order`)
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.publishers.map(publisher => publisher.stop()))
    for (const watcher of this.watchers) watcher.leave()
  }

  #watch(slot: number, channel: string, protocol: Streaming): Promise<Watcher> {
    return new Watcher(this.#daemon, slot, channel, protocol).open()
  }
}

export function channelOwnedBy(owner: number, prefix: string): string {
  for (let index = 0; ; index++) {
    const channel = `${prefix}-${index}`
    if (ownerOf(channel) === owner) return channel
  }
}
