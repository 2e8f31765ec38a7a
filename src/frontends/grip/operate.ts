// What operators do with the connections of clients, on the admin listener: look who is held, and close one by its id.
import type { OperatorCall, OperatorRefusal, OperatorRoute } from '../operate.ts'
import type { ConnectionRow, Connections } from './control/connections.ts'

const all = 'connections'
const one = 'connections/{id}'

export const operatorRoutes: readonly OperatorRoute[] = [
  { path: all, methods: ['GET'] },
  { path: one, methods: ['DELETE'] },
]

/** Of one answer. Each costs a call of the kernel's, and the admin listener is for people. */
const limitMax = 1_000
const limitUsual = 100
/** A UUID of ours has 36; a WebSocket's may be another's. */
const idLengthMax = 128

const listTopic = 'connections '
const closeTopic = 'close '

export interface OperatorContext {
  readonly connections: Connections
  gather(topic: string, done: (reports: readonly unknown[]) => void): void
}

export class Operator {
  readonly #context: OperatorContext

  constructor(context: OperatorContext) {
    this.#context = context
  }

  operate(call: OperatorCall): void {
    if (call.route === one) return this.#close(call, call.segments['id'] ?? '')
    const query = new URLSearchParams(call.exchange.query ?? '')
    const limit = query.get('limit') ?? String(limitUsual)
    if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > limitMax)
      return call.refuse(refusals['limit-invalid'])
    const channel = query.get('channel') ?? undefined
    this.#list(call, Number(limit), channel)
  }

  /** This worker's part; undefined: the topic is another's. */
  report(topic: string): unknown {
    const { connections } = this.#context
    if (topic.startsWith(listTopic)) {
      const { limit, channel } = JSON.parse(topic.slice(listTopic.length)) // as `#list` of this build wrote it
      return connections.list(limit, channel)
    }
    if (!topic.startsWith(closeTopic)) return undefined
    const found = connections.find(topic.slice(closeTopic.length))
    found?.close()
    return found !== undefined
  }

  #list(call: OperatorCall, limit: number, channel: string | undefined): void {
    // One more tells whether there are more.
    this.#context.gather(listTopic + JSON.stringify({ limit: limit + 1, channel }), reports =>
      call.exchange.guarded(() => {
        const rows = (reports as readonly (readonly ConnectionRow[])[]).flat() // `report` of this build
        const body = { connections: rows.slice(0, limit), truncated: rows.length > limit }
        call.answer(200, JSON.stringify(body))
      }),
    )
  }

  #close(call: OperatorCall, id: string): void {
    if (id === '' || id.length > idLengthMax) return call.refuse(refusals['connection-unknown'])
    this.#context.gather(closeTopic + id, reports =>
      call.exchange.guarded(() => {
        if (reports.includes(true)) call.answer(200, JSON.stringify({ id, closed: true }))
        else call.refuse(refusals['connection-unknown'])
      }),
    )
  }
}

const refusals = {
  'limit-invalid': {
    status: 422,
    code: 'limit-invalid',
    title: 'The limit is no number from 1 to 1000',
  },
  'connection-unknown': {
    status: 404,
    code: 'connection-unknown',
    title: 'No held connection has this id',
  },
} as const satisfies Readonly<Record<string, OperatorRefusal>>
