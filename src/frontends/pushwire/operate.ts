// What the application does from behind, on the admin listener (contract §16): frames for one client or for all, who is there,
// and who must go. A client is known for as long as its control stream is; a frame for one that is away waits for it.
import { isUtf8 } from 'node:buffer'
import type { Engine } from '../../engine/engine.ts'
import type { PublishOutcome } from '../../engine/router.ts'
import type { Draft } from '../../engine/words/publication.ts'
import { isJson } from '../../std/json-check.ts'
import { membersOf } from '../../std/json-text.ts'
import type { OperatorCall, OperatorRefusal, OperatorRoute } from '../operate.ts'
import type { Plan } from './config.ts'
import { controlChannel, kickDraft } from './control.ts'
import { parseClientId } from './operations.ts'
import { pushwireSection } from './settings.ts'
import { streamOf } from './streams.ts'

const client = 'clients/{id}'
const frames = 'clients/{id}/frames'
const broadcast = 'broadcast/{channel}'

export const operatorRoutes: readonly OperatorRoute[] = [
  { path: client, methods: ['GET', 'DELETE'] },
  { path: frames, methods: ['POST'] },
  { path: broadcast, methods: ['POST'] },
]

interface OperatorContext {
  readonly plan: Plan
  readonly engine: Engine
}

/** `payload` is JSON text. */
interface Order {
  readonly channel: string | undefined
  readonly payload: string
}

export class Operator {
  readonly #plan: Plan
  readonly #engine: Engine

  constructor({ plan, engine }: OperatorContext) {
    this.#plan = plan
    this.#engine = engine
  }

  operate(call: OperatorCall): void {
    const { route, segments, exchange } = call
    if (route === broadcast) return this.#broadcast(call, segments['channel'] ?? '')
    const id = parseClientId(segments['id'] ?? '')
    if (id === undefined) return call.refuse(refusals.id)
    if (route === frames) return this.#send(call, id)
    if (exchange.method === 'DELETE') return this.#kick(call, id)
    this.#tell(call, id)
  }

  #tell(call: OperatorCall, id: string): void {
    this.#withKnown(call, id, connections => {
      call.answer(200, JSON.stringify({ client_id: id, connected: connections > 0, connections }))
    })
  }

  #kick(call: OperatorCall, id: string): void {
    this.#withKnown(call, id, connections => {
      this.#engine.publish(kickDraft(id), outcome => {
        if (typeof outcome === 'string') return call.refuse(refusals.unavailable)
        call.answer(200, JSON.stringify({ client_id: id, connections }))
      })
    })
  }

  #send(call: OperatorCall, id: string): void {
    call.readBody(body => {
      const order = readOrder(body)
      if (order?.channel === undefined) return call.refuse(refusals.body('{"channel":…,"payload":…}'))
      const channel = this.#plan.find(order.channel)
      if (channel === undefined) return call.refuse(refusals.channel(order.channel))
      if (channel.scope !== 'client') return call.refuse(refusals.scope(channel.name))
      this.#withKnown(call, id, () => {
        this.#engine.publish(draftFor(streamOf(channel, id), order), outcome =>
          answerPlaced(call, { channel: channel.name, client_id: id }, outcome),
        )
      })
    })
  }

  #broadcast(call: OperatorCall, name: string): void {
    const channel = this.#plan.find(name)
    if (channel === undefined) return call.refuse(refusals.channel(name))
    call.readBody(body => {
      const order = readOrder(body)
      if (order === undefined) return call.refuse(refusals.body('{"payload":…}'))
      if (channel.scope === 'client') return call.refuse(refusals.unavailable)
      this.#engine.publish(draftFor(channel.name, order), outcome =>
        answerPlaced(call, { channel: channel.name }, outcome),
      )
    })
  }

  /** Goes on with how many connections it has. */
  #withKnown(call: OperatorCall, id: string, done: (connections: number) => void): void {
    this.#engine.inspect(controlChannel(id), { limit: 0 }, outcome =>
      call.exchange.guarded(() => {
        if (typeof outcome === 'string') return call.refuse(refusals.unavailable)
        if (outcome.position === undefined) return call.refuse(refusals.client(id))
        done(outcome.subscribers)
      }),
    )
  }
}

function draftFor(channel: Draft['channel'], { payload }: Order): Draft {
  return { channel, content: { kind: 'json', payload: Buffer.from(payload) }, via: pushwireSection.name }
}

/** It is told only once the frame has its cursor. */
function answerPlaced(call: OperatorCall, place: object, outcome: PublishOutcome): void {
  if (typeof outcome === 'string' || 'fate' in outcome) {
    return call.refuse(outcome === 'not-allowed' ? refusals.notAllowed : refusals.unavailable)
  }
  const { offset: cursor, subscribers } = outcome
  call.answer(200, JSON.stringify({ ...place, cursor, subscribers }))
}

/** Undefined: it is no JSON object, or has other members, or has no payload. */
function readOrder(body: Uint8Array): Order | undefined {
  const text = isUtf8(body) ? Buffer.from(body).toString() : ''
  if (!isJson(text) || !text.trimStart().startsWith('{')) return undefined
  const members = membersOf(text)
  const textOf = (name: string) => members.findLast(member => member.name === name)?.text
  const payload = textOf('payload')
  if (payload === undefined || members.some(({ name }) => name !== 'payload' && name !== 'channel')) {
    return undefined
  }
  const channel: unknown = JSON.parse(textOf('channel') ?? 'null')
  return { channel: typeof channel === 'string' ? channel : undefined, payload }
}

const refusals = {
  id: { status: 422, code: 'client-id-invalid', title: 'A client id is a UUID' },
  unavailable: { status: 503, code: 'unavailable', title: 'Nothing was done; try again' },
  notAllowed: { status: 403, code: 'not-allowed', title: 'The channel is not open to this protocol' },
  client: (id: string) => ({
    status: 404,
    code: 'client-unknown',
    title: 'No such client is known',
    detail: `No connection has the id ${id}, and none had it lately.`,
  }),
  channel: (name: string) => ({
    status: 422,
    code: 'channel-unknown',
    title: 'The configuration has no such channel',
    detail: `The configuration has no channel ${JSON.stringify(name.slice(0, 64))}.`,
  }),
  scope: (name: string) => ({
    status: 422,
    code: 'channel-shared',
    title: 'The channel is one stream for all',
    detail: `${name} has scope channel: what is published there is for everybody.`,
  }),
  body: (form: string) => ({
    status: 422,
    code: 'body-invalid',
    title: 'The body has another form',
    detail: `The body is ${form}, and nothing else.`,
  }),
} as const satisfies Record<string, OperatorRefusal | ((text: string) => OperatorRefusal)>
