// Several nodes as an operator has them: the compose file's commands and environments as plain processes, and the drop-in of the
// service, over a real Redis that lets them in as the users file says.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { Compose, durationMs, environmentOf } from '../helpers/compose.ts'
import { type Daemon, launch, secrets } from '../helpers/daemon.ts'
import { temporaryFolder } from '../helpers/installed.ts'
import { program } from '../helpers/program.ts'
import { freePorts, isMissing, shipped, startNginx } from '../helpers/proxies.ts'
import { startRedis } from '../helpers/redis/server.ts'
import { openStream, type PublicStream, publish } from '../helpers/rpushd/proxy-clients.ts'
import { until } from '../helpers/until.ts'

const file = 'docker/compose.yaml'
/** Several nodes start at once, beside whatever else the machine has to do. */
const startDeadlineMs = 120_000
const nodes = ['node-a', 'node-b'] as const
const image = environmentOf(shipped('docker/Containerfile'))
const users = shipped('redis/users.acl')

test('the users of Redis are those that the page of the cluster lists, and no other has any right', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../src/cluster/README.md'), 'utf8')
  const line = /^user ringcast on .*$/m.exec(page)?.[0]
  deepEqual(users.trimEnd().split('\n'), ['user default reset', line])
})

describe(`deploy/${file}`, () => {
  const compose = new Compose(resolve('/deploy', file), shipped(file))

  test('gives a stop more time than the node takes, and closes clients within it', () => {
    for (const name of nodes) {
      const { environment = {}, stop_grace_period } = compose.service(name)
      const drainMs = Number(environment['RINGCAST_DRAIN_TIMEOUT_MS'])
      ok(
        durationMs(stop_grace_period) > drainMs + 2_000,
        `${name}: a node may take 2 s more than its deadline`,
      )
      ok(Number(environment['RINGCAST_DRAIN_SPREAD_MS']) < drainMs)
    }
  })

  test('has a health check for each service, and a fixed address for each that nginx looks up', () => {
    const hosts = compose.service('nginx').extra_hosts
    deepEqual(
      hosts,
      nodes.map(name => `${name}:${compose.service(name).networks?.['default']?.ipv4_address}`),
    )
    const asked = [...shipped('nginx/ringcast-nodes.conf').matchAll(/^\s+server ([\w-]+):/gm)].map(
      ([, name]) => name,
    )
    deepEqual(asked, [...nodes])
    for (const name of compose.names) ok(compose.service(name).healthcheck.test.length > 1, name)
  })

  test('runs: what one node publishes comes by nginx from both, and one may go', {
    skip: isMissing('nginx'),
  }, async t => {
    const stage = await startAll(t)
    const { daemons, site } = stage
    const [a, b] = daemons
    ok(a && b)
    await until('all services to be healthy', () => stage.healthOf().every(code => code === 0))
    const streams = await openOnBoth(t, site, daemons)
    for (const [number, { daemon }] of daemons.entries()) {
      await publish(daemon.address('rpushd'), 'news', { number })
      for (const stream of streams) equal(await stream.next(), `{"number":${number}}`)
    }

    equal(await a.daemon.stop(), 0)
    // One of them would have been its turn.
    const again = [await openStream(site, 'news'), await openStream(site, 'news')]
    t.after(() => again.forEach(({ connection }) => connection.leave()))
    await publish(b.daemon.address('rpushd'), 'news', { number: 2 })
    const heard = await Promise.all([...streams, ...again].map(stream => stream.next()))
    equal(heard.filter(text => text === undefined).length, 1, 'the stream at the node that stopped has ended')
    deepEqual(new Set(heard), new Set([undefined, '{"number":2}']))
    await until('the health check to tell the node that is left from the one that is gone', () => {
      const [, , healthOfA, healthOfB] = stage.healthOf()
      return healthOfA !== 0 && healthOfB === 0
    })
    equal(await b.daemon.stop(), 0)
    equal(await stage.stopRedis(), 0)
  })
})

describe('deploy/nginx/ringcast-nodes.conf', { skip: isMissing('nginx') }, () => {
  test('asks the other node where one refuses for now, and nobody else where both do', async t => {
    const asked: string[] = []
    const [full, free] = await Promise.all([
      startOrigin(t, 503, body => asked.push(`full: ${body}`)),
      startOrigin(t, 200, body => asked.push(`free: ${body}`)),
    ])
    const post = async (site: string) => {
      const answer = await fetch(`http://${site}/push-daemon/api/stream/c`, {
        method: 'POST',
        body: 'ticket',
      })
      await answer.arrayBuffer()
      return answer.status
    }
    const { address: site } = await startNginx(t, aimedAt(shipped('nginx/ringcast-nodes.conf'), [full, free]))
    deepEqual([await post(site), await post(site)], [200, 200])
    deepEqual(asked.toSorted(), ['free: ticket', 'free: ticket', 'full: ticket'])
    const { address: refused } = await startNginx(
      t,
      aimedAt(shipped('nginx/ringcast-nodes.conf'), [full, full]),
    )
    equal(await post(refused), 503)
    equal(asked.length, 5)
  })
})

describe('deploy/systemd/cluster.conf', () => {
  test('joins nodes that are started as the service would start them', async t => {
    const password = 'cluster-secret-9e1c40'
    const [, rights = ''] = /^user ringcast on >PASSWORD (.*)$/m.exec(users) ?? []
    const redis = await startRedis(t, { users: [`ringcast on >${password} ${rights}`, 'default reset'] })
    const credentials = temporaryFolder(t, 'credentials')
    writeFileSync(join(credentials, 'redis-password'), `${password}\n`)
    const text = shipped('systemd/cluster.conf')
    match(text, /^LoadCredential=redis-password:\/etc\/ringcast\/redis-password$/m)
    const given = Object.fromEntries(
      [...text.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
        name,
        value.replace('%d', credentials).replace('10.0.0.5:6379', `127.0.0.1:${redis.port}`),
      ]),
    )
    equal(given['RINGCAST_CLUSTER_URL'], `redis://127.0.0.1:${redis.port}`)
    const environment = { ...given, RINGCAST_ONLY: 'rpushd' }
    const [first, second] = await Promise.all([0, 1].map(() => startNode(t, environment)))
    ok(first && second)
    const stream = await openStream(second.address('rpushd'), 'news', '')
    await publish(first.address('rpushd'), 'news', 'hello')
    equal(await stream.next(), '"hello"')
    stream.connection.leave()
    for (const node of [first, second]) equal(await node.stop(), 0)
  })
})

interface Node {
  readonly daemon: Daemon
  readonly environment: Readonly<Record<string, string>>
}

async function startAll(t: TestContext) {
  // The folder as a checkout has it, for the file names its neighbours, and its head makes secrets beside it.
  const folder = temporaryFolder(t, 'deploy')
  cpSync(resolve(import.meta.dirname, '../../deploy'), folder, { recursive: true })
  const compose = new Compose(join(folder, file), shipped(file))
  compose.prepare()
  // Those that the clients of the tests have.
  writeFileSync(compose.secretPath('node-a', 'rpushd'), `${secrets.subscribe}\n`)
  writeFileSync(compose.secretPath('node-a', 'rpushd-publish'), `${secrets.publish}\n`)
  const [redisPort = 0, ...ports] = await freePorts(1 + nodes.length * 2)
  const place = (text: string) =>
    text
      .replace('redis:6379', `127.0.0.1:${redisPort}`)
      .replace('-h redis -p 6379', `-h 127.0.0.1 -p ${redisPort}`)
  const redis = await startRedisOf(t, compose, redisPort)
  const daemons = await Promise.all(
    nodes.map(async (name, index): Promise<Node> => {
      const state = join(folder, name)
      mkdirSync(state)
      const [port, adminPort] = ports.slice(index * 2)
      const own = Object.entries({ ...image, ...compose.service(name).environment }).map(([key, value]) => [
        key,
        place(compose.withSecrets(name, value))
          .replace('0.0.0.0:45831', `127.0.0.1:${port}`)
          .replace('127.0.0.1:7878', `127.0.0.1:${adminPort}`)
          .replace('/var/lib/ringcast', state),
      ])
      const environment: Record<string, string> = Object.fromEntries(own)
      return { environment, daemon: await startNode(t, environment) }
    }),
  )
  const [portA, , portB] = ports
  const conf = readFileSync(compose.sourceOf('nginx', '/etc/nginx/conf.d/default.conf'), 'utf8')
  const aimed = aimedAt(conf, [`127.0.0.1:${portA}`, `127.0.0.1:${portB}`])
  const { address: site } = await startNginx(t, aimed)
  const healthOf = () => [
    compose.health('redis', place, {}),
    compose.health('nginx', word => word.replace('127.0.0.1:80/', `${site}/`), {}),
    ...daemons.map(({ environment }, index) => compose.health(nodes[index] ?? '', programOf, environment)),
  ]
  return { daemons, site, healthOf, stopRedis: redis.stop }
}

/** The image's program, as it is here: in place of its path all that node is to be told. */
function programOf(word: string): string {
  if (word === 'node') return process.execPath
  return word === 'dist/src/main.js' ? program.pathname : word
}

/** With addresses of here in place of the nodes' names, in their order. */
function aimedAt(conf: string, addresses: readonly string[]): string {
  return nodes.reduce((text, name, index) => text.replaceAll(`${name}:45831`, addresses[index] ?? ''), conf)
}

/** In place of a node: answers everything alike, and tells the bodies. */
async function startOrigin(t: TestContext, status: number, tell: (body: string) => void): Promise<string> {
  const server = createServer(async (request, response) => {
    tell(Buffer.concat(await request.toArray()).toString())
    response.writeHead(status).end()
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  ok(address !== null && typeof address === 'object')
  return `127.0.0.1:${address.port}`
}

async function startRedisOf(t: TestContext, compose: Compose, port: number) {
  const [name = '', ...args] = compose.service('redis').command ?? []
  equal(name, 'redis-server')
  const placed = args.map(arg => compose.withSecrets('redis', arg))
  const folder = temporaryFolder(t, 'redis')
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder]
  const child = spawn(name, [...placed, ...own], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    await ended
    return child.exitCode
  }
  t.after(() => end('SIGKILL'))
  await once(child, 'spawn')
  return { stop: () => end('SIGTERM') }
}

/** With secrets out of files alone, as it would be installed. */
async function startNode(t: TestContext, given: Readonly<Record<string, string>>): Promise<Daemon> {
  const hasFiles = given['RINGCAST_RPUSHD_SECRET_FILE'] !== undefined
  const none = { RPUSHD_SECRET: undefined, RPUSHD_PUBLISH_SECRET: undefined }
  const daemon = launch({ workers: 2, environment: { ...(hasFiles && none), ...given } })
  t.after(() => daemon.process.kill('SIGKILL'))
  const isReady = () => {
    if (daemon.process.exitCode !== null) throw new Error(`it ended: ${daemon.errors.join('\n')}`)
    return daemon.log.some(({ msg }) => msg === 'ready')
  }
  await until('the node to be ready', isReady, startDeadlineMs)
  return daemon
}

/** nginx takes turns, so that of some streams each node has its part; the first of each stay. */
async function openOnBoth(t: TestContext, site: string, all: readonly Node[]): Promise<PublicStream[]> {
  const streams = [await openStream(site, 'news'), await openStream(site, 'news')]
  t.after(() => streams.forEach(({ connection }) => connection.leave()))
  for (const { daemon } of all) {
    const workers = await daemon.statistics(2)
    const held = workers.reduce((sum, worker) => sum + (worker['hub']?.['subscribers'] ?? 0), 0)
    equal(held, 1, 'each node has one of the streams')
  }
  return streams
}
