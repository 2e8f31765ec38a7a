// What a client may cost, whoever it is: each bound with the reason for its number.
import type { Section, SectionValues } from '../std/setting.ts'

export const netSection = {
  name: 'net',
  fields: {
    clientTurnMsMax: {
      type: 'integer',
      unit: 'ms',
      // Everybody else on the worker waits for so long.
      default: 100,
      min: 10,
      max: 10_000,
      doc: 'Processor time that one client may take of one turn of a worker; beyond it a WebSocket is closed with 1008, and the connection of a body is cut.',
    },
    clientTurnCallbacksMax: {
      type: 'integer',
      unit: 'count',
      // Small messages cost 1 µs of time and half a kilobyte of memory until the turn ends: some 5 MB.
      default: 10_000,
      min: 32,
      max: 10_000_000,
      doc: 'Messages, pings, pongs or pieces of a body that one client may send within one turn of a worker; beyond it as above.',
    },
    turnMsMax: {
      type: 'integer',
      unit: 'ms',
      // Two greedy clients; from the third on they get what a client with nothing but a request needs.
      default: 200,
      min: 10,
      max: 10_000,
      doc: 'Processor time of one turn of a worker, all clients together, from which on each gets a few messages or pieces more of that turn.',
    },
    turnRequestsMax: {
      type: 'integer',
      unit: 'count',
      // 20 publishers who pipeline 200 posts each are 4,000 where a busy machine hands over all at once. 5,000 answers that
      // nobody reads hold 1 MB, and take 100 ms; processor time bounds the turn before, where requests cost more.
      default: 5_000,
      min: 32,
      max: 1_000_000,
      doc: 'Requests in one turn of a worker that are answered at once; later ones are answered at its end, and whoever pipelines behind one of them is closed.',
    },
    controlFramesMax: {
      type: 'integer',
      unit: 'count',
      // Clients that measure the round trip with each frame of a picture send 60.
      default: 100,
      min: 1,
      max: 1_000_000,
      doc: 'Pings and pongs a second of one WebSocket, on average over the time between our pings; beyond it it is closed with 1008.',
    },
    bodiesBytesMax: {
      type: 'integer',
      unit: 'bytes',
      // 64 of the largest bodies that any protocol takes.
      default: 67_108_864,
      min: 1_048_576,
      max: 68_719_476_736,
      doc: 'Bytes that a worker holds of bodies that are not complete; beyond it the oldest of them is refused.',
    },
    bodyMsMax: {
      type: 'integer',
      unit: 'ms',
      // A megabyte at 35 KB/s. The socket layer cuts whoever sends less than 16 KB/s.
      default: 30_000,
      min: 100,
      max: 3_600_000,
      doc: 'Time that a body may take from its first byte to its last before it is refused.',
    },
    lingerMsMax: {
      type: 'integer',
      unit: 'ms',
      // As long as nginx does.
      default: 30_000,
      min: 0,
      max: 600_000,
      doc: 'Time for which the rest of a refused body is read and dropped, so that a client which is still sending sees the refusal.',
    },
    lingerBytesMax: {
      type: 'integer',
      unit: 'bytes',
      // Sixteen times the largest body that is taken: beyond that nobody is merely mistaken.
      default: 16_777_216,
      min: 0,
      max: 68_719_476_736,
      doc: 'Bytes of a refused body that are read and dropped at most.',
    },
  },
} as const satisfies Section

export type NetSettings = SectionValues<typeof netSection>
