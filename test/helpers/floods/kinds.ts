// What an enemy sends who knows how the node works: small things without pause. Plain data, for a thread of its own.
import { frame, handshake, opcode } from '../raw-websocket.ts'

export interface Flood {
  readonly name: string
  readonly listener: 'pinghub' | 'rpushd' | 'pushy' | 'grip'
  readonly connections: number
  /** Sent first, and answered where it `opens`. */
  readonly head: string
  readonly opens: boolean
  /** Sent once behind that. */
  readonly first?: string
  /** Sent again and again; `times`: at most so often on a connection. */
  readonly piece: Uint8Array
  readonly times: number
  /** It reads what comes. */
  readonly reads: boolean
  /** Code of the close frame, or status, that it gets to see without a proxy; undefined: cut without a word. */
  readonly word: 1008 | undefined
  /** The library calls nobody for it, so that nobody can close it; the others are served all the same. */
  readonly isUnseen?: true
}

/** About 300 KB at a time, so that the writer is no slower than the reader. */
function many(one: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(one as string, 'latin1') // of bytes the encoding says nothing
  return Buffer.concat(Array.from({ length: Math.ceil(300_000 / bytes.length) }, () => bytes))
}

const socket = {
  listener: 'pinghub',
  connections: 1,
  head: handshake('/flood'),
  opens: true,
  reads: true,
} as const
const endless = Number.POSITIVE_INFINITY

const get = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
const pipelined = Buffer.from(get.repeat(4_000), 'latin1')

function pipelines(listener: Flood['listener']): Flood {
  const how = { connections: 100, head: '', opens: false, piece: pipelined, times: 1, reads: false } as const
  return { name: `100 connections with 4,000 requests each (${listener})`, listener, ...how, word: undefined }
}

function crumbs(listener: Flood['listener'], target: string): Flood {
  const head = `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`
  const how = {
    connections: 12,
    head,
    opens: false,
    piece: many('1\r\nx\r\n'),
    times: endless,
    reads: true,
  } as const
  return { name: `12 bodies in one-byte chunks (${listener})`, listener, ...how, word: undefined }
}

/** An open frame, and then more of them, none with a byte; a body whose first chunk has a size that never ends. */
const unseen = { times: endless, word: undefined, isUnseen: true } as const
const open = frame(opcode.text, '', { fin: false }).toString('latin1')
const more = many(frame(opcode.continuation, '', { fin: false }))
const endlessSize = 'POST /flood HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n'

/** It is slowed down to what its target takes, and never closed. */
const gripSocket = {
  ...socket,
  listener: 'grip',
  connections: 40,
  head: handshake('/ws?channel=flood'),
  times: endless,
  word: undefined,
  isUnseen: true,
} as const

export const floods: readonly Flood[] = [
  { name: 'empty messages (grip)', ...gripSocket, piece: many(frame(opcode.text, '')) },
  { name: 'pings (grip)', ...gripSocket, piece: many(frame(opcode.ping, 'x')) },
  { name: 'fragments without a byte (grip)', ...gripSocket, first: open, piece: more },
  {
    name: 'messages of 200,000 bytes (grip)',
    ...gripSocket,
    piece: frame(opcode.binary, Buffer.alloc(200_000)),
  },
  { name: 'empty messages', ...socket, piece: many(frame(opcode.text, '')), times: endless, word: 1008 },
  { name: 'pings', ...socket, piece: many(frame(opcode.ping, '')), times: endless, word: 1008 },
  {
    name: 'messages of 7 bytes',
    ...socket,
    piece: many(frame(opcode.text, 'abcdefg')),
    times: endless,
    word: 1008,
  },
  { name: 'fragments without a byte', ...socket, ...unseen, first: open, piece: more },
  {
    name: 'a chunk size without end',
    ...socket,
    ...unseen,
    head: endlessSize,
    opens: false,
    piece: many('0'),
  },
  pipelines('pinghub'),
  pipelines('rpushd'),
  pipelines('pushy'),
  crumbs('pinghub', '/flood'),
  crumbs('rpushd', '/api/publish'),
  crumbs('pushy', '/token'),
]
