// `ringcast grip` in place of the original, with the configuration that Debian ships: only ports and folders are the test's.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { startCommand } from '../../helpers/command.ts'
import { publishAt } from '../../helpers/grip/node.ts'
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { freePorts } from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'

/** Contract §2.9: read within one second and a half. The rest is the machine's, which has much else to do. */
const effectiveMsMax = 1_500

/** The control port of the file; `--id` adds ten for each. */
const id = 2

async function startShipped(t: TestContext, args: readonly string[] = [], offset = 0) {
  const folder = mkdtempSync(join(tmpdir(), 'grip-conf-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync('/etc/pushpin', folder, { recursive: true, dereference: true })
  const [port = 0, ...more] = await freePorts(3 + offset)
  const control = more[0] ?? 0
  const conf = join(folder, 'pushpin.conf')
  const shipped = readFileSync(conf, 'utf8')
  const own = shipped
    .replace('http_port=7999', `http_port=127.0.0.1:${port}`)
    .replace('push_in_http_port=5561', `push_in_http_port=${control}`)
    .replace(/^rundir=.*$/m, `rundir=${folder}`)
    .replace(/tcp:\/\/127\.0\.0\.1:556\d/g, 'tcp://127.0.0.1:0')
  writeFileSync(conf, own)
  const command = startCommand(
    ['grip', '--config', conf, ...args.map(arg => arg.replace('PORT', String(port + 2)))],
    {
      environment: { RINGCAST_WORKERS: '2' },
    },
  )
  t.after(() => command.process.kill('SIGKILL'))
  const log = () =>
    command
      .out()
      .split('\n')
      .filter(line => line.startsWith('{'))
      .map(line => JSON.parse(line) as LogLine)
  await until('the node to be ready', () => {
    if (command.process.exitCode !== null) throw new Error(command.errors())
    return log().some(line => line['msg'] === 'ready')
  })
  return {
    client: `127.0.0.1:${args.includes('--port') ? port + 2 : port}`,
    control: `127.0.0.1:${control + offset}`,
    conf,
    routes: join(folder, 'routes'),
    command,
    log,
    /** With the end of the node: in good order, and without an error. */
    async stop() {
      command.process.kill('SIGTERM')
      equal(await command.ended, 0)
    },
  }
}

type Started = Awaited<ReturnType<typeof startShipped>>

async function bodyAt(client: string, path: string, host = 't'): Promise<string> {
  const connection = new RawClient(client)
  connection.send(encodeRequest({ method: 'GET', target: path, headers: [['host', host]] }))
  const { body } = await connection.answer()
  connection.leave()
  return String(body)
}

async function hold(t: TestContext, { client }: Started): Promise<RawClient> {
  const stream = new RawClient(client)
  t.after(() => stream.leave())
  stream.send(encodeRequest({ method: 'GET', target: '/stream' }))
  equal((await stream.head()).status, 200)
  equal(String(await stream.chunk()), '[stream opened]\n')
  return stream
}

async function hears({ control }: Started, stream: RawClient): Promise<void> {
  await publishAt(control, 'test', { 'http-stream': { content: 'hello there\n' } })
  equal(String(await stream.chunk()), 'hello there\n')
}

/** A rule for the host is in force, and matches nothing that is asked here. */
async function untilNoRoute({ client }: Started, host: string): Promise<void> {
  await until(`rules of ${host}`, async () => /^No route/.test(await bodyAt(client, '/', host)))
}

async function untilTold({ log }: Started, isIt: (line: LogLine) => boolean): Promise<void> {
  await until('it to be told', () => log().some(isIt))
}

type LogLine = Readonly<Record<string, unknown>>

const textOf = (line: LogLine) => String(line['msg'])

describe('ringcast grip with the configuration of Debian', { skip: isPushpinMissing() }, () => {
  test('serves, and says what of the file has no effect', async t => {
    const node = await startShipped(t)
    equal(await bodyAt(node.client, '/'), 'Hello from the Pushpin test handler!\n')
    const stream = await hold(t, node)
    await hears(node, stream)
    const remarks = node.command.errors().trimEnd().split('\n')
    ok(
      remarks.every(line => line.startsWith(`${node.conf}: `)),
      remarks.join('\n'),
    )
    const said = remarks.map(line => line.slice(node.conf.length + 2))
    ok(said.some(line => /^ignored, since there are no separate processes: .*runner\.services/.test(line)))
    for (const line of said) t.diagnostic(line)
    const doors = node.log().flatMap(({ door }) => (String(door).startsWith('zmq') ? [door] : []))
    deepEqual(doors, ['zmqPull', 'zmqSub', 'zmqCommand', 'zmqStats'])
    await node.stop()
  })

  test('--port, --route and --id', async t => {
    const routes = ['--route', 'a.example test', '--route=b.example,path_beg=/b/ test']
    const node = await startShipped(t, ['--port', '127.0.0.1:PORT', '--id', String(id), ...routes], id * 10)
    equal(await bodyAt(node.client, '/', 'a.example'), 'Hello from the Pushpin test handler!\n')
    equal(await bodyAt(node.client, '/b/', 'b.example'), 'Hello from the Pushpin test handler!\n')
    equal(await bodyAt(node.client, '/', 'b.example'), 'No route for host: b.example\n')
    equal(await bodyAt(node.client, '/'), 'No route for host: t\n')
    await publishAt(node.control, 'test', { 'http-stream': { content: 'x' } })
    await node.stop()
  })
})

describe('the routes of ringcast grip', { skip: isPushpinMissing() }, () => {
  test('that are edited hold soon, and holds stay', async t => {
    const node = await startShipped(t)
    const stream = await hold(t, node)
    writeFileSync(node.routes, '* test\nnew.example,path_beg=/a/ test\n')
    const from = performance.now()
    await untilNoRoute(node, 'new.example')
    const tookMs = performance.now() - from
    t.diagnostic(`effective after ${tookMs.toFixed(0)} ms`)
    ok(tookMs < effectiveMsMax * 4, `${tookMs} ms`)
    await untilTold(node, line => line['msg'] === 'routes loaded with 2 entries')
    await hears(node, stream)
    await node.stop()
  })

  test('that cannot be read leave all as it was, and say why', async t => {
    const node = await startShipped(t)
    const stream = await hold(t, node)
    writeFileSync(node.routes, '* test\nnew.example,path_beg=/a/ test\n')
    await untilNoRoute(node, 'new.example')
    writeFileSync(node.routes, '* test\0\n')
    await untilTold(
      node,
      line => line['code'] === 'routes-unreadable' && /routes has NUL bytes/.test(textOf(line)),
    )
    await untilNoRoute(node, 'new.example')
    rmSync(node.routes)
    await untilTold(node, line => /routes cannot be read: ENOENT/.test(textOf(line)))
    await untilNoRoute(node, 'new.example')
    // A line that says nothing sound is told, and the others hold.
    writeFileSync(node.routes, '* test\nbroken\nother.example,path_beg=/a/ test\n')
    await untilNoRoute(node, 'other.example')
    await untilTold(node, line => line['code'] === 'routes-doubtful' && /^line 2 /.test(textOf(line)))
    await hears(node, stream)
    await node.stop()
  })

  test('are read at once on SIGHUP, and holds stay', async t => {
    const node = await startShipped(t)
    const stream = await hold(t, node)
    const loads = () => node.log().filter(line => /^routes loaded/.test(String(line['msg']))).length
    const before = loads()
    node.command.process.kill('SIGHUP')
    await until('the routes to be read again', () => loads() > before)
    await hears(node, stream)
    await node.stop()
    deepEqual(
      [node.command.process.exitCode, node.log().filter(line => Number(line['level']) >= 50)],
      [0, []],
    )
  })
})
