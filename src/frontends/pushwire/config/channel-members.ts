// What one channel of the configuration may say, as data: it is judged by this table and printed from it. What the members
// mean together is in config.ts and channel-mistakes.ts (contract §16).
import type { Members } from '../../../std/setting.ts'

const kib = 1_024
const mib = 1_024 * kib
const minuteMs = 60_000
const dayMs = 1_440 * minuteMs

/** What a channel keeps and does where it says nothing, with bounds for both (contract §3.1, §3.5, §4). */
export const channelDefaults = {
  ring: {
    type: 'integer',
    unit: 'count',
    default: 256,
    min: 0,
    max: 1_000_000,
    doc: 'Frames that a channel keeps for clients that resume, for each client in client scope; 0: none.',
  },
  ringBytes: {
    type: 'integer',
    unit: 'bytes',
    default: 4 * mib,
    min: 0,
    max: 1_024 * mib,
    doc: 'Bytes of such frames, counted as in history.bytes_max.',
  },
  ringAgeMs: {
    type: 'integer',
    unit: 'ms',
    default: 15 * minuteMs,
    min: 1,
    max: 30 * dayMs,
    doc: 'Age at which a frame is no longer kept.',
  },
  retentionMs: {
    type: 'integer',
    unit: 'ms',
    default: 15 * minuteMs,
    min: 1_000,
    max: dayMs,
    doc: 'How long the streams of a client outlive its last connection, in client scope.',
  },
  overflow: {
    type: 'choice',
    choices: ['gap', 'close'],
    default: 'gap',
    doc: 'A client that is further behind than is kept is told of a gap and goes on, or is closed with 1013.',
  },
} as const

const section = 'pushwire'

export const channelMembers = {
  name: {
    required: true,
    setting: {
      type: 'text',
      default: '',
      doc: 'A lower-case letter, and up to 63 of lower-case letters, digits, and _ . - behind it; with * a pattern of channels, each made when it is first used. In channel scope it is the name of the channel for all protocols.',
    },
  },
  wireId: {
    setting: {
      type: 'integer',
      unit: 'count',
      default: 0,
      min: 0,
      max: 255,
      doc: 'Its number in binary frames; left out: it is spoken of by name alone.',
    },
  },
  priority: {
    setting: {
      type: 'integer',
      unit: 'count',
      default: 1,
      min: 0,
      max: 255,
      doc: 'Behind a full socket 0 goes before 1, and that before all others; left out: 1.',
    },
  },
  system: {
    setting: {
      type: 'boolean',
      default: false,
      doc: 'It carries what client and node tell each other, and nothing else. Exactly one channel does.',
    },
  },
  handler: {
    setting: {
      type: 'choice',
      choices: ['none', 'broadcast', 'publish', 'webhook'],
      default: 'none',
      doc: 'What becomes of frames of clients: refused, sent to all subscribers, published to the channel of to, posted to url; left out: none.',
    },
  },
  scope: {
    setting: {
      type: 'choice',
      choices: ['channel', 'client'],
      default: 'channel',
      doc: 'One stream for all, or one for each client; left out: client with publish and webhook, else channel.',
    },
  },
  ring: { setting: channelDefaults.ring, as: [section, 'ring'] },
  ringBytes: { setting: channelDefaults.ringBytes, as: [section, 'ringBytes'] },
  ringAgeMs: { setting: channelDefaults.ringAgeMs, as: [section, 'ringAgeMs'] },
  retentionMs: { setting: channelDefaults.retentionMs, as: [section, 'retentionMs'] },
  overflow: { setting: channelDefaults.overflow, as: [section, 'overflow'] },
  replayOnJoin: {
    setting: {
      type: 'boolean',
      default: false,
      doc: 'In channel scope: who names no position gets what is kept; left out: false.',
    },
  },
  includeSender: {
    setting: {
      type: 'boolean',
      default: true,
      doc: 'With broadcast: the sender gets its own frame too; false in client scope alone; left out: true.',
    },
  },
  to: {
    setting: {
      type: 'text',
      default: '',
      doc: 'With publish: the channel that frames go to; {client_id} stands for the id of the sender.',
    },
  },
  url: {
    setting: {
      type: 'text',
      default: '',
      doc: 'With webhook: where frames are posted to, http:// or https://.',
    },
  },
} as const satisfies Members
