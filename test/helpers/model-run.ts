// Plays a sequence on three engines and on the model beside them. Whatever the engines say that the model rules out
// throws at once; `finish` lets everything arrive and asks whether anything is missing.
import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import { matches } from '../../src/engine/words/pattern.ts'
import { parsePosition } from '../../src/engine/words/position.ts'
import { channelName } from './mesh.ts'
import { mutateWire } from './mesh-mutation.ts'
import type { Asked } from './model.ts'
import { ModelClient, Track } from './model-client.ts'
import { modelFormats, readerOf } from './model-format.ts'
import type { ModelConfig, Op, Start } from './model-ops.ts'
import { PatternTrack } from './model-pattern.ts'
import { ModelPublisher } from './model-publisher.ts'
import { startAfter, textOf } from './model-start.ts'
import { ModelWorkers, type Play } from './model-workers.ts'

/** How somebody subscribes to a channel. */
type How = Pick<Op & { op: 'join' }, 'start' | 'back' | 'filter' | 'rest'>

const patterns = ['x*', 'x*', 'xo*', 'xl*', 'xc*']

/** Throws where engines and model disagree. */
export function runModel(config: ModelConfig, ops: readonly Op[], play: Play = {}): void {
  const run = new ModelRun(config, play)
  for (const op of ops) run.play(op)
  run.finish()
}

class ModelRun {
  readonly #workers: ModelWorkers
  readonly #publisher: ModelPublisher
  readonly #clients: ModelClient[] = []
  readonly #play: Play

  constructor(config: ModelConfig, play: Play) {
    this.#play = play
    this.#workers = new ModelWorkers(config, play)
    this.#publisher = new ModelPublisher(this.#workers)
  }

  play(op: Op): void {
    const { mesh } = this.#workers
    switch (op.op) {
      case 'publish':
        this.#publisher.publish(op.slot, this.#channel(op.channel), op.size, op.key < 2 ? `k${op.key}` : '')
        break
      case 'subscribe':
      case 'join':
      case 'pattern':
      case 'leave':
      case 'block':
      case 'unblock':
      case 'sip':
        this.#playClient(op)
        break
      case 'turn':
        mesh.turn(op.slot === 3 ? undefined : op.slot)
        break
      case 'deliver':
        mesh.deliver(op.from, op.to)
        break
      case 'settle':
        this.#settle()
        break
      case 'advance':
        this.#workers.advance(op.ms)
        break
      case 'retire':
        this.#workers.retire(this.#victim(op.slot))
        break
      case 'end':
        this.#end(this.#victim(op.slot), op.death)
        break
      case 'notice':
        mesh.notice(op.slot, op.by)
        break
      case 'start':
        this.#workers.start(this.#workers.slotIn('ended', op.slot) ?? op.slot)
        break
      default:
        op satisfies never
    }
    this.#tick()
  }

  /** Everybody is there again and takes everything: nothing may be missing, and all must work. */
  finish(): void {
    const { mesh, states } = this.#workers
    for (const slot of [0, 1, 2]) {
      if (states[slot] === 'retired') this.#end(slot, 'snapshot')
      this.#tick()
      this.#workers.start(slot)
    }
    this.#settle()
    for (let round = 0; round < 3; round++) {
      for (const client of this.#connected()) {
        client.writable = true
        mesh.engines[client.slot]?.drained(client)
      }
      this.#settle()
    }
    for (const channel of this.#workers.channels) {
      const subscribers = this.#tracks(channel).length
      const last = this.#publisher.publish(0, channel, 0, '') ?? fail('nobody serves')
      this.#settle()
      const { outcome, text } = last
      ok(typeof outcome === 'object', `${channel}: the last publish, ${text}, is answered ${outcome}`)
      equal(outcome.subscribers, subscribers, `${channel}: subscribers in the answer`)
    }
    this.#publisher.checkAnswered()
  }

  #playClient(
    op: Op & { op: 'subscribe' | 'join' | 'pattern' | 'leave' | 'block' | 'unblock' | 'sip' },
  ): void {
    if (op.op === 'subscribe') return this.#subscribe(op)
    if (op.op === 'pattern') return this.#pattern(op)
    const connected = this.#connected()
    const client = connected[op.client % Math.max(connected.length, 1)]
    if (client === undefined) return
    if (op.op === 'join') return this.#join(client, op)
    if (op.op === 'leave') return this.#leave(client)
    if (op.op !== 'sip') client.writable = op.op === 'unblock'
    if (op.op !== 'block') this.#workers.engine(client.slot).drained(client)
  }

  #subscribe({ slot, channel, tells, mark, ...how }: Op & { op: 'subscribe' }): void {
    const at = this.#workers.slotIn('open', slot)
    if (at === undefined) return
    const client = new ModelClient(at, tells, modelFormats[mark] ?? fail('no such format'))
    mutateWire(client.wire, this.#play.mutation)
    this.#clients.push(client)
    this.#track(client, this.#channel(channel), how)
  }

  #join(client: ModelClient, { channel: index, ...how }: Op & { op: 'join' }): void {
    const channel = this.#channel(index)
    if (client.pattern === undefined && !client.tracks.has(channel)) this.#track(client, channel, how)
  }

  #track(client: ModelClient, channel: string, { start, back, filter, rest }: How): void {
    const since = this.#since(channel, start, back)
    const { admits, reads } = readerOf(client.format, filter)
    const track = new Track(this.#workers, client.slot, channel, since, reads, rest)
    track.delayed = client.wire.blocked
    client.tracks.set(channel, track)
    this.#workers.model.come(channel)
    const after = since && parsePosition(textOf(since))
    const options = { via: 'model', since: after, admits, ...(rest && { rest }) }
    const outcome = this.#workers.engine(client.slot).subscribe(channelName(channel), client, options)
    if (typeof outcome === 'string') fail(`a subscription is refused: ${outcome}`)
    track.subscription = outcome
  }

  #since(channel: string, start: Start, back: number): Asked | undefined {
    const tracks = this.#clients.flatMap(({ tracks }) => tracks.get(channel) ?? [])
    return startAfter(this.#workers.model, tracks, channel, start, back)
  }

  #pattern({ slot, pattern, resumes, tells, mark, filter }: Op & { op: 'pattern' }): void {
    const at = this.#workers.slotIn('open', slot)
    const name = patterns[pattern % patterns.length]
    if (at === undefined || name === undefined) return
    const format = modelFormats[mark] ?? fail('no such format')
    const { admits, reads } = readerOf(format, filter)
    const track = new PatternTrack(this.#workers, at, name, resumes, reads)
    const client = new ModelClient(at, tells, format, track)
    const options = { via: 'model', since: resumes ? parsePosition('pattern.1') : undefined, admits }
    const outcome = this.#workers.engine(at).subscribePattern(channelName(name), client, options)
    if (typeof outcome === 'string') fail(`a pattern is refused: ${outcome}`)
    track.subscription = outcome
    this.#clients.push(client)
  }

  #leave(client: ModelClient): void {
    for (const track of client.all()) {
      if (!track.open) continue
      track.leave()
      if (track.subscription) this.#workers.engine(client.slot).unsubscribe(track.subscription)
    }
  }

  #end(slot: number, death: (Op & { op: 'end' })['death']): void {
    this.#workers.end(slot, death)
    for (const client of this.#clients) {
      if (client.slot !== slot) continue
      for (const track of client.all()) if (track.open) track.leave()
    }
  }

  /** Who is left to vouch for a channel, and whether anybody is attached to it at all. */
  #tick(): void {
    const { model, watch, channels } = this.#workers
    for (const channel of channels) {
      const present = new Set(this.#tracks(channel).map(({ slot }) => slot))
      // Whoever was there before its owner was started attaches as well.
      if (present.size > 0) model.come(channel)
      for (const slot of [0, 1, 2]) if (!present.has(slot)) model.unvouch(channel, slot)
      const owner = this.#workers.ownerOf(channel)
      model.attend(
        channel,
        [...present].some(slot => slot === owner || watch.isLive(slot, channel)),
      )
    }
  }

  #settle(): void {
    const workers = this.#workers
    workers.settle()
    for (const client of this.#connected()) {
      for (const track of client.all()) {
        if (!track.open) continue
        const pattern = track instanceof PatternTrack
        if (client.wire.blocked)
          track.disturbed ||= workers.disturbed(client.slot, pattern ? '' : track.channel)
        else if (pattern) track.complete(this.#served(track.pattern))
        else if (workers.served(track.channel)) track.complete()
      }
    }
    workers.watch.calm(channel => channel === '' || workers.served(channel))
    this.#checkPresence()
    this.#checkInspections()
  }

  #served(pattern: string): readonly string[] {
    const { channels } = this.#workers
    return channels.filter(channel => matches(pattern, channel) && this.#workers.served(channel))
  }

  #checkPresence(): void {
    const workers = this.#workers
    const told: [string, number | undefined][] = []
    const expected: [string, number][] = []
    for (const channel of workers.channels.filter(each => workers.served(each))) {
      for (const slot of [0, 1, 2]) {
        if (workers.states[slot] !== 'open') continue
        expected.push([channel, this.#tracks(channel).length])
        const index = told.push([channel, undefined]) - 1
        workers.engine(slot).presence(channelName(channel), subscribers => {
          told[index] = [channel, subscribers]
        })
      }
    }
    workers.settle()
    deepEqual(told, expected, 'presence')
  }

  /** Whoever asks is told where the channel stands and the end of its order, from its owner's record. */
  #checkInspections(): void {
    const workers = this.#workers
    let asked = 0
    let told = 0
    for (const channel of workers.channels.filter(each => workers.served(each))) {
      const texts = (epoch: string) =>
        workers.model.order(channel).flatMap(item => (item.epoch === epoch ? [item.text] : []))
      for (const slot of [0, 1, 2].filter(each => workers.states[each] === 'open')) {
        asked++
        workers.engine(slot).inspect(channelName(channel), { limit: 1_000 }, outcome => {
          told++
          ok(typeof outcome === 'object', `${channel}: its owner is there, but ${outcome}`)
          const { position, subscribers, publications, more } = outcome
          deepEqual([subscribers, more], [this.#tracks(channel).length, false])
          if (position === undefined) return equal(publications.length, 0)
          // Whoever asked for it may have left before it was told.
          if (workers.late) workers.model.observe(channel, position.epoch, position.offset + 1)
          equal(position.offset, workers.model.lastOf(channel, position.epoch), `${channel}: where it stands`)
          const tail = texts(position.epoch).slice(-publications.length || Number.POSITIVE_INFINITY)
          const held = publications.map(({ content }) => Buffer.from(content.payload).toString())
          deepEqual(held, tail, `${channel}: the end of its order`)
        })
      }
    }
    workers.settle()
    equal(told, asked, 'inspections')
  }

  #victim(slot: number): number {
    return slot < 3 ? slot : this.#workers.ownerOf(this.#channel(slot))
  }

  #channel(index: number): string {
    const { channels } = this.#workers
    return channels[index % channels.length] ?? fail('no channel')
  }

  /** Clients whose worker runs and speaks to the others. */
  #connected(): ModelClient[] {
    return this.#clients.filter(client => {
      return this.#workers.states[client.slot] === 'open' && client.all().some(({ open }) => open)
    })
  }

  #tracks(channel: string): Track[] {
    return this.#connected().flatMap(({ tracks }) => {
      const track = tracks.get(channel)
      return track?.open ? [track] : []
    })
  }
}
