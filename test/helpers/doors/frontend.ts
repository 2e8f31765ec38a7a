// A front-end with doors of its own: its main one, one for control with a room of its own, and one per worker.
import type { Frontend } from '../../../src/frontends/frontend.ts'
import type { Section } from '../../../src/std/setting.ts'

const section = {
  name: 'doors',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:0', doc: 'Address.' },
    controlListen: { type: 'address', default: '127.0.0.1:0', doc: 'Address for control.' },
    nearListen: { type: 'address', default: '127.0.0.1:0', doc: 'One address per worker.' },
    subscribe: { type: 'list', default: [], doc: 'Channels.' },
    publish: { type: 'list', default: [], doc: 'Channels.' },
  },
} as const satisfies Section

export const frontend: Frontend<typeof section> = {
  name: section.name,
  clients: 'tests of doors',
  section,
  doors: [
    { setting: 'listen' },
    { name: 'control', setting: 'controlListen' },
    { name: 'near', setting: 'nearListen', perWorker: true },
  ],
  open: () => ({
    handle: exchange => exchange.reply({ status: 200, body: exchange.byShard ? 'near' : 'main' }),
    doors: { control: { handle: exchange => exchange.reply({ status: 200, body: 'control' }) } },
    statistics: () => ({}),
  }),
  greeting: () => [],
}
