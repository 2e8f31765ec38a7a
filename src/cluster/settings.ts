// How nodes are joined: section `cluster`. What is wrong with it beyond types stands in mistakes.ts, what its addresses mean
// in places.ts.
import type { Section, SectionValues } from '../std/setting.ts'

export const clusterSection = {
  name: 'cluster',
  fields: {
    mode: {
      type: 'choice',
      choices: ['solo', 'redis'],
      default: 'solo',
      doc: 'solo: this node alone orders its channels. redis: all nodes with the same Redis and the same prefix share them.',
    },
    url: {
      type: 'list',
      default: [],
      doc: 'Where Redis is: redis://host:port, or rediss:// for TLS; several of them are servers of one Redis Cluster. redis+sentinel://host:port,host:port/name: the master of that name, as these Sentinels know it. User and password have settings of their own.',
    },
    username: {
      type: 'text',
      default: '',
      doc: 'User of Redis; empty: the default one.',
    },
    password: {
      type: 'secret',
      optional: true,
      doc: 'Password of that user; without one nobody logs in.',
    },
    caFile: {
      type: 'text',
      default: '',
      isTrusted: true,
      doc: 'File in PEM with the certificates that may vouch for Redis, in place of those of the system.',
    },
    prefix: {
      type: 'text',
      default: 'rc',
      doc: 'What all keys and channels in Redis begin with: two clusters that share one server need different ones.',
    },
    partitions: {
      type: 'integer',
      unit: 'count',
      // Even over 16 masters; more make batches emptier.
      default: 64,
      min: 1,
      max: 64,
      doc: 'Parts into which a Redis Cluster spreads the channels. The first node of a cluster decides for all.',
    },
    timeoutMs: {
      type: 'integer',
      unit: 'ms',
      // Three pings; a server that was paused came back, or did not, long before.
      default: 1_500,
      min: 100,
      max: 60_000,
      doc: 'Time for each answer of Redis, after which the connection is given up.',
    },
    pingMs: {
      type: 'integer',
      unit: 'ms',
      default: 500,
      min: 20,
      max: 30_000,
      doc: 'Period of the round trips that show that publications arrive.',
    },
    acks: {
      type: 'choice',
      choices: ['master', 'replica'],
      default: 'master',
      doc: 'When a publish is answered. master: once the master has it; a fail-over may lose it, and is a gap for all subscribers. replica: once a replica has it, so that a fail-over loses nothing; without a replica publishes are refused.',
    },
    publishBytesMax: {
      type: 'integer',
      unit: 'bytes',
      default: 16_777_216,
      min: 65_536,
      max: 1_073_741_824,
      doc: 'Bytes of publishes that wait in one worker for Redis; beyond it more are refused.',
    },
    lingerMs: {
      type: 'integer',
      unit: 'ms',
      // As long as clients take to come back, all of them.
      default: 30_000,
      min: 0,
      max: 3_600_000,
      doc: 'Time for which a channel that lost its last subscriber is followed still.',
    },
    presence: {
      type: 'choice',
      choices: ['cluster', 'node'],
      default: 'cluster',
      doc: 'Whose subscribers are counted. cluster: those of all nodes, within some 2 s. node: those of the node that is asked, which costs Redis nothing.',
    },
    unreadyAfterMs: {
      type: 'integer',
      unit: 'ms',
      // A fail-over takes 3 to 5 s, and must not make a balancer take all nodes out at once.
      default: 10_000,
      min: 0,
      max: 3_600_000,
      live: true,
      doc: 'Time for which Redis may be away before the node says that it is not ready.',
    },
  },
} as const satisfies Section

export type ClusterSettings = SectionValues<typeof clusterSection>
