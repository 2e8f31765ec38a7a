// An nginx that hashes channels by the map that we print for it brings every stream to the worker that owns its
// channel: nothing crosses threads. `ringcast ring nginx` on its own is tested here, too.
import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { frontends } from '../../../src/app/worker.ts'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { run } from '../../../src/commands/run.ts'
import { type Daemon, secrets, startDaemon } from '../../helpers/daemon.ts'
import { startFaulty } from '../../helpers/faulty/deaths.ts'
import { frontend as faulty } from '../../helpers/faulty/frontend.ts'
import { freePorts, isMissing, shipped, startNginx } from '../../helpers/proxies.ts'
import { ask, openStream, publish } from '../../helpers/rpushd/proxy-clients.ts'
import { until } from '../../helpers/until.ts'

const workers = 3
const channels = 10_000
const channelsPlain = 2_000
/** Streams opened at once. */
const clients = 64
const farFuture = 4_102_444_800
const file = 'nginx/ringcast-rpushd-hashed.conf'
const part = /(# --- ringcast ring nginx\n).*?(# --- end\n)/s

const skip = isMissing('nginx')

describe(`nginx with deploy/${file}`, { skip }, () => {
  test(`brings the streams of ${channels} channels to their owners`, async t => {
    const [first = 0] = await freePorts(workers)
    const shardPorts = `127.0.0.1:${first}`
    const daemon = await startDaemon({ workers, environment: alone(shardPorts) })
    t.after(() => daemon.process.kill('SIGKILL'))
    const map = await printRing(['--workers', String(workers), '--rpushd.shard-ports', shardPorts])
    match(map, /hash \$ringcast_rpushd_channel consistent;/)
    const site = await startSite(t, daemon, map)
    await landsOnOwners(t, daemon, site, channels)
    // The counter can tell: past the proxy a stream comes to the wrong worker two times out of three.
    const streams = await Promise.all(daemon.shards('rpushd').map(shard => openStream(shard, 'wrong', '')))
    equal(sum(await daemon.statistics(), 'rpushd', 'misrouted'), workers - 1)
    for (const { connection } of streams) connection.leave()
    equal(await daemon.stop(), 0)
  })

  test(`does so by plain hash where several protocols have shard ports`, async t => {
    const ports = await freePorts(2 * workers)
    const [ours = 0, others = 0] = [ports[0], ports[workers]]
    const daemon = await startFaulty({
      environment: {
        RINGCAST_ONLY: 'rpushd,faulty',
        RINGCAST_RPUSHD_SHARD_PORTS: `127.0.0.1:${ours}`,
        RINGCAST_FAULTY_SHARD_PORTS: `127.0.0.1:${others}`,
      },
    })
    t.after(() => daemon.process.kill('SIGKILL'))
    const flags = [
      `--rpushd.shard-ports=127.0.0.1:${ours}`,
      `--faulty.shard-ports=127.0.0.1:${others}`,
      `--workers=${workers}`,
    ]
    const map = await printRing(flags)
    match(map, /hash \$ringcast_rpushd_channel;/)
    match(map, /# faulty: its requests do not tell the channel/)
    await landsOnOwners(t, daemon, await startSite(t, daemon, map), channelsPlain)
    equal(await daemon.stop(), 0)
  })

  test('does so over sockets in the file system', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'ring-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const shardPorts = `unix:${folder}/rpushd`
    const daemon = await startDaemon({ workers, environment: alone(shardPorts) })
    t.after(() => daemon.process.kill('SIGKILL'))
    const map = await printRing([`--workers=${workers}`, `--rpushd.shard-ports=${shardPorts}`])
    await landsOnOwners(t, daemon, await startSite(t, daemon, map), channelsPlain)
    equal(await daemon.stop(), 0)
  })

  test('carries a stream by a percent-encoded name to the same worker, and frames at once', async t => {
    const [first = 0] = await freePorts(workers)
    const shardPorts = `127.0.0.1:${first}`
    const daemon = await startDaemon({ workers, environment: alone(shardPorts) })
    t.after(() => daemon.process.kill('SIGKILL'))
    const site = await startSite(
      t,
      daemon,
      await printRing([`--workers=${workers}`, `--rpushd.shard-ports=${shardPorts}`]),
    )
    const names = Array.from({ length: 20 }, (_, index) => `thread-posts:${index}`)
    for (const name of names) {
      const plain = await openStream(site, name)
      const encoded = await openStream(
        site,
        name,
        '/push-daemon',
        name.replace(':', '%3A').replace('t', '%74'),
      )
      await publish(daemon.address('rpushd'), name, 1)
      deepEqual(await Promise.all([plain.next(), encoded.next()]), ['1', '1'])
      for (const { connection } of [plain, encoded]) connection.leave()
    }
    equal(sum(await daemon.statistics(), 'rpushd', 'misrouted'), 0)
    equal((await ask(site, 'GET /push-daemon/healthz HTTP/1.1\r\nhost: t\r\n\r\n')).status, 200)
    equal((await ask(site, 'GET /push-daemon/api/stats HTTP/1.1\r\nhost: t\r\n\r\n')).status, 404)
    equal(await daemon.stop(), 0)
  })
})

describe('ringcast ring nginx', () => {
  test('prints what the shipped file holds for the settings that it names', async () => {
    const text = shipped(file)
    const variables = Object.fromEntries(
      [...text.matchAll(/\b(RINGCAST_\w+)=(\S+)/g)].map(([, name = '', value]) => [name, value]),
    )
    const printed = await complain([], variables)
    equal(part.exec(text)?.[0], `# --- ringcast ring nginx\n${printed.out}\n# --- end\n`)
  })

  test('refuses what nginx could not use', async () => {
    const cases: readonly (readonly [args: string[], complaint: RegExp])[] = [
      [[], /no protocol has shard ports; set .*RINGCAST_RPUSHD_SHARD_PORTS/],
      [['--rpushd.shard-ports=0'], /RINGCAST_RPUSHD_SHARD_PORTS is 0, any free ports/],
      [['--rpushd.shard-ports=0.0.0.0:9000'], /needs one IP address/],
      [['--rpushd.shard-ports=[::]:9000'], /needs one IP address/],
      [['--rpushd.shard-ports=localhost:9000'], /needs one IP address/],
      [['--rpushd.shard-ports=65535', '--workers=2'], /over 65535/],
      [['--rpushd.shard-ports=here'], /RINGCAST_RPUSHD_SHARD_PORTS|rpushd\.shard-ports/],
    ]
    for (const [args, complaint] of cases) {
      const { code, complaints, out } = await complain(args)
      deepEqual([code, out], [1, ''], args.join(' '))
      match(complaints.join('\n'), complaint)
    }
    equal((await complain(['--nonsense'])).code, 2)
  })

  test('takes the last port that there is, and an IPv6 address', async () => {
    const { code, out } = await complain(['--rpushd.shard-ports=[::1]:65534', '--workers=2'])
    equal(code, 0)
    match(out, /server \[::1\]:65534 max_fails=0;\n {4}server \[::1\]:65535 max_fails=0;/)
  })
})

/** One protocol with shard ports, whatever others there are. */
function alone(shardPorts: string) {
  return { RINGCAST_ONLY: 'rpushd', RINGCAST_RPUSHD_SHARD_PORTS: shardPorts }
}

function startSite(t: TestContext, daemon: Daemon, map: string): Promise<string> {
  const text = shipped(file)
    .replace(part, (_, start: string, end: string) => `${start}${map}\n${end}`)
    .replaceAll('127.0.0.1:45831', daemon.address('rpushd'))
  return startNginx(t, text).then(({ address }) => address)
}

/** One stream for each of so many channels, and not one word between the workers. */
async function landsOnOwners(t: TestContext, daemon: Daemon, site: string, count: number): Promise<void> {
  const before = await daemon.statistics()
  const agent = new Agent({ maxSockets: clients })
  const waiting = Array.from({ length: count }, (_, index) => `channel:${index}`).values()
  const client = async () => {
    for (const channel of waiting) await visit(agent, site, channel)
  }
  await Promise.all(Array.from({ length: clients }, client))
  agent.destroy()
  await until('all streams to end', async () => sum(await daemon.statistics(), 'rpushd', 'streams') === 0)
  const after = await daemon.statistics()
  const grown = (room: string, name: string) => sum(after, room, name) - sum(before, room, name)
  equal(grown('rpushd', 'streamsOpened'), count)
  equal(grown('rpushd', 'misrouted'), 0)
  equal(linkMessages(after) - linkMessages(before), 0)
  const shares = after.map(worker => worker['rpushd']?.['streamsOpened'] ?? 0)
  t.diagnostic(`streams by worker: ${shares.join(', ')}`)
  equal(shares.filter(share => share > count / workers / 2).length, workers, 'every worker has its share')
}

/** Opens a stream, sees its head, leaves. */
function visit(agent: Agent, site: string, channel: string): Promise<void> {
  const token = mintHmacToken(secrets.subscribe, {
    aud: 'rpushd',
    scope: 'subscribe',
    channel,
    exp: farFuture,
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const [host, port] = site.split(':')
  const path = `/push-daemon/api/stream/${channel}`
  const headers = { 'content-type': 'application/json' }
  const sent = request({ agent, host, port, path, method: 'POST', headers }, response => {
    if (response.statusCode === 200) resolve()
    else reject(new Error(`status ${response.statusCode} for ${channel}`))
    response.on('error', () => {}) // it is cut in the middle, as streams are
    response.destroy()
  })
  sent.on('error', reject)
  sent.end(JSON.stringify({ token }))
  return promise
}

type Statistics = Awaited<ReturnType<Daemon['statistics']>>

function sum(workersNow: Statistics, room: string, name: string): number {
  return workersNow.reduce((all, worker) => all + (worker[room]?.[name] ?? 0), 0)
}

function linkMessages(workersNow: Statistics): number {
  const links = workersNow.flatMap(worker =>
    Object.entries(worker).filter(([room]) => room.startsWith('link to ')),
  )
  return links.reduce((all, [, counters]) => all + (counters['messages'] ?? 0), 0)
}

async function printRing(flags: readonly string[]): Promise<string> {
  const { code, out, complaints } = await complain(flags)
  equal(code, 0, complaints.join('\n'))
  return out
}

/** The command in this process, with the front-end of the tests beside the real ones. */
async function complain(
  flags: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
) {
  const out: string[] = []
  const complaints: string[] = []
  const terminal = {
    print: (text: string) => void out.push(text),
    complain: (line: string) => void complaints.push(line),
    flush: async () => {},
    isShown: false,
    columns: 80,
    isTyped: false,
    input: process.stdin,
    interrupted: () => new AbortController().signal,
  }
  const given = flags.some(flag => flag.startsWith('--faulty'))
  const known = given ? [...frontends, faulty] : frontends
  const code = await run(['ring', 'nginx', ...flags], environment, { terminal, known })
  return { code, out: out.join('\n'), complaints }
}
