// A node with one worker, healthy clients of every protocol on it, and a flood: who notices, and what it costs.
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Daemon, startDaemon } from '../daemon.ts'
import { Witness } from '../hostile/witness.ts'
import { heartbeats } from '../protocols/streaming.ts'
import { RawClient } from '../raw-client.ts'
import { frame, handshake, opcode, RawWebSocket } from '../raw-websocket.ts'
import { type FloodReport, flood } from './flooder.ts'
import type { Flood } from './kinds.ts'

export interface Siege extends FloodReport {
  /** What the process took more of memory at its most, in bytes. */
  readonly grownBytes: number
  /** Longest that a healthy publish waited for its answer. */
  readonly waitMs: number
  readonly published: number
}

const warmUpRounds = 100
const warmUpMessages = 4_000

/** What a node under siege is started with: a stream that is silent for 15 s counts as lost. */
const environment = {
  ...heartbeats(1_000),
  RINGCAST_PINGHUB_SHARD_PORTS: '127.0.0.1:0',
}

/** It has worked a little: memory that V8 takes once, for whatever is young, is no growth. */
export async function startBesieged(t: TestContext): Promise<Daemon> {
  const daemon = await startDaemon({ workers: 1, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  const socket = await new RawWebSocket(new RawClient(daemon.address('pinghub'))).open(handshake('/warm-up'))
  const some = Buffer.concat(Array.from({ length: warmUpMessages }, () => frame(opcode.text, 'warm up')))
  for (let round = 1; round <= warmUpRounds; round++) {
    socket.client.send(some)
    await socket.frame(round * warmUpMessages - 1)
  }
  socket.client.leave()
  return daemon
}

/** Throws where a healthy client missed anything. `place`: in front of the node, with the prefix of its paths. */
export async function besiege(
  daemon: Daemon,
  kind: Flood,
  ms: number,
  place: { readonly address: string; readonly prefix?: string } = { address: daemon.address(kind.listener) },
): Promise<Siege> {
  const witness = await Witness.start(daemon, { ofAll: true })
  try {
    const before = residentBytes(daemon)
    let most = before
    const watch = setInterval(() => {
      most = Math.max(most, residentBytes(daemon))
    }, 20)
    const report = await flood(kind, place.address, ms, place.prefix).finally(() => clearInterval(watch))
    await witness.finish()
    return { ...report, grownBytes: most - before, waitMs: witness.slowestMs, published: witness.published }
  } finally {
    witness.leave()
  }
}

/** One line for people. */
export function describeSiege(name: string, siege: Siege): string {
  const { bytes, connections, grownBytes, published, waitMs } = siege
  const words = Object.entries(siege.words).map(([word, count]) => `${count} × ${word}`)
  return [
    `${name}: ${connections} connections, ${(bytes / 1e6).toFixed(0)} MB`,
    `closed with ${words.join(', ') || 'nothing'}`,
    `RSS +${(grownBytes / 1e6).toFixed(0)} MB`,
    `${published} healthy publishes, the longest wait ${waitMs.toFixed(0)} ms`,
  ].join('; ')
}

function residentBytes({ pid }: Daemon): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}
