// A front-end with bugs on demand: each path of `/throw` fails in another place, `/hang` and `/fill` never recover.

import type { Subscriber } from '../../../src/engine/reader/subscriber.ts'
import { Wire } from '../../../src/engine/reader/wire.ts'
import { parseChannelName } from '../../../src/engine/words/publication.ts'
import type { Frontend, FrontendContext } from '../../../src/frontends/frontend.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import type { Section, SectionValues } from '../../../src/std/setting.ts'

const section = {
  name: 'faulty',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:0', doc: 'Address.' },
    shardPorts: { type: 'address', default: '127.0.0.1:0', doc: 'One address per worker.' },
    subscribe: { type: 'list', default: [], doc: 'Channels.' },
    publish: { type: 'list', default: [], doc: 'Channels.' },
  },
} as const satisfies Section

type Fault = (exchange: Exchange, context: FrontendContext<SectionValues<typeof section>>) => void

function fail(): never {
  throw new Error('a bug on demand')
}

const content = { kind: 'json', payload: Buffer.from('0') } as const

/** Each ends the worker in another place of the code. */
const faults: Readonly<Record<string, Fault>> = {
  '/throw/handler': fail,
  '/throw/body': exchange => exchange.readBody(99, fail),
  '/throw/turn': () => void setImmediate(fail),
  '/throw/rejection': () => void Promise.reject(new Error('a rejection on demand')),

  /** The client stalls and resumes. */
  '/throw/drained'(exchange) {
    const held = exchange.hold({ status: 200 }, Buffer.from('first'), { drained: fail, closed() {} })
    while (held?.write(Buffer.alloc(16_384))) {}
  },

  /** The answer to a publish comes over a link when another worker owns the channel. */
  '/throw/link'(_exchange, { engine }) {
    let here = true
    for (let index = 0; here; index++) {
      const channel = parseChannelName(`fault-${index}`)
      if (channel === undefined) fail()
      let answered = false
      engine.publish({ channel, content, via: 'faulty' }, () => {
        if (!here) fail()
        answered = true
      })
      here = answered
    }
  },

  /** The hub encodes for this subscriber at the end of a turn. */
  '/throw/encode'(_exchange, { engine }) {
    const channel = parseChannelName('fault')
    if (channel === undefined) fail()
    const subscriber: Subscriber = {
      wire: new Wire(),
      format: { id: 'faulty', encode: fail },
      attached: () => engine.publish({ channel, content, via: 'faulty' }, () => {}),
      offer: () => true,
      gap: () => false,
      close() {},
    }
    engine.subscribe(channel, subscriber, { via: 'faulty' })
  },

  '/hang'() {
    for (;;) {}
  },

  '/fill'() {
    const kept: unknown[] = []
    setInterval(() => kept.push(Array.from({ length: 2_000 }, (_, index) => ({ text: `${index}` }))), 10)
  },

  '/fill/fast'() {
    const kept: unknown[] = []
    for (;;) kept.push(Array.from({ length: 3_000 }, (_, index) => ({ text: `${index}` })))
  },
}

/** Paths that end one worker. */
export const throwing: readonly string[] = Object.keys(faults).filter(path => path.startsWith('/throw'))

export const frontend: Frontend<typeof section> = {
  name: section.name,
  clients: 'tests of bugs',
  section,
  open: context => ({
    handle(exchange) {
      const fault = faults[exchange.path]
      if (fault === undefined) exchange.reply({ status: 204 })
      else fault(exchange, context)
    },
    statistics: () => ({}),
  }),
  greeting: () => [],
}
