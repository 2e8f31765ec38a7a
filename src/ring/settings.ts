// The section of a ring: nodes without a broker that share channels by the map of the proxy in front of them.
import type { RecordOf, Section, SectionValues } from '../std/setting.ts'

export const ringSection = {
  name: 'ring',
  fields: {
    generation: {
      type: 'integer',
      unit: 'count',
      default: 1,
      min: 1,
      max: 999_999_999,
      live: true,
      doc: 'Number of this list of nodes: raise it on all of them with every change of the list.',
    },
    self: { type: 'text', default: '', doc: 'Name of this node in the list.' },
    nodes: {
      type: 'records',
      default: [],
      // Each worker of each asks each other node how it is.
      recordsMax: 100,
      live: true,
      members: {
        name: {
          required: true,
          setting: { type: 'text', default: '', doc: 'Up to 64 letters, digits and .-_.' },
        },
        host: {
          required: true,
          setting: {
            type: 'text',
            default: '',
            doc: 'IP address at which the proxy connects to its shard ports, as it stands in the configuration of the proxy.',
          },
        },
        workers: {
          required: true,
          setting: {
            type: 'integer',
            unit: 'count',
            default: 1,
            min: 1,
            max: 256,
            doc: 'Its worker threads.',
          },
        },
        weight: {
          setting: {
            type: 'integer',
            unit: 'count',
            default: 1,
            min: 1,
            max: 100,
            doc: 'Share of the channels that each of its workers has, beside the others.',
          },
        },
        peer: {
          required: true,
          setting: {
            type: 'text',
            default: '',
            doc: 'Address of its peer listener, host:port, as other nodes reach it.',
          },
        },
        shardPorts: {
          setting: {
            type: 'list',
            default: [],
            doc: 'First shard port of a protocol, as in name=8090, where it is not the port that this node has itself.',
          },
        },
      },
      doc: 'Nodes that share all channels, the same list in the same order on each of them; empty: this node has them all.',
    },
    map: {
      type: 'choice',
      choices: ['auto', 'plain'],
      default: 'auto',
      doc: 'How a proxy finds the worker of a channel. auto: nginx hash consistent where one protocol has shard ports, else plain; plain: hash alone, which HAProxy computes too.',
    },
    listen: {
      type: 'address',
      default: 'off',
      doc: "Address of the peer listener, where it is not the peer address of this node's own entry. Without a list of nodes there is none.",
    },
    secret: {
      type: 'secret',
      optional: true,
      isPresented: true,
      live: true,
      doc: 'Secret of the peer listeners, the same on all nodes; required with a list of nodes.',
    },
    timeoutMs: {
      type: 'integer',
      unit: 'ms',
      // A stall of a node that is not dead ends within it; a publisher gives up after it.
      default: 5_000,
      min: 100,
      max: 60_000,
      live: true,
      doc: 'Time for the answer of another node.',
    },
    bodyBytesMax: {
      type: 'integer',
      unit: 'bytes',
      // The largest body that any protocol can be set to take, and what is said beside it.
      default: 17_825_792,
      min: 65_536,
      max: 67_108_864,
      live: true,
      doc: 'Largest request between two nodes, and largest answer; a publication beyond it is refused.',
    },
    waitingBytesMax: {
      type: 'integer',
      unit: 'bytes',
      // What comes in the 5 s of a node that stalls, at 6 MB/s.
      default: 33_554_432,
      min: 65_536,
      max: 1_073_741_824,
      live: true,
      doc: 'Bytes of publications that wait in one worker for one other node; beyond it publishes are refused. A single one may be larger.',
    },
  },
} as const satisfies Section

export type RingSettings = SectionValues<typeof ringSection>

/** A node as the settings have it. */
export type NodeRecord = RecordOf<(typeof ringSection)['fields']['nodes']['members']>
