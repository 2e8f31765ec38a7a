// A worker that is lost ends the process, but not what the others hold: the next start has their channels as they were
// acknowledged last, and tells gaps for those of the lost one.
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import type { Daemon } from '../helpers/daemon.ts'
import { startFaulty } from '../helpers/faulty/deaths.ts'
import { demand } from '../helpers/faulty/demand.ts'
import { channelOwnedBy, Load, ownerOf } from '../helpers/faulty/load.ts'

/** Starts nodes on one folder, each when the one before is gone. */
function succession(t: TestContext, environment: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'salvage-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return async (flags: readonly string[] = []) => {
    const daemon = await startFaulty({
      flags,
      environment: {
        RINGCAST_STATE_DIR: folder,
        RINGCAST_HISTORY_SIZE: '100000',
        RINGCAST_ADMIN_SECRET: adminSecret,
        FAULTY_BEAT_MS: '500',
        ...environment,
      },
    })
    t.after(() => daemon.process.kill('SIGKILL'))
    return { daemon, admin: new AdminClient(daemon.address('admin')) }
  }
}

interface Position {
  readonly epoch: string
  readonly offset: number
}

async function positionOf(admin: AdminClient, channel: string): Promise<Position> {
  const { position } = (await admin.ask(`/v1/channels/${channel}`)).json()
  const [epoch = '', offset] = String(position).split('.')
  return { epoch, offset: Number(offset) }
}

/** All that the channel keeps behind the position. */
async function historyOf(admin: AdminClient, channel: string, { epoch, offset }: Position) {
  const numbers: number[] = []
  for (let since = offset; ; ) {
    const page = (
      await admin.ask(`/v1/channels/${channel}/history?since=${epoch}.${since}&limit=1000`)
    ).json()
    for (const { data } of page.publications) numbers.push(data.n)
    if (page.gap || !page.more) return { gap: page.gap, numbers }
    since = page.publications.at(-1).offset
  }
}

async function publish(admin: AdminClient, channel: string): Promise<Position> {
  const answer = await admin.publish({ channel, data: { n: 1 } })
  equal(answer.status, 200, answer.text)
  return answer.json()
}

const restored = ({ log }: Daemon) => log.find(({ msg }) => msg === 'restored')?.['channels']
/** In their order; they are told in that of their answers. */
function slots({ log }: Daemon): readonly number[] | undefined {
  const told = log.find(({ msg }) => msg === 'left for the next start')?.['slots']
  return Array.isArray(told) ? told.toSorted() : undefined
}

test('a worker that hangs under load costs its own channels alone, up to the last acknowledgement', async t => {
  const start = succession(t)
  const first = await start()
  const load = new Load(first.daemon)
  t.after(() => load.stop())
  await load.start()
  const { publishers } = load
  const begins = new Map<string, Position>()
  for (const { channel } of publishers) begins.set(channel, await positionOf(first.admin, channel))
  const before = publishers.map(({ acknowledged }) => acknowledged.length)
  await demand(first.daemon, 1, '/hang')
  equal(await first.daemon.ended, 'SIGKILL')
  await load.stop()
  deepEqual(first.daemon.errors, ['ringcast: worker 1 hangs: it gave no sign for 5.5 s'])
  deepEqual(slots(first.daemon), [0, 2])
  load.check()

  const second = await start()
  equal(restored(second.daemon), 6)
  let behind = 0
  for (const [index, { channel, acknowledged }] of publishers.entries()) {
    const begin = begins.get(channel) ?? { epoch: '', offset: 0 }
    const isLost = ownerOf(channel) === 1
    if (isLost) equal((await second.admin.ask(`/v1/channels/${channel}`)).status, 404, channel)
    const { epoch, offset } = await publish(second.admin, channel)
    ok(offset > begin.offset, `${channel} went back from ${begin.offset} to ${offset}`)
    const { gap, numbers } = await historyOf(second.admin, channel, begin)
    equal(gap, isLost, channel)
    if (isLost) {
      notEqual(epoch, begin.epoch)
      continue
    }
    equal(epoch, begin.epoch)
    const kept = new Set(numbers)
    const expected = acknowledged.filter(n => n >= (numbers[0] ?? 0))
    ok(expected.length > 0, channel)
    deepEqual(
      expected.filter(n => !kept.has(n)),
      [],
      `acknowledged on ${channel}, and forgotten`,
    )
    behind += acknowledged.length - (before[index] ?? 0)
  }
  t.diagnostic(`${behind} publications were acknowledged between the hang and the end, and all were kept`)
  ok(behind > 0)
  equal(await second.daemon.stop(), 0)
})

test('a worker that is out of memory costs its own channels alone', async t => {
  const start = succession(t)
  const first = await start(['--max-old-space-size=96'])
  for (const owner of [0, 1, 2]) await publish(first.admin, channelOwnedBy(owner, 'memory'))
  await demand(first.daemon, 2, '/fill')
  equal(await first.daemon.ended, 'SIGKILL')
  equal(first.daemon.errors.length, 1)
  match(first.daemon.errors[0] ?? '', /^ringcast: worker 2 is out of memory/)
  deepEqual(slots(first.daemon), [0, 1])
  const second = await start()
  equal(restored(second.daemon), 2)
  equal(await second.daemon.stop(), 0)
})

test('a worker that hangs during the stop costs its own channels alone', async t => {
  const environment = { FAULTY_BEAT_MS: '60000', RINGCAST_DRAIN_TIMEOUT_MS: '2000' }
  const start = succession(t, environment)
  const first = await start()
  for (const owner of [0, 1, 2]) await publish(first.admin, channelOwnedBy(owner, 'stop'))
  await demand(first.daemon, 0, '/hang')
  await first.daemon.statistics(2)
  equal(await first.daemon.stop(), 'SIGKILL')
  deepEqual(first.daemon.errors, ['ringcast: the graceful stop took longer than 2000 ms'])
  deepEqual(slots(first.daemon), [1, 2])
  const second = await start()
  equal(restored(second.daemon), 2)
  equal(await second.daemon.stop(), 0)
})

test('without a state directory a worker that hangs ends the process at once', async t => {
  const daemon = await startFaulty({ environment: { FAULTY_BEAT_MS: '500' } })
  t.after(() => daemon.process.kill('SIGKILL'))
  await demand(daemon, 1, '/hang')
  equal(await daemon.ended, 'SIGKILL')
  deepEqual([daemon.errors.length, slots(daemon)], [1, undefined])
})

test('a worker that cannot be replaced costs what its successor was to get, and not the next start', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'salvage-fails-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const failing = join(folder, 'slot')
  const start = succession(t, { FAULTY_FAILS: failing })
  const first = await start()
  for (const owner of [0, 1, 2]) await publish(first.admin, channelOwnedBy(owner, 'start'))
  writeFileSync(failing, '1')
  await demand(first.daemon, 1, '/throw/turn')
  equal(await first.daemon.ended, 'SIGKILL')
  deepEqual(first.daemon.errors, ['ringcast: worker 1 failed to start 3 times in a row'])
  deepEqual(slots(first.daemon), [0, 2])
  rmSync(failing)
  const second = await start()
  equal(restored(second.daemon), 2)
  equal(await second.daemon.stop(), 0)
})
