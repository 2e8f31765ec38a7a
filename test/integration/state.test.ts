// The state directory on a real daemon where things go wrong: stops that come too early, folders that cannot be used.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { packExact } from '../../src/std/msgpack.ts'
import { type Daemon, launch, startDaemon } from '../helpers/daemon.ts'
import { startFaulty } from '../helpers/faulty/deaths.ts'
import { protocols } from '../helpers/protocols/ground.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { until } from '../helpers/until.ts'

const channels = ['a', 'b', 'c', 'd']

function stateFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'state-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const settings = (folder: string) => ({
  workers: 2,
  environment: {
    RINGCAST_STATE_DIR: folder,
    RINGCAST_HISTORY_SIZE: '10',
  },
})

async function start(t: TestContext, folder: string): Promise<Daemon> {
  const daemon = await startDaemon(settings(folder))
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

/** Protocols take turns. */
async function publish(daemon: Daemon): Promise<void> {
  for (const [index, channel] of channels.entries()) {
    const protocol = protocols[index % protocols.length]
    ok(protocol)
    const { status, body } = await protocol.publish(
      daemon.address(protocol.name, protocol.publishesAt),
      channel,
      '{"n":1}',
    )
    ok(status === 200 || status === 204, `${protocol.name}: ${status} ${body}`)
  }
}

/** What `publish` makes, channels of the publishers' own included. */
function made(): number {
  const turns = channels.map((_, index) => protocols[index % protocols.length])
  return channels.length + turns.filter(protocol => protocol?.leavesOwnChannel).length
}

function restored(daemon: Daemon): unknown {
  return daemon.log.find(({ msg }) => msg === 'restored')?.['channels']
}

function forge(folder: string, file: string, content: unknown): void {
  const channels = packExact(content)
  const writtenUnixMs = Date.now()
  const digest = createHash('sha256').update(String(writtenUnixMs)).update(channels).digest()
  writeFileSync(join(folder, file), packExact([3, writtenUnixMs, digest, channels]))
}

test('a stop that comes before the workers serve loses nothing', async t => {
  const folder = stateFolder(t)
  const first = await start(t, folder)
  await publish(first)
  equal(await first.stop(), 0)

  const second = launch(settings(folder))
  t.after(() => second.process.kill('SIGKILL'))
  await until('the snapshot to be taken', () => restored(second))
  second.process.kill('SIGTERM')
  equal(await second.ended, 0)

  const third = await start(t, folder)
  equal(restored(third), made())
  equal(await third.stop(), 0)
})

test('a node that is killed leaves nothing that could come back to life', async t => {
  const folder = stateFolder(t)
  const first = await start(t, folder)
  await publish(first)
  equal(await first.stop(), 0)
  const second = await start(t, folder)
  second.process.kill('SIGKILL')
  await second.ended
  const third = await start(t, folder)
  equal(restored(third), undefined)
  equal(await third.stop(), 0)
})

test('a folder that cannot be used, or is in use, refuses the start with its name', async t => {
  const folder = stateFolder(t)
  writeFileSync(join(folder, 'file'), '')
  const unusable = launch(settings(join(folder, 'file')))
  equal(await unusable.ended, 1)
  match(unusable.errors.join('\n'), /^ringcast: RINGCAST_STATE_DIR is .*file, which cannot be used: E/)

  const daemon = await start(t, folder)
  const second = launch(settings(folder))
  equal(await second.ended, 1)
  match(second.errors.join('\n'), new RegExp(`cannot be used: it is in use by process ${daemon.pid}$`))
  equal(await daemon.stop(), 0)
  deepEqual(readdirSync(folder).includes('lock'), false)
})

test('a folder that others may write, or where a name of ours is no file, refuses the start at once', async t => {
  const refusal = async (folder: string) => {
    const daemon = launch(settings(folder))
    t.after(() => daemon.process.kill('SIGKILL'))
    equal(await daemon.ended, 1)
    return daemon.errors.join('\n')
  }
  const folder = stateFolder(t)
  chmodSync(folder, 0o777)
  match(
    await refusal(folder),
    /^ringcast: RINGCAST_STATE_DIR is .*, which cannot be used: every user may write/,
  )
  chmodSync(folder, 0o700)
  for (const name of ['snapshot.6', 'high-water', 'lock']) {
    execFileSync('mkfifo', [join(folder, name)])
    match(await refusal(folder), new RegExp(`cannot be used: ${name} in it is no regular file; remove it$`))
    rmSync(join(folder, name))
  }
})

test('a snapshot that somebody made up, digest and all, is named in the log, and the start goes on', async t => {
  const folder = stateFolder(t)
  forge(folder, 'snapshot.0', [['a', 'e', -1, 1, [], []]])
  // One channel in two files, too.
  for (const [file, next] of [
    ['snapshot.1', 7],
    ['snapshot.2', 9],
    ['snapshot.3', 8],
  ] as const) {
    forge(folder, file, [['b', 'e', 5, next, [], []]])
  }
  const daemon = await start(t, folder)
  equal(restored(daemon), 1)
  deepEqual(
    daemon.log.filter(({ level }) => level >= 50).map(({ code }) => code),
    ['snapshot-unreadable'],
  )
  await publish(daemon)
  equal(await daemon.stop(), 0)
  const next = await start(t, folder)
  equal(restored(next), made())
  equal(await next.stop(), 0)
})

test('a stop that cannot write says so and ends with 1', async t => {
  if (process.getuid?.() === 0) {
    // Nothing is forbidden to root, so the folder is taken away instead.
    const folder = stateFolder(t)
    const daemon = await start(t, folder)
    await publish(daemon)
    rmSync(folder, { recursive: true })
    equal(await daemon.stop(), 1)
    equal(daemon.log.find(({ code }) => code === 'state-unwritable')?.level, 50)
    return
  }
  const folder = stateFolder(t)
  const daemon = await start(t, folder)
  await publish(daemon)
  chmodSync(folder, 0o500)
  equal(await daemon.stop(), 1)
  equal(daemon.log.find(({ code }) => code === 'state-unwritable')?.level, 50)
  chmodSync(folder, 0o700)
})

test('a worker that dies during the stop leaves its channels all the same', async t => {
  const folder = stateFolder(t)
  const environment = { ...settings(folder).environment, RINGCAST_DRAIN_SPREAD_MS: '1500' }
  const first = await startFaulty({ environment })
  t.after(() => first.process.kill('SIGKILL'))
  await publish(first)
  const idle = first.shards('faulty').map(address => new RawClient(address))
  // The connections are with their workers before no new one is taken.
  for (const client of idle) client.send('GET /ok HTTP/1.1\r\nhost: t\r\n\r\n')
  for (const client of idle) await client.answers(1)
  first.process.kill('SIGTERM')
  await until('the stop to begin', () => first.log.some(({ msg }) => msg === 'stopping'))
  for (const client of idle) client.send('GET /throw/turn HTTP/1.1\r\nhost: t\r\n\r\n')
  equal(await first.ended, 0)
  equal(first.log.filter(({ msg }) => msg === 'a worker met a bug during the stop').length, idle.length)

  const second = await start(t, folder)
  equal(restored(second), made())
  equal(await second.stop(), 0)
})
