// A node that starts: who asks too early is refused by the kernel, and comes again; only the health paths answer.
import { deepEqual, equal, fail, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { variableOf } from '../../src/settings/names.ts'
import { type Daemon, launch } from '../helpers/daemon.ts'
import { protocols } from '../helpers/protocols/ground.ts'
import { freePorts } from '../helpers/proxies.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { until } from '../helpers/until.ts'

const host = '127.0.0.1'
const patienceMs = 60_000
const [protocol = fail('no protocol'), other = fail('one protocol alone')] = protocols.toReversed()

interface Place {
  readonly folder: string
  /** Of one protocol, of its two shard ports, of a unix socket in place of another's, and of admin. */
  readonly port: number
  readonly shards: readonly number[]
  readonly path: string
  readonly admin: number
}

async function createPlace(t: TestContext): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'start-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [port = 0, first = 0, second = 0, admin = 0] = await freePorts(4)
  return { folder, port, shards: [first, second], path: join(folder, 'a.sock'), admin }
}

/** Its workers serve when `let` was called. */
function startHeld(t: TestContext, { folder, port, shards, path, admin }: Place, run: string) {
  const key = join(folder, run)
  const daemon = launch({
    workers: 2,
    main: new URL('../helpers/faulty/main.ts', import.meta.url),
    environment: {
      RINGCAST_ONLY: `${protocol.name},${other.name}`,
      [variableOf(protocol.name, 'listen')]: `${host}:${port}`,
      [variableOf(protocol.name, 'shardPorts')]: `${host}:${shards[0]}`,
      [variableOf(other.name, 'listen')]: `unix:${path}`,
      RINGCAST_ADMIN_LISTEN: `${host}:${admin}`,
      RINGCAST_STATE_DIR: join(folder, 'state'),
      RINGCAST_HISTORY_SIZE: '10',
      FAULTY_START_AFTER: key,
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  return { daemon, let: () => writeFileSync(key, '') }
}

const ask = (port: number, path: string) =>
  fetch(`http://${host}:${port}${path}`).then(
    async answer => `${answer.status} ${await answer.text()}`,
    error => String(error.cause?.code),
  )

async function publish(port: number): Promise<void> {
  const { status, body } = await protocol.publish(`${host}:${port}`, 'news', '{"n":1}')
  ok(status === 200 || status === 204, `${status} ${body}`)
}

const isReady = ({ log }: Daemon) => log.some(({ msg }) => msg === 'ready')

test('is refused to all but who asks for its health, until all its workers serve', async t => {
  const place = await createPlace(t)
  const { daemon, let: release } = startHeld(t, place, 'first')
  await until(
    'the admin listener',
    async () => (await ask(place.admin, '/livez')).startsWith('200'),
    patienceMs,
  )
  equal(await ask(place.admin, '/livez'), '200 {"status":"live"}')
  equal(
    await ask(place.admin, '/readyz'),
    '503 {"status":"not-ready","reasons":[{"code":"workers-missing","text":"2 of 2 workers do not serve"}]}',
  )
  for (const port of [place.port, ...place.shards]) equal(await ask(port, '/healthz'), 'ECONNREFUSED')
  const unix = new RawClient({ path: place.path })
  await unix.ended()
  equal(unix.failure, 'ECONNREFUSED')
  // One that asks for something else is not told that it will never get it.
  const early = new RawClient({ host, port: place.admin }).send('GET /metrics HTTP/1.1\r\nhost: t\r\n\r\n')
  const isWaiting = async () => {
    await daemon.statistics(0)
    const primary = daemon.log.findLast(({ msg }) => msg === 'statistics')?.['primary']
    return (primary as { readonly requestsWaiting: number }).requestsWaiting === 1 // of this build
  }
  await until('it to wait', isWaiting, patienceMs)
  equal(isReady(daemon), false)

  release()
  await until('the node to be ready', () => isReady(daemon), patienceMs)
  await early.ended()
  equal(early.text, '')
  match(await ask(place.admin, '/readyz'), /^200/)
  for (const port of [place.port, ...place.shards]) await publish(port)
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})

test('that finds an address taken when it wants to listen says so, and loses nothing of the last run', async t => {
  const place = await createPlace(t)
  const first = startHeld(t, place, 'first')
  first.let()
  await until('the first node to be ready', () => isReady(first.daemon), patienceMs)
  await publish(place.port)
  equal(await first.daemon.stop(), 0)

  const second = startHeld(t, place, 'second')
  await until(
    'the admin listener',
    async () => (await ask(place.admin, '/livez')).startsWith('200'),
    patienceMs,
  )
  const stranger = createServer().listen(place.port, host)
  t.after(() => stranger.close())
  await until('the stranger', () => stranger.listening)
  second.let()
  equal(await second.daemon.ended, 1)
  deepEqual(second.daemon.errors, [
    `ringcast: ${protocol.name} cannot listen on ${host}:${place.port}: another process listens there; set ${variableOf(protocol.name, 'listen')} to another`,
  ])
  equal(isReady(second.daemon), false)
  stranger.close()

  const third = startHeld(t, place, 'second')
  await until('the third node to be ready', () => isReady(third.daemon), patienceMs)
  equal(third.daemon.log.find(({ msg }) => msg === 'restored')?.['channels'], 1)
  equal(await third.daemon.stop(), 0)
})

test('on an address that it names twice is refused at once', async () => {
  const [port] = await freePorts(1)
  const daemon = launch({
    environment: {
      [variableOf(protocol.name, 'listen')]: `${host}:${port}`,
      [variableOf(other.name, 'listen')]: `${host}:${port}`,
    },
  })
  equal(await daemon.ended, 1)
  match(
    daemon.errors.join('\n'),
    /^ringcast: \w+ cannot listen on [\d.:]+: the address is in use or not allowed/,
  )
  equal(daemon.log.length, 0)
})
