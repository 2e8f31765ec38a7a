// What a namespace may say, as data: it is judged by this table and printed from it. Bounds are those of the settings
// that hold where a namespace says nothing.
import type { Members } from '../../std/setting.ts'
import { engineSection, historySection } from '../settings.ts'

const history = historySection.fields
const engine = engineSection.fields

export const namespaceMembers = {
  pattern: {
    required: true,
    setting: {
      type: 'text',
      default: '',
      doc: 'The channels that it is for: a star stands for any characters.',
    },
  },
  historySize: { setting: history.size, as: [historySection.name, 'size'] },
  historyTtlMs: { setting: history.ttlMs, as: [historySection.name, 'ttlMs'] },
  historyBytesMax: { setting: history.bytesMax, as: [historySection.name, 'bytesMax'] },
  policy: { setting: engine.policy, as: [engineSection.name, 'policy'] },
  priority: {
    setting: {
      type: 'choice',
      choices: ['high', 'normal', 'low'],
      default: 'normal',
      doc: 'Whose publications go first: in a turn of a worker, and to a connection that has several channels and is slow.',
    },
  },
  outboxBytesMax: { setting: engine.outboxBytesMax, as: [engineSection.name, 'outboxBytesMax'] },
  outboxAgeMsMax: { setting: engine.outboxAgeMsMax, as: [engineSection.name, 'outboxAgeMsMax'] },
  subscribersMax: { setting: engine.subscribersMax, as: [engineSection.name, 'subscribersMax'] },
  publish: {
    setting: {
      type: 'list',
      default: [],
      doc: 'Protocols that may publish, admin for the HTTP API; left out: all, an empty list: nobody.',
    },
  },
  subscribe: {
    setting: {
      type: 'list',
      default: [],
      doc: 'Protocols whose clients may subscribe, admin for the HTTP API; left out: all, an empty list: nobody.',
    },
  },
} as const satisfies Members
