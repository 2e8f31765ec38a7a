// A front-end that declares whatever the contract lets it: three doors, one of them per worker and one with a room of its
// own, defaults for channels, and routes on the admin listener.
import type { Frontend } from '../../../src/frontends/frontend.ts'
import type { Section } from '../../../src/std/setting.ts'

const section = {
  name: 'whole',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:0', doc: 'Address.' },
    controlListen: { type: 'address', default: '127.0.0.1:0', doc: 'Address for control.' },
    nearListen: { type: 'address', default: '127.0.0.1:0', doc: 'One address per worker.' },
    keep: {
      type: 'integer',
      unit: 'count',
      default: 3,
      min: 0,
      max: 9,
      doc: 'History of kept.*.',
    },
    subscribe: { type: 'list', default: [], doc: 'Channels.' },
    publish: { type: 'list', default: [], doc: 'Channels.' },
  },
} as const satisfies Section

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
  open: () => ({
    handle: exchange => exchange.reply({ status: 200, body: exchange.byShard ? 'near' : 'main' }),
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
  }),
  channels: ({ keep }) => [{ pattern: 'kept.*', historySize: keep }],
  greeting: () => [],
}
