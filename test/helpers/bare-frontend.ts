// A protocol that is declared and never opened, for tests of what is read of front-ends.
import type { Frontend, FrontendSection } from '../../src/frontends/frontend.ts'

/** `fields` beside those that every one has here. */
export function bareFrontend(name: string, fields: Partial<FrontendSection['fields']> = {}): Frontend {
  return {
    name,
    clients: 'tests',
    section: {
      name,
      fields: {
        listen: { type: 'address', default: '127.0.0.1:0', doc: '' },
        shardPorts: { type: 'address', default: 'off', doc: '' },
        subscribe: { type: 'list', default: [], doc: '' },
        publish: { type: 'list', default: [], doc: '' },
        ...fields,
      },
    },
    open: () => {
      throw new Error('not opened here')
    },
    greeting: () => [],
  }
}
