// Starts a real nginx, HAProxy or Apache from Debian with a configuration that we ship, in which only addresses are
// replaced. Each runs in a folder of its own and is ended by its process id.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { until } from './until.ts'

/** Below it stand the services of a system. */
const portMin = 10_240

const deployFolder = resolve(import.meta.dirname, '../../deploy')

export type ProxyKind = 'nginx' | 'haproxy' | 'apache'

const programs: Readonly<Record<ProxyKind, string>> = {
  nginx: '/usr/sbin/nginx',
  haproxy: '/usr/sbin/haproxy',
  apache: '/usr/sbin/apache2',
}

export interface Proxy {
  /** `host:port` */
  readonly address: string
}

/** For `skip`: an installation is asked for where it counts; elsewhere its absence is told and forgiven. */
export function isMissing(kind: ProxyKind): string | false {
  const path = programs[kind]
  return existsSync(path) || process.env['CI'] === 'true' ? false : `${path} is not installed`
}

/** A file that we ship, by its path under deploy. */
export function shipped(path: string): string {
  return readFileSync(join(deployFolder, path), 'utf8')
}

/** `text` is a configuration as shipped: for nginx and Apache a part of a site, for HAProxy the whole. */
export function startSite(t: TestContext, kind: ProxyKind, text: string): Promise<Proxy> {
  return start(t, kind, (folder, port) => {
    if (kind === 'haproxy') return text.replace('bind :80\n', `bind 127.0.0.1:${port}\n`)
    writeFileSync(join(folder, 'site.conf'), text)
    return kind === 'nginx'
      ? nginxAround(folder, `server { listen 127.0.0.1:${port}; include ${folder}/site.conf; }`)
      : apacheAround(folder, port)
  })
}

/** `text` is for nginx's http block, with `listen 80;` in it. */
export function startNginx(t: TestContext, text: string): Promise<Proxy> {
  return start(t, 'nginx', (folder, port) => {
    writeFileSync(join(folder, 'http.conf'), text.replace('listen 80;', `listen 127.0.0.1:${port};`))
    return nginxAround(folder, `include ${folder}/http.conf;`)
  })
}

async function start(
  t: TestContext,
  kind: ProxyKind,
  write: (folder: string, port: number) => string,
): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), `${kind}-`))
  const port = await freePort()
  const path = join(folder, 'main.conf')
  writeFileSync(path, write(folder, port))
  const args: Readonly<Record<ProxyKind, readonly string[]>> = {
    nginx: ['-p', folder, '-c', path, '-e', join(folder, 'error.log')],
    haproxy: ['-db', '-f', path],
    apache: ['-DFOREGROUND', '-f', path],
  }
  const child = spawn(programs[kind], args[kind], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => said.push(String(piece)))
  t.after(async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  })
  await until(`${kind} to listen`, () => {
    const log = join(folder, 'error.log')
    const words = () => `${said.join('')}${existsSync(log) ? readFileSync(log, 'utf8') : ''}`
    if (child.exitCode !== null) throw new Error(`${kind} ended: ${words()}`)
    return isListening(port)
  })
  return { address: `127.0.0.1:${port}` }
}

function nginxAround(folder: string, http: string): string {
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 16384; }
    http {
      access_log off;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      ${http}
    }`
}

/** `env` and `alias` are there in every installation of Debian; the others are those that the file asks for. */
function apacheAround(folder: string, port: number): string {
  const modules = ['mpm_event', 'authz_core', 'alias', 'env', 'headers', 'proxy', 'proxy_http']
  const load = (name: string) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`
  return [
    `ServerRoot ${folder}`,
    `PidFile ${folder}/apache.pid`,
    `ErrorLog ${folder}/error.log`,
    `DefaultRuntimeDir ${folder}`,
    'ServerName localhost',
    `Listen 127.0.0.1:${port}`,
    ...modules.map(load),
    'User www-data',
    'Group www-data',
    '<VirtualHost *>',
    `Include ${folder}/site.conf`,
    '</VirtualHost>',
    '',
  ].join('\n')
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

/**
 * The first of so many ports in a row, all free a moment ago. Below those that the kernel gives to outgoing connections:
 * one of these could take a port before the daemon does.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  const portMax = Number(range.split(/\s/)[0]) - count
  for (;;) {
    const first = randomInt(Math.min(portMin, portMax - 1), portMax)
    const all = Array.from({ length: count }, (_, index) => first + index)
    const free = await Promise.all(all.map(isFree))
    if (free.every(one => one)) return all
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = await new Promise<boolean>(done => {
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => done(true))
  })
  if (!free) return false
  server.close()
  await once(server, 'close')
  return true
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return open
}
