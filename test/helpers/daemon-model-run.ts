// Plays a sequence on a real daemon with three workers and on the model beside it. Operations follow each other, but
// what happens amid them does not wait: publications are on their way while workers die and streams begin.
import { deepEqual, equal, fail } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Daemon } from './daemon.ts'
import { type DaemonClient, DaemonClients } from './daemon-model-clients.ts'
import type { DaemonModelConfig, DaemonOp } from './daemon-model-ops.ts'
import { DaemonPublisher } from './daemon-model-publisher.ts'
import type { Place } from './daemon-model-stream.ts'
import { startFaulty } from './faulty/deaths.ts'
import { demand } from './faulty/demand.ts'
import { channelOwnedBy, workers } from './faulty/load.ts'
import { type Asked, OwnerModel } from './model.ts'
import { startAfter } from './model-start.ts'
import { streamingOf } from './protocols/streaming.ts'

const slots = [...Array(workers).keys()]
const channels = slots.map(owner => channelOwnedBy(owner, 'model'))
const historyTtlMs = 300_000

/** Throws where daemon and model disagree. */
export async function runDaemonModel(config: DaemonModelConfig, ops: readonly DaemonOp[]): Promise<void> {
  const run = new DaemonRun(config)
  try {
    await run.start()
    for (const [index, op] of ops.entries()) {
      await run.play(op).catch(error => {
        throw new Error(`operation ${index} of ${ops.length}: ${error.message}`, { cause: error })
      })
    }
    await run.finish()
  } finally {
    await run.abandon()
  }
}

class DaemonRun {
  readonly #config: DaemonModelConfig
  readonly #folder = mkdtempSync(join(tmpdir(), 'ringcast-model-'))
  readonly #model: OwnerModel
  readonly #publisher: DaemonPublisher
  readonly #clients: DaemonClients
  /** One for each place where the configuration wants one; by channel and worker. */
  readonly #keepers = new Map<string, DaemonClient>()
  #daemon: Daemon | undefined
  #turn = 0
  /** Of the protocols. */
  #turns = 0

  constructor(config: DaemonModelConfig) {
    this.#config = config
    const limits = {
      historyTtlMs,
      historySize: () => config.historySize,
      evicting: false,
      forgetting: false,
      awaitedMs: 0,
      clockMoves: true,
    }
    this.#model = new OwnerModel(limits, () => performance.now())
    this.#publisher = new DaemonPublisher(this.#model)
    this.#clients = new DaemonClients(this.#model, this.#publisher)
  }

  /** Starts the daemon, also again, and the streams that are there all the time. */
  async start(): Promise<void> {
    this.#daemon = await startFaulty({
      environment: {
        RINGCAST_STATE_DIR: this.#folder,
        RINGCAST_HISTORY_SIZE: `${this.#config.historySize}`,
        RINGCAST_HISTORY_TTL_MS: `${historyTtlMs}`,
        RINGCAST_DRAIN_SPREAD_MS: '50',
      },
    })
    await this.#keep(slots)
  }

  async play(op: DaemonOp): Promise<void> {
    switch (op.op) {
      case 'publish':
        await this.#publish(this.#channel(op.channel), op.count, op)
        break
      case 'subscribe':
        await this.#subscribe(op)
        break
      case 'leave':
      case 'move': {
        const ours = this.#clients.open.filter(client => ![...this.#keepers.values()].includes(client))
        const client = ours[op.client % Math.max(ours.length, 1)]
        if (client === undefined) break
        this.#clients.leave(client)
        if (op.op === 'move') await this.#resume(client, op.slot)
        break
      }
      case 'die':
        await this.#die(op)
        break
      case 'restart':
        await this.#restart(op)
        break
      case 'settle':
        await this.#settle()
        break
      default:
        op satisfies never
    }
  }

  /** One more publication of each channel reaches everybody, and the daemon ends in good order. */
  async finish(): Promise<void> {
    for (const channel of channels) await this.#publish(channel, 1)
    await this.#settle()
    for (const client of this.#clients.open) this.#clients.leave(client)
    equal(await this.#daemon?.stop(), 0)
    deepEqual(this.#daemon?.errors, [])
  }

  async abandon(): Promise<void> {
    for (const { stream } of this.#clients.all) stream.leave()
    this.#daemon?.process.kill('SIGKILL')
    await this.#daemon?.ended
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Several at once, each over another worker. */
  async #publish(channel: string, count: number, { slot = this.#turn++, size = 0 } = {}): Promise<void> {
    const sent = Array.from({ length: count }, (_, index) =>
      this.#publisher.publish(this.#place(slot + index), channel, { size }),
    )
    await Promise.all(sent)
    await this.#known(channel)
  }

  /** Amid the end of these workers: one is sent before it begins, the others are complete only when it has begun. */
  #publishAmid(
    channel: string,
    count: number,
    ending: readonly number[],
    condition: () => boolean,
  ): Promise<unknown> {
    const begun = this.#clients.until('the end to begin', condition)
    const sent = Array.from({ length: count }, (_, index) => {
      const slot = this.#turn++ % workers
      const allowed = ending.includes(slot) ? (['taken', 503, 'lost'] as const) : (['taken', 503] as const)
      const options = index === 0 ? { allowed } : { allowed, begun }
      return this.#publisher.publish(this.#place(slot), channel, options)
    })
    const all = Promise.all([begun, ...sent])
    all.catch(() => {}) // thrown again where it is waited for
    return all
  }

  async #subscribe(op: DaemonOp & { op: 'subscribe' }): Promise<void> {
    const channel = this.#channel(op.channel)
    const since = startAfter(this.#model, this.#clients.tracks(channel), channel, op.start, op.back)
    const published = this.#publish(channel, op.publishes, { slot: op.slot })
    await Promise.all([this.#open(op.slot, channel, since), published])
  }

  async #resume({ track }: DaemonClient, slot: number): Promise<void> {
    const since = track.epoch === '' ? undefined : { epoch: track.epoch, offset: track.last }
    await this.#open(slot, track.channel, since)
  }

  /** A worker that lives refuses nobody, even while the owner of the channel is replaced. */
  #open(slot: number, channel: string, since: Asked | undefined): Promise<void> {
    return this.#clients.begun(this.#clients.connect(this.#place(slot), slot, channel, { since }))
  }

  async #die(op: DaemonOp & { op: 'die' }): Promise<void> {
    const daemon = this.#running()
    const channel = this.#channel(op.channel)
    await this.#keptUp(op.slots)
    const seen = daemon.log.length
    const said = (msg: string, slot: number) =>
      daemon.log.slice(seen).some(line => line.msg === msg && line['slot'] === slot)
    const published = this.#publishAmid(channel, op.publishes, op.slots, () =>
      op.slots.some(slot => said('a worker met a bug and is replaced', slot)),
    )
    this.#cut(op.slots)
    const demanded = Promise.all(op.slots.map(slot => demand(daemon, slot, op.path)))
    const lives = slots.find(slot => !op.slots.includes(slot)) ?? fail('everybody dies')
    const joined = op.joins ? this.#open(lives, channel, this.#last(channel)) : undefined
    for (const slot of op.slots) {
      await this.#clients.until(`worker ${slot} to end by ${op.path}`, () =>
        said('a worker met a bug and is replaced', slot),
      )
      await this.#clients.until(`a new worker ${slot}`, () => said('a new worker serves', slot))
    }
    for (const client of await demanded) client.leave()
    await published
    await joined
    await this.#gone()
    await this.#keep(op.slots)
    await this.#clear()
  }

  async #restart({ channel, publishes }: DaemonOp & { op: 'restart' }): Promise<void> {
    const daemon = this.#running()
    await this.#keptUp(slots)
    const cut = new Set(this.#clients.open.map(({ stream }) => stream))
    const published = this.#publishAmid(this.#channel(channel), publishes, slots, () =>
      [...cut].some(({ closed }) => closed),
    )
    this.#cut(slots)
    equal(await daemon.stop(), 0, daemon.errors.join('\n'))
    deepEqual(daemon.errors, [])
    await published
    await this.#gone()
    await this.start()
    await this.#clear()
  }

  /** Everything acknowledged is with every open stream, and nothing else. */
  async #settle(): Promise<void> {
    const { open } = this.#clients
    await this.#clients.until('every stream to have everything', () => this.#clients.complete(open))
    for (const channel of channels) await this.#known(channel)
    for (const { track } of open) track.complete()
    this.#publisher.checkOrder()
  }

  /** The model learns where everything stands that was taken. */
  async #known(channel: string): Promise<void> {
    await this.#clients.until(`all of ${channel} to arrive somewhere`, () => this.#publisher.settled(channel))
  }

  /** The place of a publication that is sent now tells what became of earlier ones. */
  async #clear(): Promise<void> {
    for (const channel of channels) {
      if (this.#publisher.doubts(channel)) {
        const sent = this.#publisher.acknowledged(channel).length + 1
        await this.#publisher.publish(this.#place(this.#turn++), channel)
        await this.#clients.until(`all of ${channel} to arrive somewhere`, () =>
          this.#publisher.learned(channel, sent),
        )
        this.#publisher.clear(channel)
      }
      await this.#known(channel)
    }
  }

  /** Before they are cut: what streams miss now fits any history. */
  async #keptUp(at: readonly number[]): Promise<void> {
    const keepers = [...this.#keepers.values()].filter(({ track }) => at.includes(track.slot))
    await this.#clients.until('streams to catch up', () => this.#clients.complete(keepers))
  }

  /** The streams of these workers may end from now on. */
  #cut(at: readonly number[]): void {
    for (const client of this.#clients.open) if (at.includes(client.track.slot)) client.over = true
  }

  async #gone(): Promise<void> {
    const over = this.#clients.all.filter(client => client.over)
    await this.#clients.until('streams to end with their workers', () =>
      over.every(({ stream }) => stream.closed),
    )
  }

  /** Opens what must be there all the time, after what it had. */
  async #keep(at: readonly number[]): Promise<void> {
    const opened: DaemonClient[] = []
    for (const [index, channel] of channels.entries()) {
      for (const slot of this.#config.keepers[index] ?? []) {
        if (!at.includes(slot)) continue
        const place = `${channel} ${slot}`
        const known = this.#keepers.get(place)?.track
        const since = known && { epoch: known.epoch, offset: known.last }
        const covered = known !== undefined
        const keeper = this.#clients.connect(this.#place(slot), slot, channel, { since, covered })
        this.#keepers.set(place, keeper)
        opened.push(keeper)
      }
    }
    await this.#clients.until('streams to begin', () => opened.every(({ track }) => track.state === 'live'))
  }

  #last(channel: string): Asked | undefined {
    return startAfter(this.#model, [], channel, 'near', 1)
  }

  #running(): Daemon {
    return this.#daemon ?? fail('no daemon runs')
  }

  /** Protocols take turns. */
  #place(slot: number): Place {
    const protocol = streamingOf(this.#turns++)
    const address = this.#running().shards(protocol.name)[slot % workers]
    return { address: address ?? fail(`no address of worker ${slot}`), protocol }
  }

  #channel(index: number): string {
    return channels[index] ?? fail(`no channel ${index}`)
  }
}
