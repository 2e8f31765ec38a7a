// The backend's routes on the admin listener (contract §16): frames for one client or for all, who is there, and who must go.
import { isUtf8 } from 'node:buffer'
import { isJson } from '../../std/json-check.ts'
import { membersOf } from '../../std/json-text.ts'
import { halfPairAt } from '../../std/json-walk.ts'
import type { OperatorCall, OperatorRefusal, OperatorRoute } from '../operate.ts'
import { type EnvelopeContext, type EnvelopeOutcome, makeEnvelope } from './assets/asset-envelope.ts'
import type { AssetRefusal } from './assets/assets.ts'
import type { Backend, SendFault } from './handlers/backend.ts'
import { parseClientId } from './wire/operations.ts'

const client = 'clients/{id}'
const frames = 'clients/{id}/frames'
const assets = 'clients/{id}/assets'
const broadcast = 'broadcast/{channel}'

export const operatorRoutes: readonly OperatorRoute[] = [
  { path: client, methods: ['GET', 'DELETE'] },
  { path: frames, methods: ['POST'] },
  { path: assets, methods: ['POST'] },
  { path: broadcast, methods: ['POST'] },
]

interface Order {
  readonly channel: string | undefined
  /** JSON text. */
  readonly payload: Uint8Array
}

export class Operator {
  readonly #backend: Backend
  readonly #assets: EnvelopeContext

  constructor(backend: Backend, assetContext: EnvelopeContext) {
    this.#backend = backend
    this.#assets = assetContext
  }

  operate(call: OperatorCall): void {
    const { route, segments, exchange } = call
    if (route === broadcast) return this.#broadcast(call, segments['channel'] ?? '')
    const id = parseClientId(segments['id'] ?? '')
    if (id === undefined) return call.refuse(refusals['client-id-invalid'])
    if (route === frames) return this.#send(call, id)
    if (route === assets) return this.#sendAsset(call, id)
    const done = (connections: number | SendFault) =>
      answer(call, connections, number => ({
        client_id: id,
        ...(exchange.method === 'DELETE' ? {} : { connected: number > 0 }),
        connections: number,
      }))
    if (exchange.method === 'DELETE') this.#backend.kick(id, done)
    else this.#backend.connections(id, done)
  }

  #send(call: OperatorCall, id: string): void {
    call.readBody(body => {
      const order = readOrder(body)
      if (order?.channel === undefined) return call.refuse(refusals['body-invalid'])
      const { channel, payload } = order
      this.#backend.send(id, channel, payload, sent =>
        answer(call, sent, placed => ({ channel, client_id: id, ...placed })),
      )
    })
  }

  /** The body is the asset; what a frame says beside it stands in the query. Whether its client is known is asked first. */
  #sendAsset(call: OperatorCall, id: string): void {
    const query = new URLSearchParams(call.exchange.query ?? '')
    const [channel, name, url] = ['channel', 'name', 'url'].map(key => query.get(key) ?? undefined)
    const mime = call.exchange.header('content-type') ?? ''
    call.readBody(bytes => {
      if (channel === undefined) return call.refuse(refusals['channel-unknown'])
      // It may be a view of a larger body, and is moved to another thread.
      const asset = { mime, bytes: new Uint8Array(bytes), name, url }
      this.#backend.judge(id, channel, fault =>
        call.exchange.guarded(() => {
          if (fault !== undefined) return call.refuse(refusals[fault])
          makeEnvelope(this.#assets, asset, made => this.#sendEnvelope(call, id, channel, made))
        }),
      )
    }, this.#assets.settings.assetBytesMax)
  }

  #sendEnvelope(call: OperatorCall, id: string, channel: string, made: EnvelopeOutcome): void {
    if (!made.ok) return call.exchange.guarded(() => call.refuse(refusals[made.reason]))
    this.#backend.send(id, channel, Buffer.from(made.payload), sent =>
      answer(call, sent, placed => ({
        channel,
        client_id: id,
        ...placed,
        payload: JSON.parse(made.payload),
      })),
    )
  }

  #broadcast(call: OperatorCall, channel: string): void {
    call.readBody(body => {
      const order = readOrder(body)
      if (order === undefined) return call.refuse(refusals['body-invalid'])
      this.#backend.broadcast(channel, order.payload, sent =>
        answer(call, sent, placed =>
          'clients' in placed
            ? { channel, clients: placed.clients, workers_missed: placed.workersMissed }
            : { channel, ...placed },
        ),
      )
    })
  }
}

/** It may come in a later turn. */
function answer<Done>(call: OperatorCall, outcome: Done | SendFault, body: (done: Done) => object): void {
  call.exchange.guarded(() => {
    if (typeof outcome === 'string') return call.refuse(refusals[outcome as SendFault]) // no other outcome is a text
    call.answer(200, JSON.stringify(body(outcome as Done))) // what is no text is none
  })
}

/** Undefined: it is no JSON object, or has other members, no payload, or half of a pair, which ends the original's client. */
function readOrder(body: Uint8Array): Order | undefined {
  const text = isUtf8(body) ? Buffer.from(body).toString() : ''
  if (!isJson(text) || halfPairAt(text) !== -1 || !text.trimStart().startsWith('{')) return undefined
  const members = membersOf(text)
  const textOf = (name: string) => members.findLast(member => member.name === name)?.text
  const payload = textOf('payload')
  if (payload === undefined || members.some(({ name }) => name !== 'payload' && name !== 'channel')) {
    return undefined
  }
  const channel: unknown = JSON.parse(textOf('channel') ?? 'null')
  return { channel: typeof channel === 'string' ? channel : undefined, payload: Buffer.from(payload) }
}

const again = { status: 503, code: 'unavailable', title: 'Nothing was sent; try again' } as const

const refusals = {
  'client-id-invalid': { status: 422, code: 'client-id-invalid', title: 'A client id is a UUID' },
  'client-unknown': {
    status: 404,
    code: 'client-unknown',
    title: 'No such client is known',
    detail: 'No connection has this id, and none had it lately.',
  },
  'channel-unknown': {
    status: 422,
    code: 'channel-unknown',
    title: 'The configuration has no such channel',
  },
  'channel-shared': {
    status: 422,
    code: 'channel-shared',
    title: 'The channel is one stream for all',
    detail: 'It has scope channel: what is sent there is for everybody.',
  },
  'body-invalid': {
    status: 422,
    code: 'body-invalid',
    title: 'The body has another form',
    detail: 'It is an object with a payload, and the channel where the path has none, and nothing else.',
  },
  'asset-type': { status: 415, code: 'asset-type', title: 'Assets cannot have this type' },
  'asset-mismatch': { status: 415, code: 'asset-mismatch', title: 'The bytes are not of the type' },
  'asset-too-large': { status: 413, code: 'asset-too-large', title: 'The asset is too large' },
  'asset-invalid': {
    status: 422,
    code: 'asset-invalid',
    title: 'The asset is empty, or its name or address too long',
  },
  'asset-busy': { status: 503, code: 'asset-busy', title: 'Too much is being stored; try again' },
  'asset-failed': { status: 500, code: 'asset-failed', title: 'The asset could not be stored; see the log' },
  'not-allowed': { status: 403, code: 'not-allowed', title: 'The channel is not open to this protocol' },
  elsewhere: { status: 421, code: 'elsewhere', title: 'Another node owns the channel' },
  overloaded: again,
  'owner-lost': again,
  'broker-away': again,
  draining: again,
} as const satisfies Record<SendFault | AssetRefusal | 'client-id-invalid' | 'body-invalid', OperatorRefusal>
