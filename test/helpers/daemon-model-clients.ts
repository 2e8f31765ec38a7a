// The streams of a real daemon beside the model. What they receive is judged as soon as the model knows enough: a
// message when it is next or known, a gap when every publication before it has its place.
import { deepEqual, fail, ok } from 'node:assert/strict'
import type { DaemonPublisher } from './daemon-model-publisher.ts'
import { ModelStream, type Place, type StreamEvent } from './daemon-model-stream.ts'
import { ownerOf } from './faulty/load.ts'
import type { Asked, OwnerModel } from './model.ts'
import { Track } from './model-client.ts'
import type { World } from './model-world.ts'
import { until } from './until.ts'

export interface DaemonClient {
  readonly track: Track
  readonly stream: ModelStream
  /** Acknowledged in its channel before it asked. */
  readonly acknowledged: number
  /** Somebody must be told everything, so that the model learns it: this one's resume is covered by any history. */
  readonly covered: boolean
  /** Its worker ended, or it left. */
  over: boolean
}

/** Nothing that a test does to a real daemon but a crash may cost a subscriber publications. */
function worldOf(model: OwnerModel): World {
  return {
    model,
    ownerOf,
    policyOf: () => 'disconnect',
    disturbed: () => false,
    waits: () => false,
    clockMoves: true,
    floods: false,
    skipped: (slot, count) => fail(`worker ${slot} skipped ${count}, which its policy forbids`),
  }
}

export class DaemonClients {
  readonly #world: World
  readonly #publisher: DaemonPublisher
  readonly all: DaemonClient[] = []
  /** What was wrong first. */
  #failure: { readonly error: unknown } | undefined

  constructor(model: OwnerModel, publisher: DaemonPublisher) {
    this.#world = worldOf(model)
    this.#publisher = publisher
  }

  get open(): DaemonClient[] {
    return this.all.filter(({ over }) => !over)
  }

  tracks(channel: string): Track[] {
    return this.all.flatMap(({ track }) => (track.channel === channel ? [track] : []))
  }

  connect(
    place: Place,
    slot: number,
    channel: string,
    { since, covered = false }: { readonly since: Asked | undefined; readonly covered?: boolean },
  ): DaemonClient {
    // Every protocol whose wire tells gaps asks for what is left behind them.
    const track = new Track(this.#world, slot, channel, since, undefined, true)
    const stream = new ModelStream(place, channel, since)
    const acknowledged = this.#publisher.acknowledged(channel).length
    const client: DaemonClient = { track, stream, acknowledged, covered, over: false }
    this.all.push(client)
    return client
  }

  leave(client: DaemonClient): void {
    client.over = true
    client.stream.leave()
    this.judge()
  }

  /** Waits while whatever arrives is judged. */
  until<Value>(what: string, condition: () => Value): Promise<NonNullable<Value>> {
    const judged = () => {
      this.judge()
      return condition()
    }
    return until(what, judged).catch(error => {
      const open = this.open.map(client => `${describe(client)}`).join('\n  ')
      throw new Error(`${error.message}; open streams:\n  ${open}`, { cause: error })
    })
  }

  /** Its stream has begun. What it was told may still wait. */
  async begun({ stream, track }: DaemonClient): Promise<void> {
    const told = () => track.state !== 'waiting' || stream.inbox.length > 0
    await this.until(`${track} to begin`, told)
  }

  /** All of these have what the model knows. */
  complete(clients: readonly DaemonClient[]): boolean {
    return clients.every(({ track, stream }) => {
      const numbering = this.#world.model.numberings.get(track.channel)
      return track.state === 'live' && stream.inbox.length === 0 && track.last + 1 === numbering?.next
    })
  }

  /** Judges what can be judged, until one stream's messages allow nothing more of another's. */
  judge(): void {
    if (this.#failure !== undefined) throw this.#failure.error
    try {
      this.#judgeAll()
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  #judgeAll(): void {
    let judged = true
    while (judged) {
      judged = false
      for (const client of this.all) {
        for (let event = client.stream.inbox[0]; event && this.#ready(client, event); ) {
          client.stream.inbox.shift()
          this.#apply(client, event)
          judged = true
          event = client.stream.inbox[0]
        }
      }
    }
    for (const client of this.all) {
      const { track, stream, over } = client
      if (over && stream.closed && stream.inbox.length === 0 && track.open) track.leave()
      ok(over || !stream.closed, `${track}: closed (${stream.status}) although its worker lives`)
    }
  }

  #ready({ track, acknowledged, covered }: DaemonClient, event: StreamEvent): boolean {
    const { model } = this.#world
    const { channel } = track
    if (event.kind === 'message') return track.last < (model.numberings.get(channel)?.next ?? 0)
    if (event.gap) return covered || this.#publisher.settled(channel)
    if (!this.#publisher.learned(channel, track.since === undefined ? acknowledged : 0)) return false
    const unknown = model.firstOf(channel, event.position.epoch) === undefined
    return unknown || event.position.offset <= model.lastOf(channel, event.position.epoch)
  }

  #apply({ track, acknowledged, covered }: DaemonClient, event: StreamEvent): void {
    const { model } = this.#world
    const { channel } = track
    if (event.kind === 'message') {
      const offset = track.last + 1
      const { position = { epoch: track.epoch, offset } } = event
      deepEqual(position, { epoch: track.epoch, offset }, `${track}: a message stands elsewhere`)
      if (offset === model.numberings.get(channel)?.next) {
        this.#publisher.learn(channel, track.epoch, offset, event.text)
      }
      return track.frame(offset, event.text)
    }
    const { position, gap } = event
    ok(!(gap && covered), `${track}: history covers ${track.since?.offset}, yet a gap is told`)
    if (track.state !== 'waiting') {
      ok(gap, `${track}: told its position without a gap`)
      return track.gap(position)
    }
    // The first of all: nothing was published yet.
    if (!model.numberings.has(channel)) model.observe(channel, position.epoch, position.offset + 1)
    track.attached(position, gap)
    // Whoever resumes begins where it was, or with the oldest that is left.
    const floor = track.since === undefined ? this.#publisher.floor(channel, acknowledged) : -1
    ok(
      position.offset >= floor,
      `${track}: begins at ${position.offset}, but ${floor} was acknowledged before`,
    )
  }
}

function describe({ track, stream }: DaemonClient): string {
  const waiting = JSON.stringify(stream.inbox.slice(0, 3))
  return `${track}: ${track.state}, has ${track.epoch}.${track.last}, waits with ${waiting}`
}
