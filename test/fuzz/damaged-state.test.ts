// A real daemon whose snapshot was damaged on the disk: it says so in the log, and starts without it.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { protocols } from '../helpers/protocols/ground.ts'
import { makeFolder } from './memory-folder.ts'

/** Whichever it is: what is damaged has nothing to do with it. */
const protocol = protocols.at(-1)
ok(protocol)
const { name, publish: publishBy } = protocol

async function start(t: TestContext, folder: string): Promise<Daemon> {
  const environment = { RINGCAST_ONLY: name, RINGCAST_STATE_DIR: folder, RINGCAST_HISTORY_SIZE: '10' }
  const daemon = await startDaemon({ workers: 1, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

async function publish(daemon: Daemon): Promise<void> {
  const content = JSON.stringify({ text: 'x'.repeat(200) })
  const { status, body } = await publishBy(daemon.address(name), 'news', content)
  ok(status === 200 || status === 204, `${name}: ${status} ${body}`)
}

/** Codes; a protocol may warn of its settings. */
const warningsOf = ({ log }: Daemon) => log.filter(({ level }) => level >= 40).map(({ code }) => code)

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
  const usual = warningsOf(first)
  await publish(first)
  equal(await first.stop(), 0)
  const file = readdirSync(folder).find(entry => entry.startsWith('snapshot.'))
  ok(file !== undefined)
  const path = join(folder, file)
  const whole = readFileSync(path)
  for (const [what, damage] of Object.entries(damages)) {
    writeFileSync(path, damage(whole))
    const next = await start(t, folder)
    const codes = warningsOf(next).filter(code => !usual.includes(code))
    deepEqual(codes, ['snapshot-unreadable'], what)
    await publish(next)
    equal(await next.stop(), 0, what)
  }
})
