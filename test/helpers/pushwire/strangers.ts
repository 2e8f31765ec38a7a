// Sockets that never say who they are, beside clients that do: what they take, and for how long.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Daemon, startDaemon } from '../daemon.ts'
import { RawClient } from '../raw-client.ts'
import { frame, handshake, opcode } from '../raw-websocket.ts'
import { until } from '../until.ts'
import { clientIdOf, Tracker, WireClient } from './wire-client.ts'

interface Siege {
  readonly strangers: number
  readonly silentMax: number
  readonly authMs: number
  /** Of a message that is not complete, which each of them sends. */
  readonly partBytes: number
  /** What the node may grow by for each that may be there at a time, beside what it sent. */
  readonly grownBytesMax: number
}

/** Opened at a time. */
const openingMax = 200

function residentBytes({ pid }: Daemon): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}

async function silentOf(daemon: Daemon): Promise<Readonly<Record<string, number>>> {
  return (await daemon.statistics())[0]?.['pushwire'] ?? {}
}

export async function besiege(t: TestContext, siege: Siege): Promise<void> {
  const { authMs, grownBytesMax, partBytes, silentMax, strangers } = siege
  const daemon = await startDaemon({
    workers: 1,
    environment: {
      RINGCAST_ONLY: 'pushwire',
      RINGCAST_PUSHWIRE_AUTH_MS: `${authMs}`,
      RINGCAST_PUSHWIRE_SILENT_MAX: `${silentMax}`,
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const address = daemon.address('pushwire')
  const tracker = new Tracker()
  const witness = new WireClient(address, 'socket', { clientId: clientIdOf(0), channels: ['chat'], tracker })
  await until('the witness to be let in', () => witness.isLive)
  const before = residentBytes(daemon)
  const part = frame(opcode.text, 'x'.repeat(partBytes), { declared: 1_000_000 })
  const all: RawClient[] = []
  let most = 0
  let published = 0
  while (all.length < strangers) {
    const opened = Array.from({ length: Math.min(openingMax, strangers - all.length) }, () =>
      new RawClient(address).send(handshake('/rps')),
    )
    all.push(...opened)
    await until('handshakes', () => opened.every(({ size, closed }) => size > 0 || closed))
    if (partBytes > 0) for (const stranger of opened) stranger.send(part)
    witness.send({ channel: 'chat', payload: published++ })
    // Whoever speaks at once gets in, however many are silent.
    const honest = new WireClient(address, 'socket', {
      clientId: clientIdOf(1),
      channels: ['chat'],
      tracker: new Tracker(),
    })
    await until('a client to be let in', () => honest.isLive || honest.isClosed)
    ok(honest.isLive, `it ended with ${honest.code}`)
    honest.leave()
    const { silent = Number.NaN } = await silentOf(daemon)
    ok(silent <= silentMax, `${silent} are silent, ${silentMax} may be`)
    most = Math.max(most, residentBytes(daemon) - before)
  }
  await until('strangers to be sent away', () => all.every(({ closed }) => closed))
  const { silent, silentMaxExceeded = 0, authTimeouts = 0, sockets } = await silentOf(daemon)
  deepEqual([silent, silentMaxExceeded + authTimeouts], [0, strangers])
  equal(sockets, 1)
  await until('the witness to have everything', () => tracker.got.length === published)
  deepEqual(tracker.faults, [])
  t.diagnostic(
    `${strangers} strangers: ${silentMaxExceeded} gave way, ${authTimeouts} were late; the node grew by ${(most / 1e6).toFixed(1)} MB`,
  )
  const present = Math.min(strangers, silentMax)
  ok(most < present * (grownBytesMax + partBytes * 4) + 64e6, `the node grew by ${most} bytes`)
  witness.leave()
  for (const stranger of all) stranger.leave()
  equal(await daemon.stop(), 0)
}
