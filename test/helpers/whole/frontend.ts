// A front-end that declares whatever the contract lets it: three doors, one of them per worker and one with a room of its
// own, defaults for channels, routes on the admin listener, and questions to other workers.
import type { Frontend, FrontendContext, FrontendRoom } from '../../../src/frontends/frontend.ts'
import { formatAddress } from '../../../src/std/address.ts'
import type { Section } from '../../../src/std/setting.ts'
import { readWorkerData } from '../../../src/threads/station.ts'

const section = {
  name: 'whole',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:0', doc: 'Address.' },
    controlListen: { type: 'address', default: '127.0.0.1:0', doc: 'Address for control.' },
    nearListen: { type: 'address', default: '127.0.0.1:0', doc: 'One address per worker.' },
    kept: {
      type: 'records',
      default: [],
      recordsMax: 3,
      doc: 'Channels with a history.',
      members: {
        pattern: { required: true, setting: { type: 'text', default: '', doc: 'Which.' } },
        size: {
          setting: { type: 'integer', unit: 'count', default: 3, min: 0, max: 9, doc: 'How long it is.' },
        },
      },
    },
    subscribe: { type: 'list', default: [], doc: 'Channels.' },
    publish: { type: 'list', default: [], doc: 'Channels.' },
  },
} as const satisfies Section

/** Longer than rooms of all workers are waited for. */
const lateMs = 600

type Context = Pick<FrontendContext<unknown>, 'ask' | 'gather' | 'ownAddresses'>

/** `/ask/QUESTION/KEY` asks the owner of the key, `/gather/TOPIC` all workers, `/own` says where the node listens. */
function open({ ask, gather, ownAddresses }: Context): FrontendRoom {
  const { slot } = readWorkerData()
  return {
    handle(exchange) {
      const [, what, question = '', key = ''] = exchange.path.split('/')
      const reply = (answer: unknown) =>
        exchange.guarded(() => exchange.reply({ status: 200, body: JSON.stringify({ slot, answer }) }))
      if (what === 'ask') ask(key, question, reply)
      else if (what === 'gather') gather(question, reply)
      else if (what === 'own') reply(ownAddresses.map(formatAddress))
      else exchange.reply({ status: 200, body: exchange.byShard ? 'near' : 'main' })
    },
    answer: (key, question) => answerTo(question, `${key} at ${slot}`),
    report: topic => answerTo(topic, slot),
    doors: { control: { handle: exchange => exchange.reply({ status: 200, body: 'control' }) } },
    operate: call => {
      const { route, segments } = call
      if (route === 'notes')
        return call.readBody(body => call.answer(201, JSON.stringify(String(Buffer.from(body)))))
      if (segments['id'] === 'none')
        return call.refuse({ status: 404, code: 'note-unknown', title: 'There is no such note' })
      call.answer(200, JSON.stringify({ ...segments, method: call.exchange.method }))
    },
    statistics: () => ({}),
  }
}

/** The thread that is asked `late` is busy first; the one that is asked to `fail` has a bug. */
function answerTo(question: string, answer: unknown): unknown {
  if (question === 'fail') throw new Error('a bug on demand')
  if (question === 'late') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lateMs)
  return answer
}

export const frontend: Frontend<typeof section> = {
  name: section.name,
  clients: 'tests of the contract',
  section,
  doors: [
    { setting: 'listen' },
    { name: 'control', setting: 'controlListen' },
    { name: 'near', setting: 'nearListen', perWorker: true },
  ],
  operate: [
    { path: 'notes', methods: ['POST'] },
    { path: 'notes/{id}', methods: ['GET', 'DELETE'] },
    { path: 'notes/{id}/pages/{page}', methods: ['GET'] },
  ],
  open,
  channels: ({ kept }) => kept.map(({ pattern, size = 3 }) => ({ pattern, historySize: size })),
  greeting: () => [],
}
