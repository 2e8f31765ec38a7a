// What becomes of the others when a worker dies, and how the process ends when it cannot be saved.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'
import { variableOf } from '../../src/settings/names.ts'
import { launch, startDaemon } from '../helpers/daemon.ts'
import { describeReport, play, startFaulty } from '../helpers/faulty/deaths.ts'
import { demand } from '../helpers/faulty/demand.ts'
import { Watcher } from '../helpers/faulty/load.ts'
import { heartbeats, streamingOf } from '../helpers/protocols/streaming.ts'
import { until } from '../helpers/until.ts'

describe('a bug in a worker', () => {
  test('ends that worker alone, under load, and a new one takes its slot', async t => {
    t.diagnostic(describeReport(await play(t, 10, 8)))
  })
})

/** A daemon with a stream on every worker, for ends that no client is spared. */
async function startBusy(t: TestContext, flags: readonly string[] = []) {
  const daemon = await startFaulty({
    flags,
    environment: { FAULTY_BEAT_MS: '500', ...heartbeats(1_000) },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const watchers = await Promise.all([0, 1, 2].map(slot => new Watcher(daemon, slot, 'any').open()))
  return { daemon, watchers }
}

describe('the process ends with a clear line', () => {
  test('when a worker hangs', async t => {
    const { daemon } = await startBusy(t)
    await demand(daemon, 1, '/hang')
    equal(await daemon.ended, 'SIGKILL')
    match(daemon.errors.join('\n'), /^ringcast: worker 1 hangs: it gave no sign for 5\.5 s$/)
  })

  test('when the memory of a worker fills up', async t => {
    const { daemon } = await startBusy(t, ['--max-old-space-size=96'])
    await demand(daemon, 2, '/fill')
    equal(await daemon.ended, 'SIGKILL')
    match(
      daemon.errors.join('\n'),
      /^ringcast: worker 2 is out of memory: [789]\d of 96 MiB of heap are in use$/,
    )
  })

  test('when the primary meets a bug', async t => {
    const { daemon, watchers } = await startBusy(t)
    daemon.process.kill('SIGHUP')
    equal(await daemon.ended, 1)
    match(daemon.errors.join('\n'), /^ringcast: the primary met a bug: Error: a bug in the primary on demand/)
    await until('the streams to close', () => watchers.every(watcher => watcher.closed))
  })

  test('when another daemon has the address', async t => {
    const { daemon } = await startBusy(t)
    const [name = ''] = Object.keys(registry)
    const variable = variableOf(name, 'listen')
    const second = launch({ environment: { [variable]: daemon.address(name) } })
    equal(await second.ended, 1)
    equal(second.errors.length, 1)
    ok(second.errors[0]?.includes(daemon.address(name)))
    ok(second.errors[0]?.includes(variable))
    equal(await daemon.stop(), 0)
  })
})

describe('SIGTERM', () => {
  test('with 1,000 open streams ends each with its last chunk, and the process with 0', async t => {
    const daemon = await startDaemon({ workers: 3 })
    t.after(() => daemon.process.kill('SIGKILL'))
    const watchers: Watcher[] = []
    for (let index = 0; index < 1_000; index += 50) {
      const opening = Array.from({ length: 50 }, (_, at) =>
        new Watcher(daemon, at % 3, `c-${index % 7}`, streamingOf(at)).open(),
      )
      watchers.push(...(await Promise.all(opening)))
    }
    const from = performance.now()
    equal(await daemon.stop(), 0)
    t.diagnostic(`stopped in ${Math.round(performance.now() - from)} ms`)
    await until('every stream to be over', () => watchers.every(watcher => watcher.closed))
    equal(watchers.filter(watcher => watcher.ended).length, 1_000)
    deepEqual(daemon.errors, [])
  })
})
