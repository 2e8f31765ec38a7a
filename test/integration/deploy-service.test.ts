// The unit that we ship, judged by systemd's own tools, and what a daemon under it tells its service manager.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { before, describe, type TestContext, test } from 'node:test'
import { Notices } from '../../src/app/notify.ts'
import { nodeSection } from '../../src/app/settings.ts'
import * as registry from '../../src/frontends/registry.ts'
import { systemClock } from '../../src/std/clock.ts'
import type { Log } from '../../src/telemetry/log.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { defaultsOf } from '../helpers/defaults.ts'
import { startFaulty } from '../helpers/faulty/deaths.ts'
import { demand } from '../helpers/faulty/demand.ts'
import { openNoticeSocket } from '../helpers/notices.ts'
import { until } from '../helpers/until.ts'

/** Whichever it is: what is told has nothing to do with it. */
const [first = ''] = Object.keys(registry)

const unitPath = resolve(import.meta.dirname, '../../deploy/systemd/ringcast.service')
const unit = readFileSync(unitPath, 'utf8')
/** What systemd calls OK: below 2.0 only with users, folders, system calls and devices taken away. */
const exposureMax = 1.5

/** An installation of the package is asked for where it counts; elsewhere its absence is told and forgiven. */
const skip =
  existsSync('/usr/bin/systemd-analyze') || process.env['CI'] === 'true'
    ? false
    : 'systemd-analyze is not installed'

describe('the unit', { skip }, () => {
  test('is without mistakes in the eyes of systemd-analyze', t => {
    const { folder, path } = installed(t)
    equal(analyze(['verify', path]), '', `systemd-analyze verify has something to say (${folder})`)
  })

  test('is without mistakes with the drop-in of a cluster, which gives its clients less time than a stop has', t => {
    const { folder, path } = installed(t)
    const dropIn = readFileSync(join(unitPath, '../cluster.conf'), 'utf8')
    mkdirSync(`${path}.d`)
    writeFileSync(join(`${path}.d`, 'cluster.conf'), dropIn)
    equal(analyze(['verify', path]), '', `systemd-analyze verify has something to say (${folder})`)
    const spreadMs = Number(/^Environment=RINGCAST_DRAIN_SPREAD_MS=(\d+)$/m.exec(dropIn)?.[1])
    ok(spreadMs < nodeSection.fields.drainTimeoutMs.default)
  })

  test('is without mistakes beside the unit of its sockets, which are those that its protocol has by default', t => {
    const { folder, path } = installed(t)
    const sockets = readFileSync(join(unitPath, '../ringcast.socket'), 'utf8')
    writeFileSync(join(folder, 'ringcast.socket'), sockets)
    equal(analyze(['verify', join(folder, 'ringcast.socket'), path]), '')
    const only = (/^Environment=RINGCAST_ONLY=(.+)$/m.exec(unit)?.[1] ?? '').split(',')
    // Where it was deleted nobody starts it.
    const started = Object.values(registry).filter(({ name }) => only.includes(name))
    const listens = started.map(({ section }) => defaultsOf<{ listen: string }>(section.fields).listen)
    const addresses = [...sockets.matchAll(/^ListenStream=(.+)$/gm)].map(([, address]) => address)
    deepEqual(addresses, started.length === 0 ? addresses : listens)
  })

  test(`exposes less than ${exposureMax}`, t => {
    const report = analyze(['security', '--offline=true', '--no-pager', installed(t).path])
    const exposure = Number(/Overall exposure level for ringcast.service: ([\d.]+)/.exec(report)?.[1])
    t.diagnostic(`exposure ${exposure}`)
    ok(exposure < exposureMax, report)
  })

  test('gives a stop more time than the node takes', () => {
    const seconds = Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1])
    ok(seconds * 1_000 > nodeSection.fields.drainTimeoutMs.default)
  })

  test('lets V8 compile', () => ok(!/^MemoryDenyWriteExecute=/m.test(unit)))
})

describe('a node under a service manager', { skip }, () => {
  let notified: string

  before(() => {
    notified = execFileSync('systemd-notify', ['--version'], { encoding: 'utf8' })
  })

  test('tells that it is ready, reloads and stops, in this order', async t => {
    t.diagnostic(notified.split('\n')[0] ?? '')
    const { path, notices } = await openNoticeSocket(t)
    const daemon = await start(t, { NOTIFY_SOCKET: path })
    await until('readiness', () => notices.length > 0)
    deepEqual(notices, ['READY=1 STATUS=3 of 3 workers serve'])
    daemon.process.kill('SIGHUP')
    await until('the reload', () => notices.length > 2)
    equal(await daemon.stop(), 0)
    await until('the stop', () => notices.length > 3)
    deepEqual(notices.slice(1), [
      'RELOADING=1 STATUS=reading the settings again',
      'READY=1 STATUS=3 of 3 workers serve',
      'STOPPING=1 STATUS=stopping',
    ])
  })

  test('gives a sign of life twice in each period of the watchdog', async t => {
    const { path, notices } = await openNoticeSocket(t)
    const from = performance.now()
    const daemon = await start(t, { NOTIFY_SOCKET: path, WATCHDOG_USEC: '400000' })
    await until('signs of life', () => notices.filter(notice => notice === 'WATCHDOG=1').length >= 4)
    const signs = notices.filter(notice => notice === 'WATCHDOG=1').length
    const periods = (performance.now() - from) / 200
    ok(signs <= periods, `${signs} signs of life in ${periods} halves of the period`)
    equal(await daemon.stop(), 0)
  })

  test('tells how many workers serve while one is replaced', async t => {
    const { path, notices } = await openNoticeSocket(t)
    const daemon = await startFaulty({
      environment: { NOTIFY_SOCKET: path, RINGCAST_ONLY: `${first},faulty` },
    })
    t.after(() => daemon.process.kill('SIGKILL'))
    await until('readiness', () => notices.length > 0)
    const client = await demand(daemon, 1, '/throw/turn')
    await until('the new worker', () => notices.length > 2)
    client.leave()
    deepEqual(notices.slice(1), ['STATUS=2 of 3 workers serve', 'STATUS=3 of 3 workers serve'])
    equal(await daemon.stop(), 0)
  })

  test('serves on where its notices fail, and says so once', async t => {
    const daemon = await start(t, { NOTIFY_SOCKET: '/nowhere/notify', WATCHDOG_USEC: '100000' })
    const failures = () => daemon.log.filter(({ code }) => code === 'notice-failed')
    await until('the failure', () => failures().length > 0)
    daemon.process.kill('SIGHUP')
    await until('the reload', () => daemon.log.some(({ msg }) => msg === 'settings reloaded'))
    equal(await daemon.stop(), 0)
    equal(failures().length, 1)
    match(JSON.stringify(failures()[0]), /systemd-notify/)
  })
})

describe('notices', () => {
  test('wait for one another, eight at most, and none is sent where nobody listens', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'notices-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [sent, gate] = [join(folder, 'sent'), join(folder, 'gate')]
    // In place of systemd-notify: each waits for the gate to open, so that the others queue up behind the first.
    const program = `#!/bin/sh\nuntil [ -e ${gate} ]; do sleep 0.01; done\necho "$*" >>${sent}\n`
    writeFileSync(join(folder, 'systemd-notify'), program, { mode: 0o755 })
    const path = `${folder}:${process.env['PATH']}`
    const log = { error: (_: unknown, text: string) => ok(false, text) } as unknown as Log // all that is called
    const open = (environment: Readonly<Record<string, string>>) =>
      new Notices({ environment: { PATH: path, ...environment }, clock: systemClock, log, workers: 1 })
    open({}).ready()
    open({ NOTIFY_SOCKET: '' }).ready()
    const notices = open({ NOTIFY_SOCKET: '/somewhere', WATCHDOG_USEC: 'never' })
    notices.ready()
    for (let round = 0; round < 10; round++) notices.serving(round % 2 === 0 ? 1 : -1)
    writeFileSync(gate, '')
    const lines = () => (existsSync(sent) ? readFileSync(sent, 'utf8').trim().split('\n') : [])
    await until('the queue to be sent', () => lines().length === 9)
    notices.stopping()
    await until('the last one', () => lines().length > 9)
    equal(lines()[0], 'READY=1 STATUS=0 of 1 workers serve')
    equal(lines()[1], 'STATUS=1 of 1 workers serve')
    deepEqual(lines().slice(9), ['STOPPING=1 STATUS=stopping'])
  })
})

async function start(t: TestContext, environment: Readonly<Record<string, string>>): Promise<Daemon> {
  const daemon = await startDaemon({ environment: { ...environment, RINGCAST_ONLY: first } })
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

/** The unit as it would be installed, except that its program stands beside it: systemd-analyze looks for it. */
function installed(t: TestContext): { folder: string; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'unit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const program = join(folder, 'ringcast')
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
  const path = join(folder, 'ringcast.service')
  writeFileSync(path, unit.replace('ExecStart=/usr/bin/ringcast\n', `ExecStart=${program}\n`))
  return { folder, path }
}

/** What the program printed, on either stream; it fails where the program does. */
function analyze(args: readonly string[]): string {
  return execFileSync('/bin/sh', ['-c', 'exec systemd-analyze "$@" 2>&1', 'sh', ...args], {
    encoding: 'utf8',
  })
}
