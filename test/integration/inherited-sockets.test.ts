// A node that is started with sockets which listen already: by systemd, or in the place of another node.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { doorsOf } from '../../src/app/doors.ts'
import * as registry from '../../src/frontends/registry.ts'
import { variableOf } from '../../src/settings/names.ts'
import { type Daemon, launch } from '../helpers/daemon.ts'
import { listeningSocket } from '../helpers/listening-socket.ts'
import { freePorts } from '../helpers/proxies.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { until } from '../helpers/until.ts'

const get = 'GET /a HTTP/1.1\r\nHost: t\r\n\r\n'

interface Entrance {
  readonly variable: string
  readonly isGate: boolean
}

/** Of every protocol, with one address each. */
const entrances: readonly Entrance[] = Object.values(registry).flatMap(frontend =>
  doorsOf(frontend)
    .filter(({ perWorker }) => perWorker !== true)
    .filter(({ setting }) => Object.entries(frontend.section.fields).some(isAddress(setting)))
    .map(({ setting, isGate = false }) => ({ variable: variableOf(frontend.name, setting), isGate })),
)

function isAddress(setting: string) {
  return ([key, { type }]: readonly [string, { readonly type: string }]) =>
    key === setting && type === 'address'
}

function isReady({ log }: Daemon): boolean {
  return log.some(({ msg }) => msg === 'ready')
}

async function ready(t: TestContext, daemon: Daemon): Promise<Daemon> {
  t.after(() => daemon.process.kill('SIGKILL'))
  await until(
    () => `the daemon: ${daemon.errors.join()}`,
    () => isReady(daemon) || daemon.process.exitCode !== null,
  )
  ok(isReady(daemon), daemon.errors.join())
  return daemon
}

async function answered(client: RawClient): Promise<string> {
  await client
    .waitFor('an answer or the end', () => client.closed || client.statuses.length > 0)
    .catch(() => {})
  const status = client.statuses[0]
  client.leave()
  return status === undefined ? (client.failure ?? 'closed') : 'answered'
}

test('systemd hands sockets over: who connects before there is a process is served, by every protocol', async t => {
  const ports = await freePorts(entrances.length + 1)
  const places = ports.map(port => `127.0.0.1:${port}`)
  const environment = Object.fromEntries(entrances.map(({ variable }, at) => [variable, places[at]]))
  const listens = places.flatMap(place => ['-l', place])
  const daemon = launch({
    environment,
    starter: variables => [
      'systemd-socket-activate',
      ...listens,
      ...Object.entries(variables).flatMap(([name, value]) =>
        value === undefined ? [] : ['-E', `${name}=${value}`],
      ),
    ],
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  await until(
    'systemd to listen',
    () => daemon.errors.filter(line => /Listening on/.test(line)).length === ports.length,
  )
  // A second one on each makes an acceptor that would wait for it hang.
  const clients = [...ports, ...ports]
    .filter(port => port !== ports.at(-1))
    .map(port => new RawClient({ port }).send(get))
  await ready(t, daemon)
  deepEqual(new Set(await Promise.all(clients.map(answered))), new Set(['answered']))
  const unused = daemon.log.filter(({ code }) => code === 'socket-unused').map(({ address }) => address)
  deepEqual(unused, [places.at(-1)])
  equal(await daemon.stop(), 0)
})

test('one node after another, and beside it, on the same sockets loses nobody; nor does it remove a path', async t => {
  const path = join(mkdtempSync(join(tmpdir(), 'inherited-')), 'a.sock')
  t.after(() => rmSync(join(path, '..'), { recursive: true }))
  const ports = await freePorts(entrances.length)
  // A path in place of the first that is no gate, and a gate's port has two sockets, for one worker as for three.
  const at = entrances.findIndex(({ isGate }) => !isGate)
  const sockets: number[] = []
  for (const [index, { isGate }] of entrances.entries()) {
    const options = { host: '127.0.0.1', port: ports[index] ?? 0, reusePort: isGate }
    const all = index === at ? [{ path }] : isGate ? [options, options] : [options]
    for (const each of all) sockets.push(await listeningSocket(t, each))
  }
  const places = ports.map((port, index) => (index === at ? { path } : { port }))
  const environment = {
    ...Object.fromEntries(
      entrances.map(({ variable }, index) => [
        variable,
        index === at ? `unix:${path}` : `127.0.0.1:${ports[index]}`,
      ]),
    ),
    RINGCAST_HANDOVER_FDS: String(sockets.length),
  }
  const start = (workers: number) => launch({ workers, environment, sockets })
  const counts: Record<string, number> = {}
  let isOver = false
  const [first, early] = [start(3), places.map(place => new RawClient(place).send(get))]
  await ready(t, first)
  deepEqual(new Set(await Promise.all(early.map(answered))), new Set(['answered']))
  const lanes = places.map(async place => {
    while (!isOver) {
      const outcome = await answered(new RawClient(place).send(get))
      counts[outcome] = (counts[outcome] ?? 0) + 1
    }
  })
  const more = async (count: number) => {
    const before = counts['answered'] ?? 0
    await until(
      () => JSON.stringify(counts),
      () => (counts['answered'] ?? 0) >= before + count,
    )
  }
  // Two beside each other, then a stop; then one that stops before there is another.
  const second = await ready(t, start(1))
  await more(50)
  equal(await first.stop(), 0)
  await more(50)
  equal(await second.stop(), 0)
  const third = await ready(t, start(2))
  await more(50)
  isOver = true
  await Promise.all(lanes)
  equal(await third.stop(), 0)
  deepEqual(Object.keys(counts), ['answered'], JSON.stringify(counts))
  ok(existsSync(path))
})

test('without the package that takes sockets over a node refuses to start', async t => {
  const socket = await listeningSocket(t, { host: '127.0.0.1', port: 0 })
  const hooks = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (name === 'ffi-rs') throw new Error('no such package')
      return next(name, context)
    } })`
  const flags = ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`]
  const handed = launch({ flags, sockets: [socket], environment: { RINGCAST_HANDOVER_FDS: '1' } })
  equal(await handed.ended, 1)
  match(
    handed.errors.join(),
    /1 socket was handed to this process: the package ffi-rs, .*npm install ffi-rs@1\.3\.7.*no such package/,
  )
  ok(handed.log.some(({ code }) => code === 'sockets-refused'))
  // Who was handed none needs no such package.
  const daemon = await ready(t, launch({ flags }))
  equal(await daemon.stop(), 0)
})

test('what is no count of sockets is refused, and what is no socket is left alone', async t => {
  const wrong = launch({ environment: { RINGCAST_HANDOVER_FDS: 'x' } })
  equal(await wrong.ended, 1)
  match(wrong.errors.join(), /RINGCAST_HANDOVER_FDS is x, which is no number up to 4096/)
  // Descriptors of Node.js itself: it could not go on without them. Of another process nothing is taken.
  const environment = { RINGCAST_HANDOVER_FDS: '3', LISTEN_FDS: '1', LISTEN_PID: '1' }
  const daemon = await ready(t, launch({ environment }))
  const strange = daemon.log
    .filter(({ code }) => code === 'socket-unused')
    .map(({ descriptor }) => descriptor)
  deepEqual(strange, [3, 4, 5])
  equal(await daemon.stop(), 0)
})
