// The settings of ZeroMQ, in the section of GRIP.
import type { Setting } from '../../../std/setting.ts'

export const zmqFields = {
  zmqPull: {
    type: 'text',
    default: 'off',
    doc: 'Where publishers push items by ZeroMQ: tcp://host:port or ipc:///path. Nobody is asked who he is.',
  },
  zmqSub: {
    type: 'list',
    default: [],
    doc: 'Where publishers are heard that publish items by ZeroMQ; they are told which channels have subscribers.',
  },
  zmqSubConnect: {
    type: 'boolean',
    default: false,
    doc: 'Publishers of zmq_sub are connected to; else they connect.',
  },
  zmqCommand: {
    type: 'text',
    default: 'off',
    doc: 'Where commands are taken by ZeroMQ: tcp://host:port or ipc:///path. Nobody is asked who he is.',
  },
  zmqStats: {
    type: 'text',
    default: 'off',
    doc: 'Where statistics are published by ZeroMQ: tcp://host:port or ipc:///path.',
  },
  zmqIpcMode: {
    type: 'text',
    default: '',
    doc: 'Permission bits of the files of ipc:// sockets, in octal digits; empty: those of the process.',
  },
  zmqQueueMax: {
    type: 'integer',
    unit: 'count',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    doc: 'Messages of one publisher that ZeroMQ holds while workers are busy; beyond it his own queue holds them.',
  },
  zmqAnswerMs: {
    type: 'integer',
    unit: 'ms',
    default: 60_000,
    min: 100,
    max: 3_600_000,
    doc: 'How long the backend of a zhttpreq target may take, unless origin_head_ms says so.',
  },
  zmqRequestsMax: {
    type: 'integer',
    unit: 'count',
    default: 10_000,
    min: 1,
    max: 1_000_000,
    doc: 'Requests per worker that wait for backends of zhttpreq targets; beyond it the next target is tried.',
  },
} as const satisfies Readonly<Record<string, Setting>>
