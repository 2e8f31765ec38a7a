// One operation of each kind and what it looks like, for tests of the pure parts.
import type { Operation } from '../../../src/frontends/pushwire/wire/operations.ts'

export const clientId = '7d444840-9dc0-11d1-b245-5ffdce74fad2'

interface Sample {
  readonly operation: Operation
  /** As members of a JSON object, without its braces. */
  readonly fields: string
}

const auth = {
  op: 'auth',
  clientId,
  token: 's3cret',
  capabilities: ['chat', 'system'],
  resumeCursor: 7,
  resumeCursors: new Map([['chat', 41]]),
  resumeEpochs: new Map([['chat', '9f2c01ab']]),
} as const

/** All thirteen, each with all that it can say. */
export const samples: readonly Sample[] = [
  {
    operation: auth,
    fields: `"client_id":"${clientId}","token":"s3cret","capabilities":["chat","system"],"resume_cursor":7,"resume_cursors":{"chat":41},"resume_epochs":{"chat":"9f2c01ab"}`,
  },
  {
    operation: {
      op: 'auth_ok',
      resumeCursor: 0,
      resumeCursors: auth.resumeCursors,
      resumeEpochs: auth.resumeEpochs,
    },
    fields: '"resume_cursor":0,"resume_cursors":{"chat":41},"resume_epochs":{"chat":"9f2c01ab"}',
  },
  {
    operation: { op: 'error', message: 'no', code: 'malformed' },
    fields: '"message":"no","code":"malformed"',
  },
  { operation: { op: 'ping' }, fields: '' },
  { operation: { op: 'pong' }, fields: '' },
  { operation: { op: 'slow', window: 200 }, fields: '"window":200' },
  { operation: { op: 'ack', channel: 'chat', cursor: 41 }, fields: '"channel":"chat","cursor":41' },
  {
    operation: { op: 'resume_required', channel: 'chat', fromCursor: 2 ** 53 - 1 },
    fields: '"channel":"chat","from_cursor":9007199254740991',
  },
  { operation: { op: 'subscribe', channels: ['chat', 'data'] }, fields: '"channels":["chat","data"]' },
  { operation: { op: 'unsubscribe', channels: [] }, fields: '"channels":[]' },
  { operation: { op: 'health', status: 'ok', detail: 'fine' }, fields: '"status":"ok","detail":"fine"' },
  {
    operation: { op: 'features', supported: [], requested: ['zstd'] },
    fields: '"supported":[],"requested":["zstd"]',
  },
  { operation: { op: 'goodbye', reason: 'done' }, fields: '"reason":"done"' },
]

/** Those that a client sends. */
export const clientSamples = samples.filter(({ operation: { op } }) => op !== 'auth_ok' && op !== 'error')
