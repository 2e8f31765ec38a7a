// Thousands of requests and WebSockets that no honest client makes, against all listeners of a real daemon: each is
// answered or closed, nothing hidden in one is ever handled, and nobody else notices.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'
import { adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { attack, type Hit } from '../helpers/hostile/attack.ts'
import { malformed } from '../helpers/hostile/malformed.ts'
import { aims, validRequests } from '../helpers/hostile/requests.ts'
import { disguises, numbered, type Shape, smuggling } from '../helpers/hostile/smuggling.ts'
import { socketShapes } from '../helpers/hostile/sockets.ts'
import { Witness } from '../helpers/hostile/witness.ts'
import { heartbeats, streaming } from '../helpers/protocols/streaming.ts'
import { until } from '../helpers/until.ts'

/** A refusal is held back for a client that may still be sending: see `lingering.ts` of net. */
const lingerMsMax = 2_000
/** What an answer takes is measured and printed; on a crowded machine a healthy client waits as long. */
const answerMsMax = 2_000

/** Hidden publishes are told apart by numbers of six digits. */
const firstNumber = 100_000

function descriptors({ pid }: Daemon): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** What the library judges for all listeners alike is tried whole on these two, and in parts on the others. */
const isTriedWhole: readonly string[] = [streaming.at(-1)?.name ?? '', 'admin']
const sockets = Object.hasOwn(registry, 'pinghub') ? socketShapes() : []
const partOf = 3

/**
 * Every shape to an address of its listener, in turn, so that every worker gets its part. The last ones are sent first:
 * WebSockets, whose ends may take longest.
 */
function shots(daemon: Daemon): { address: string; shape: Shape }[] {
  const shapes = aims.map(aim => {
    const step = isTriedWhole.includes(aim.name) ? 1 : partOf
    const hidden = smuggling(aim).flatMap((shape, turn) =>
      disguises.filter((_, index) => (index + turn) % step === 0).map(disguise => disguise(shape)),
    )
    const broken = malformed(validRequests(aim)).filter((_, index) => index % step === 0)
    return { listener: aim.name, all: [...hidden, ...broken] }
  })
  return [...shapes, { listener: 'pinghub', all: sockets }].flatMap(({ listener, all }) => {
    const addresses = [daemon.address(listener), ...daemon.shards(listener)]
    return all.map((shape, index) => ({ address: addresses[index % addresses.length] ?? '', shape }))
  })
}

/** An answer that was begun on an open connection is one; a stream stays open. */
function isOver({ answer, client, shape }: Hit): boolean {
  return client.closed || (answer !== '' && !shape.ends)
}

function describe(hits: readonly Hit[]): string {
  const answered = hits.filter(({ answer }) => answer !== '')
  const times = answered.map(({ tookMs }) => tookMs ?? 0).sort((a, b) => a - b)
  const [median, most] = [times[Math.floor(times.length / 2)], times.at(-1)].map(ms => ms?.toFixed(1))
  const slowest = answered.find(({ tookMs }) => tookMs === times.at(-1))
  const silent = hits.length - answered.length
  return `${hits.length} requests: ${answered.length} answered in ${median} ms (median), ${most} ms (most: ${slowest?.shape.name}); ${silent} closed without an answer`
}

/**
 * Throws with the names of those that hang: the library's own timers close what says nothing within 12 s, and what answers
 * no close frame within 16 s.
 */
async function settled(hits: readonly Hit[]): Promise<void> {
  try {
    await until('every request to be answered or closed', () => hits.every(isOver))
  } catch {
    deepEqual(namesOf(hits.filter(hit => !isOver(hit))), [], 'these hang')
  }
}

function namesOf(hits: readonly Hit[]): readonly string[] {
  return hits.map(({ shape, answer, tookMs }) => `${shape.name}: ${answer} (${tookMs?.toFixed(0)} ms)`)
}

test('hostile requests are answered or closed, and nobody else notices', async t => {
  const daemon = await startDaemon({
    workers: 3,
    // A stream that is silent for 15 s counts as lost here.
    environment: {
      RINGCAST_ADMIN_SECRET: adminSecret,
      ...heartbeats(1_000),
      ...(sockets.length > 0 && { RINGCAST_PINGHUB_ORIGINS: 'https://example.com' }),
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const witness = await Witness.start(daemon, { ofAll: true })
  t.after(() => witness.leave())
  const before = descriptors(daemon)
  const all = shots(daemon).map(({ address, shape }, index) => ({
    address,
    shape: numbered(shape, firstNumber + index),
  }))
  ok(all.length >= 2_000, `${all.length} requests`)
  equal(new Set(all.map(({ shape, address }) => `${shape.name} ${address}`)).size, all.length)

  const hits = await attack(all)
  t.after(() => hits.forEach(({ client }) => void client.leave()))
  await settled(hits)
  t.diagnostic(describe(hits))
  t.diagnostic(
    `${witness.published} publishes beside them, the slowest answered in ${witness.slowestMs.toFixed(1)} ms`,
  )
  const longest = lingerMsMax + Math.max(answerMsMax, 2 * witness.slowestMs)
  const slow = hits.filter(({ answer, tookMs = 0 }) => answer !== '' && tookMs > longest)
  deepEqual(namesOf(slow), [], 'these were answered late')
  const taken = hits.filter(({ answer, shape }) => shape.isNoSocket && answer.includes(' 101 '))
  deepEqual(namesOf(taken), [], 'these were taken for handshakes')
  deepEqual(
    [...new Set(witness.smuggled)].map(number => all[number - firstNumber]?.shape.name),
    [],
    'what was hidden in these was handled',
  )
  await witness.finish()
  for (const { client } of hits) client.leave()
  await until('descriptors to be given back', () => descriptors(daemon) <= before)
  deepEqual(
    daemon.log.filter(({ level }) => level >= 40),
    [],
  )
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})
