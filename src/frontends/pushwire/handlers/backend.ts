// What the application sends from behind, by the admin listener or in its answer to a frame (contract §16): to one client, to all,
// or word that somebody must go. A client is known for as long as its control stream is; what is for one that is away waits.
import type { Engine } from '../../../engine/engine.ts'
import type { PublishOutcome } from '../../../engine/router.ts'
import type { Content, Draft } from '../../../engine/words/publication.ts'
import type { Refusal } from '../../../engine/words/refusal.ts'
import type { Plan } from '../config/config.ts'
import { controlChannel, kickDraft } from '../session/control.ts'
import { dataGroup, streamOf } from '../session/streams.ts'
import { pushwireSection } from '../settings.ts'

/** Why nothing was sent. */
export type SendFault = Refusal | 'client-unknown' | 'channel-unknown' | 'channel-shared'

/** `subscribers`: who was there when it got its place. */
export type Sent = { readonly cursor: number; readonly subscribers: number } | SendFault

/** For how many clients it was. `workersMissed`: with so many workers it was lost, or may have been. */
export interface SentToEach {
  readonly clients: number
  readonly workersMissed: number
}

export interface BackendContext {
  readonly plan: Plan
  readonly engine: Engine
}

export class Backend {
  readonly #plan: Plan
  readonly #engine: Engine

  constructor({ plan, engine }: BackendContext) {
    this.#plan = plan
    this.#engine = engine
  }

  /** How many connections it has. Each `done` is called exactly once, possibly before the call returns. */
  connections(clientId: string, done: (connections: number | SendFault) => void): void {
    this.#engine.inspect(controlChannel(clientId), { limit: 0 }, outcome => {
      if (typeof outcome === 'string') done(outcome)
      else done(outcome.position === undefined ? 'client-unknown' : outcome.subscribers)
    })
  }

  /** Ends its connections; tells how many they were. */
  kick(clientId: string, done: (connections: number | SendFault) => void): void {
    this.connections(clientId, connections => {
      if (typeof connections === 'string') return done(connections)
      this.#engine.publish(kickDraft(clientId), outcome => {
        done(typeof outcome === 'string' ? outcome : connections)
      })
    })
  }

  /** `payload`: JSON text that does not change any more. Told once the frame has its cursor. */
  send(clientId: string, name: string, payload: Uint8Array, done: (sent: Sent) => void): void {
    this.#streamOf(clientId, name, stream => {
      if (typeof stream === 'string') return done(stream)
      const draft = { ...draftOf(payload), channel: stream.channel }
      this.#engine.publish(draft, outcome => done(sentOf(outcome)))
    })
  }

  /** Whether it could be sent a frame there: for what costs much to make. Undefined: it could. */
  judge(clientId: string, name: string, done: (fault: SendFault | undefined) => void): void {
    this.#streamOf(clientId, name, stream => done(typeof stream === 'string' ? stream : undefined))
  }

  /** In scope channel one publication; in scope client one for each client that is connected, whose cursors are not told. */
  broadcast(name: string, payload: Uint8Array, done: (sent: Sent | SentToEach) => void): void {
    const channel = this.#plan.find(name)
    if (channel === undefined) return done('channel-unknown')
    if (channel.scope === 'client') {
      return this.#engine.publishEach({ ...draftOf(payload), group: dataGroup(channel.name) }, outcome =>
        done(
          typeof outcome === 'string'
            ? outcome
            : { clients: outcome.channels, workersMissed: outcome.workersMissed },
        ),
      )
    }
    this.#engine.publish({ ...draftOf(payload), channel: channel.name }, outcome => done(sentOf(outcome)))
  }

  #streamOf(
    clientId: string,
    name: string,
    done: (stream: Pick<Draft, 'channel'> | SendFault) => void,
  ): void {
    const channel = this.#plan.find(name)
    if (channel === undefined) return done('channel-unknown')
    if (channel.scope === 'channel') return done('channel-shared')
    this.connections(clientId, connections =>
      done(typeof connections === 'string' ? connections : { channel: streamOf(channel, clientId) }),
    )
  }
}

function draftOf(payload: Uint8Array): { readonly content: Content } & Pick<Draft, 'via'> {
  return { content: { kind: 'json', payload }, via: pushwireSection.name }
}

function sentOf(outcome: PublishOutcome): Sent {
  if (typeof outcome === 'string') return outcome
  if ('fate' in outcome) throw new RangeError('a frame says nothing of its order')
  return { cursor: outcome.offset, subscribers: outcome.subscribers }
}
