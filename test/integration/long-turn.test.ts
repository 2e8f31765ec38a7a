// A worker whose turn does not end: its timers run no more, and no message is read. It is lost only where it gives no sign.
import { deepEqual, equal, match } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import type { Log } from '../../src/telemetry/log.ts'
import { Supervisor } from '../../src/threads/supervisor.ts'
import { FakeClock } from '../helpers/fake-clock.ts'
import { until } from '../helpers/until.ts'
import { modes, words } from './fixtures/long-turn.ts'

const beatMs = 20
const patienceMs = 60_000
const nothing = () => {}
const log: Log = {
  level: 'silent',
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
}

/** One worker, inside its turn by now. The primary's beats are the test's. */
async function startTurn(t: TestContext) {
  const clock = new FakeClock()
  const fatal: string[] = []
  const supervisor = new Supervisor({
    clock,
    log,
    entry: new URL('./fixtures/long-turn-thread.ts', import.meta.url),
    workers: 1,
    beatMs,
    app: () => undefined,
    joined: nothing,
    left: nothing,
    fatal: line => void fatal.push(line),
  })
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const enter = (mode: number) => Atomics.store(shared, words.mode, mode)
  t.after(async () => {
    enter(modes.over)
    equal(supervisor.stopNow(patienceMs), true)
  })
  await supervisor.start()
  enter(modes.alive)
  supervisor.update(shared.buffer)
  /** The worker does something meanwhile, each time. */
  const beats = async (count: number) => {
    for (let beat = 0; beat < count; beat++) {
      const before = Atomics.load(shared, words.rounds)
      await until('the worker to go on', () => Atomics.load(shared, words.rounds) > before + 1, patienceMs)
      clock.advance(beatMs)
    }
  }
  await beats(1)
  return { fatal, enter, beats }
}

test('a worker that gives signs of life from its turn is busy, however long that lasts', async t => {
  const { fatal, beats } = await startTurn(t)
  await beats(40)
  deepEqual(fatal, [])
})

test('a worker that gives none for ten beats hangs', async t => {
  const { fatal, enter, beats } = await startTurn(t)
  enter(modes.silent)
  await beats(9)
  deepEqual(fatal, [])
  await beats(4)
  equal(fatal[0], 'worker 0 hangs: it gave no sign for 0.22 s')
})

test('a worker that fills its heap within a turn says so from there', async t => {
  setFlagsFromString('--max-old-space-size=96')
  t.after(() => setFlagsFromString('--max-old-space-size=0'))
  const { fatal, enter, beats } = await startTurn(t)
  enter(modes.filling)
  await until('the worker to be out of memory', () => fatal.length > 0, patienceMs)
  enter(modes.alive)
  match(fatal[0] ?? '', /^worker 0 is out of memory: [789]\d of 96 MiB of heap are in use$/)
  await beats(1)
})
