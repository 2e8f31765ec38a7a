// Publishes for the model, and checks each answer when it comes: once, never before the append, with a good reason.
import { equal, fail, ok } from 'node:assert/strict'
import type { Engine } from '../../src/engine/engine.ts'
import type { PublishOutcome } from '../../src/engine/router.ts'
import type { Published } from '../../src/engine/words/publication.ts'
import { channelName } from './mesh.ts'
import { plenty } from './model-ops.ts'
import type { ModelWorkers } from './model-workers.ts'

export interface Trial {
  readonly text: string
  readonly channel: string
  readonly key: string
  readonly slot: number
  readonly engine: Engine
  /** How often the owner's worker had ended. */
  readonly deaths: number | undefined
  outcome: PublishOutcome | undefined
}

export class ModelPublisher {
  readonly #workers: ModelWorkers
  readonly #trials: Trial[] = []

  constructor(workers: ModelWorkers) {
    this.#workers = workers
  }

  /** Undefined: no worker can be asked. */
  publish(wanted: number, channel: string, size: number, key: string): Trial | undefined {
    const workers = this.#workers
    // One that retires may be asked and must say no.
    const slot = workers.states[wanted] === 'retired' ? wanted : workers.slotIn('open', wanted)
    if (slot === undefined) return undefined
    const engine = workers.engine(slot)
    const text = `m${this.#trials.length}${'x'.repeat(size)}`
    const deaths = workers.deaths[workers.ownerOf(channel)]
    const trial: Trial = { text, channel, key, slot, engine, deaths, outcome: undefined }
    this.#trials.push(trial)
    const content = { kind: 'text', payload: Buffer.from(text) } as const
    const idempotencyKey = key === '' ? undefined : key
    const draft = { channel: channelName(channel), content, via: 'model', idempotencyKey }
    engine.publish(draft, outcome => this.#answered(trial, outcome))
    return trial
  }

  /** Nothing is under way any more. */
  checkAnswered(): void {
    for (const { engine, outcome, text } of this.#trials) {
      if (this.#workers.mesh.engines.includes(engine)) ok(outcome !== undefined, `${text} was never answered`)
    }
  }

  #answered(trial: Trial, outcome: PublishOutcome): void {
    const { text, channel, slot, deaths } = trial
    const { states, config } = this.#workers
    equal(trial.outcome, undefined, `${text} is answered twice`)
    trial.outcome = outcome
    const owner = this.#workers.ownerOf(channel)
    if (typeof outcome === 'object') {
      if ('fate' in outcome) return fail(`${text} says nothing of its order`)
      this.#checkPlace(trial, outcome)
    } else if (outcome === 'owner-lost') {
      const lost = states[owner] !== 'open' || this.#workers.deaths[owner] !== deaths
      ok(lost || states[slot] === 'retired', `${text}: its owner is there`)
    } else {
      equal(outcome, 'overloaded', `${text}: nobody drains`)
      ok(Math.min(config.linkBytesMax, config.fanoutBytesMax) < plenty, `${text}: nothing is full`)
    }
  }

  #checkPlace({ text, channel, key, slot }: Trial, outcome: Published): void {
    const { model, watch, states } = this.#workers
    const { epoch, offset, duplicate } = outcome
    const owner = this.#workers.ownerOf(channel)
    ok(states[slot] !== 'retired', `${text} is taken by a worker that has said farewell`)
    if (slot === owner) {
      watch.checkAppended(owner, channel, offset)
      if (duplicate) model.duplicate(channel, epoch, offset, key)
      else model.append(channel, epoch, offset, text, key)
    }
    const item = model.at(channel, epoch, offset)
    ok(item !== undefined, `${text} is answered with ${epoch}.${offset}, where nothing is`)
    if (!duplicate) equal(item.text, text, `${text} is answered with the place of another`)
  }
}
