// Our owner maps against a real nginx: it hashes random keys over ports of its own that answer with their index,
// and every answer must be the owner that our map names. One nginx serves all rings; the seed repeats a run.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ketamaRing, type OwnerMap, plainRing } from '../../src/engine/ring.ts'
import { freePorts } from '../helpers/proxies.ts'

const nginxPath = '/usr/sbin/nginx'
const keysPerRing = 10_000
const startDeadlineMs = 60_000
const connections = 16
const seed = Number(process.env['RINGCAST_SEED'] ?? randomInt(2 ** 31))

interface Ring {
  readonly name: string
  readonly directive: string
  readonly size: number
  /** Of the servers, in their order; one where nothing is said. */
  readonly weights?: readonly number[]
  readonly map: (labels: readonly string[]) => OwnerMap
}

const uneven = [3, 1, 2, 7]

const rings: readonly Ring[] = [
  { name: 'ketama-3', directive: 'hash $arg_k consistent', size: 3, map: ketamaRing },
  { name: 'ketama-4', directive: 'hash $arg_k consistent', size: 4, map: ketamaRing },
  { name: 'plain-2', directive: 'hash $arg_k', size: 2, map: labels => plainRing(labels.length) },
  { name: 'plain-3', directive: 'hash $arg_k', size: 3, map: labels => plainRing(labels.length) },
  { name: 'plain-5', directive: 'hash $arg_k', size: 5, map: labels => plainRing(labels.length) },
  {
    name: 'ketama-weights',
    directive: 'hash $arg_k consistent',
    size: uneven.length,
    weights: uneven,
    map: labels => ketamaRing(labels, uneven),
  },
  {
    name: 'plain-weights',
    directive: 'hash $arg_k',
    size: uneven.length,
    weights: uneven,
    map: () => plainRing(uneven),
  },
]
const largest = Math.max(...rings.map(ring => ring.size))

/** An installation of the package is asked for where it counts; elsewhere its absence is told and forgiven. */
const skip =
  existsSync(nginxPath) || process.env['CI'] === 'true'
    ? false
    : `nginx-light is not installed (${nginxPath})`

describe('nginx and we name the same owner', { skip }, () => {
  let nginx: Nginx
  const agent = new Agent({ keepAlive: true, maxSockets: connections })

  before(async () => {
    nginx = await startNginx()
  })
  after(async () => {
    agent.destroy()
    await nginx?.stop()
  })

  for (const ring of rings) {
    test(`${ring.name}: ${keysPerRing} keys`, async t => {
      t.diagnostic(`seed ${seed}`)
      const ownerOf = ring.map(nginx.labels.slice(0, ring.size))
      const keys = Array.from({ length: keysPerRing }, (_, index) => keyAt(ring.name, index))
      const answers = new Map<string, number>()
      const pending = keys.values()
      const client = async () => {
        for (const key of pending) answers.set(key, await ask(agent, nginx.port, ring.name, key))
      }
      await Promise.all(Array.from({ length: connections }, client))
      const wrong = keys.filter(key => answers.get(key) !== ownerOf(key))
      assert.deepEqual(wrong, [], `seed ${seed}: ${wrong.length} keys have another owner in nginx`)
      assert.equal(new Set(answers.values()).size, ring.size, 'every server owns some keys')
    })
  }
})

/** A key of 1 to 40 URL-safe characters, from the seed alone. */
function keyAt(ring: string, index: number): string {
  const bytes = createHash('sha256').update(`${seed}/${ring}/${index}`).digest()
  return bytes.toString('base64url').slice(0, 1 + ((bytes[31] ?? 0) % 40))
}

async function ask(agent: Agent, port: number, ring: string, key: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const request = get({ agent, host: '127.0.0.1', port, path: `/${ring}?k=${key}` }, response => {
    let body = ''
    response.setEncoding('latin1')
    response.on('data', (piece: string) => {
      body += piece
    })
    response.on('end', () => {
      if (response.statusCode === 200) resolve(Number(body))
      else reject(new Error(`status ${response.statusCode} for key ${key}`))
    })
  })
  request.on('error', reject)
  return promise
}

interface Nginx {
  readonly port: number
  /** What stands in the `server` lines, in their order. */
  readonly labels: readonly string[]
  stop(): Promise<void>
}

async function startNginx(): Promise<Nginx> {
  assert(existsSync(nginxPath), `${nginxPath} is missing; install the Debian package nginx-light`)
  const [port = 0] = await freePorts(largest + 1)
  const labels = Array.from({ length: largest }, (_, index) => `127.0.0.1:${port + 1 + index}`)
  const prefix = mkdtempSync(join(tmpdir(), 'nginx-ring-'))
  const log = join(prefix, 'error.log')
  writeFileSync(join(prefix, 'nginx.conf'), configuration(prefix, port, labels))
  const child = spawn(nginxPath, ['-p', prefix, '-c', 'nginx.conf', '-e', log], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
    rmSync(prefix, { recursive: true, force: true })
  }
  const ready = await untilListening(child, port)
  if (!ready) {
    const words = existsSync(log) ? readFileSync(log, 'utf8') : 'no log'
    await stop()
    throw new Error(`nginx does not listen on ${port}: ${words}`)
  }
  return { port, labels, stop }
}

function configuration(prefix: string, port: number, labels: readonly string[]): string {
  const upstreams = rings.map(
    ring => `upstream ${ring.name} {
      ${ring.directive};
      ${labels
        .slice(0, ring.size)
        .map((label, index) => `server ${label} max_fails=0 weight=${ring.weights?.[index] ?? 1};`)
        .join(' ')}
      keepalive 16;
    }`,
  )
  const locations = rings.map(ring => `location /${ring.name} { proxy_pass http://${ring.name}; }`)
  const owners = labels.map((label, index) => `server { listen ${label}; return 200 "${index}"; }`)
  return `daemon off; master_process off; pid ${prefix}/nginx.pid; error_log ${prefix}/error.log;
    events { worker_connections 512; }
    http {
      access_log off; keepalive_requests 1000000;
      client_body_temp_path ${prefix}/body; proxy_temp_path ${prefix}/proxy; fastcgi_temp_path ${prefix}/fastcgi;
      uwsgi_temp_path ${prefix}/uwsgi; scgi_temp_path ${prefix}/scgi;
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_next_upstream off;
      ${upstreams.join('\n')}
      ${owners.join('\n')}
      server { listen 127.0.0.1:${port}; ${locations.join('\n')} }
    }`
}

async function untilListening(child: ChildProcess, port: number): Promise<boolean> {
  const deadline = performance.now() + startDeadlineMs
  while (performance.now() < deadline && child.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    // A refusal is the answer "not yet" here, so it is no failure.
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (open) return true
    await sleep(20)
  }
  return false
}
