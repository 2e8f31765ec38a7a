// A real daemon whose snapshot was damaged on the disk: it says so in the log, and starts without it.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Daemon, secrets, startDaemon } from '../helpers/daemon.ts'
import { makeFolder } from './memory-folder.ts'

async function start(t: TestContext, folder: string): Promise<Daemon> {
  const environment = { RINGCAST_ONLY: 'rpushd', RINGCAST_STATE_DIR: folder, RINGCAST_HISTORY_SIZE: '10' }
  const daemon = await startDaemon({ workers: 1, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

async function publish(daemon: Daemon): Promise<void> {
  const answer = await fetch(`http://${daemon.address('rpushd')}/api/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secrets.publish}` },
    body: JSON.stringify({ channel: 'news', message: 'x'.repeat(200) }),
  })
  equal(answer.status, 204)
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0x80
  return copy
}

const damages: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'cut in half': bytes => bytes.subarray(0, bytes.length / 2),
  'with a bit flipped in an offset': bytes => flip(bytes, bytes.indexOf('news') + 15),
}

test('a damaged snapshot is named in the log, and the start goes on', async t => {
  const folder = makeFolder('fuzz-damaged-')
  const first = await start(t, folder)
  await publish(first)
  equal(await first.stop(), 0)
  const file = readdirSync(folder).find(entry => entry.startsWith('snapshot.'))
  ok(file !== undefined)
  const path = join(folder, file)
  const whole = readFileSync(path)
  for (const [name, damage] of Object.entries(damages)) {
    writeFileSync(path, damage(whole))
    const next = await start(t, folder)
    const codes = next.log.filter(({ level }) => level >= 40).map(({ code }) => code)
    deepEqual(codes, ['snapshot-unreadable'], name)
    await publish(next)
    equal(await next.stop(), 0, name)
  }
})
