// Two thousand requests that no honest client sends, against a real daemon: each is answered or closed, nothing hidden
// in one is ever handled, and nobody else notices.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { attack, type Hit } from '../helpers/hostile/attack.ts'
import { malformed } from '../helpers/hostile/malformed.ts'
import { aims, validRequests } from '../helpers/hostile/requests.ts'
import { disguises, numbered, type Shape, smuggling } from '../helpers/hostile/smuggling.ts'
import { Witness } from '../helpers/hostile/witness.ts'
import { until } from '../helpers/until.ts'

/** The library's own timer closes what says nothing within 12 s (src/net/README.md). */
const silenceMsMax = 16_000
/** What an answer takes is measured and printed; only a crowded machine comes near this. */
const answerMsMax = 2_000

/** Hidden publishes are told apart by numbers of six digits. */
const firstNumber = 100_000

function descriptors({ pid }: Daemon): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Every shape to an address of its listener, in turn, so that every worker gets its part. */
function shots(daemon: Daemon): { address: string; shape: Shape }[] {
  return aims.flatMap(aim => {
    const addresses = [daemon.address(aim.name), ...daemon.shards(aim.name)]
    const hidden = smuggling(aim).flatMap(shape => disguises.map(disguise => disguise(shape)))
    const all = [...hidden, ...malformed(validRequests(aim))]
    return all.map((shape, index) => ({ address: addresses[index % addresses.length] ?? '', shape }))
  })
}

/** An answer that was begun on an open connection is one; a stream stays open. */
function isOver({ answer, closed }: Hit): boolean {
  return closed || answer !== ''
}

function describe(hits: readonly Hit[]): string {
  const answered = hits.filter(({ answer }) => answer !== '')
  const times = answered.map(({ tookMs }) => tookMs ?? 0).sort((a, b) => a - b)
  const [median, most] = [times[Math.floor(times.length / 2)], times.at(-1)].map(ms => ms?.toFixed(1))
  const slowest = answered.find(({ tookMs }) => tookMs === times.at(-1))
  const silent = hits.length - answered.length
  return `${hits.length} requests: ${answered.length} answered in ${median} ms (median), ${most} ms (most: ${slowest?.shape}); ${silent} closed without an answer`
}

test('hostile requests are answered or closed, and nobody else notices', async t => {
  const daemon = await startDaemon({
    workers: 3,
    // A stream that is silent for 15 s counts as lost here.
    environment: {
      RINGCAST_ONLY: 'rpushd',
      RINGCAST_ADMIN_SECRET: adminSecret,
      RINGCAST_RPUSHD_HEARTBEAT_MS: '1000',
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const witness = await Witness.start(daemon)
  t.after(() => witness.leave())
  const before = descriptors(daemon)
  const all = shots(daemon).map(({ address, shape }, index) => ({
    address,
    shape: numbered(shape, firstNumber + index),
  }))
  ok(all.length >= 2_000, `${all.length} requests`)
  equal(new Set(all.map(({ shape, address }) => `${shape.name} ${address}`)).size, all.length)

  const hits = await attack(all)
  t.after(() => hits.forEach(({ socket }) => void socket.destroy()))
  await until('every request to be answered or closed', () => hits.every(isOver), silenceMsMax)
  t.diagnostic(describe(hits))
  t.diagnostic(
    `${witness.published} publishes beside them, the slowest answered in ${witness.slowestMs.toFixed(1)} ms`,
  )
  const slow = hits.filter(({ answer, tookMs = 0 }) => answer !== '' && tookMs > answerMsMax)
  deepEqual(
    slow.map(({ shape, tookMs }) => `${shape}: ${tookMs}`),
    [],
  )

  deepEqual(
    [...new Set(witness.smuggled)].map(number => all[number - firstNumber]?.shape.name),
    [],
    'what was hidden in these was handled',
  )
  await witness.finish()
  for (const { socket } of hits) socket.destroy()
  await until('descriptors to be given back', () => descriptors(daemon) <= before)
  deepEqual(
    daemon.log.filter(({ level }) => level >= 40),
    [],
  )
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})
