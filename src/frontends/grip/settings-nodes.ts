// What GRIP's publishes are where nodes are joined.
import type { Section } from '../../std/setting.ts'

export const nodesFields = {
  publishes: {
    type: 'choice',
    isOfNodes: true,
    choices: ['cluster', 'node'],
    default: 'cluster',
    doc: 'Where nodes are joined. cluster: an item that is published at one comes to the clients of all. node: to the clients of that node alone, for publishers that tell each node everything; what other protocols publish does not come to GRIP then, nor the other way.',
  },
} as const satisfies Section['fields']
