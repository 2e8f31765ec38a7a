// Starts Debian's Pushpin 1.36, the original of the GRIP protocol, with a configuration and a routes file of its own. It
// runs on free ports in a temporary folder and is ended by its process id; its parts are its children and end with it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from './proxies.ts'
import { RawClient } from './raw-client.ts'
import { until } from './until.ts'

/** Pushpin itself, and the two programs that hold its sockets on either side. */
const programs = ['/usr/bin/pushpin', '/usr/bin/condure', '/usr/bin/zurl']
/** condure reserves descriptors for all of its clients and ends where the limit does not allow them. */
const clientsMax = 500
const startMsMax = 20_000
const tryMsMax = 300

export interface Pushpin {
  /** Of the one that started the others. */
  readonly pid: number
  readonly client: string
  readonly control: string
  writeRoutes(lines: string): void
  stop(): Promise<void>
}

/** For `skip`: an installation is asked for where it counts; elsewhere its absence is told and forgiven. */
export function isPushpinMissing(): string | false {
  const missing = programs.filter(path => !existsSync(path))
  if (missing.length === 0 || process.env['CI'] === 'true') return false
  return `${missing.join(', ')} not installed`
}

/** `settings` are options of its configuration by their own names; `routes` is the text of its routes file. */
export async function startPushpin(
  routes: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Pushpin> {
  const folder = mkdtempSync(join(tmpdir(), 'pushpin-'))
  const [clientPort = 0, controlPort = 0] = await freePorts(2)
  const [client, control] = [`127.0.0.1:${clientPort}`, `127.0.0.1:${controlPort}`]
  for (const name of ['run', 'log']) mkdirSync(join(folder, name))
  const writeRoutes = (lines: string) =>
    writeFileSync(join(folder, 'routes'), `${readyRoutes(control)}${lines}`)
  writeRoutes(routes)
  writeFileSync(join(folder, 'pushpin.conf'), configuration(folder, clientPort, controlPort, settings))
  const child = spawn('pushpin', [`--config=${join(folder, 'pushpin.conf')}`, '--merge-output'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => said.push(String(piece)))
  const stop = async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
  const pushpin = { pid: child.pid ?? 0, client, control, writeRoutes, stop }
  try {
    await until(
      'pushpin to serve',
      () => {
        if (child.exitCode !== null) throw new Error(`pushpin ended: ${said.join('')}`)
        return isServing(pushpin)
      },
      startMsMax,
    )
  } catch (error) {
    await stop()
    throw new Error(said.join(''), { cause: error })
  }
  return pushpin
}

/**
 * Its parts begin at different times; a stream of its own test target and an answer of an origin need all of them. An
 * answer is lost where they have not found each other yet, so that each try has a short time.
 */
async function isServing({ client, control }: Pushpin): Promise<boolean> {
  const ask = async (address: string, path: string) => {
    const connection = new RawClient(address)
    try {
      connection.send(`GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`)
      const head = await connection.waitFor('an answer', () => connection.takeHead(), tryMsMax)
      return head.status === 200
    } catch {
      return false // nobody listens yet, or the answer was lost
    } finally {
      connection.leave()
    }
  }
  return (
    (await ask(control, '/')) && (await ask(client, '/ready/stream')) && (await ask(client, '/ready-origin/'))
  )
}

/** Rules for `isServing`: a target of its own, and one behind zurl that is there anyway. */
const readyRoutes = (control: string): string =>
  `*,path_beg=/ready/ test\n*,path_beg=/ready-origin/,replace_beg=/ ${control}\n`

/**
 * What Debian ships, with everything that it listens on moved into the folder, and without options of newer versions. Its
 * defaults look for a zurl that runs as a service of the system; ours is a part of this one, so that the three places
 * where they meet are named here.
 */
function configuration(
  folder: string,
  clientPort: number,
  controlPort: number,
  settings: Readonly<Record<string, string>>,
): string {
  const run = join(folder, 'run')
  const options: Readonly<Record<string, string>> = {
    rundir: run,
    ipc_prefix: 'p-',
    services: 'condure,zurl,pushpin-proxy,pushpin-handler',
    http_port: `127.0.0.1:${clientPort}`,
    logdir: join(folder, 'log'),
    client_maxconn: String(clientsMax),
    push_in_http_port: String(controlPort),
    push_in_spec: `ipc://${run}/in`,
    push_in_sub_specs: `ipc://${run}/sub`,
    command_spec: `ipc://${run}/command`,
    message_rate: '0',
    ...settings,
  }
  const shipped = readFileSync('/etc/pushpin/pushpin.conf', 'utf8')
  const lines = shipped.split('\n').map(line => {
    const [, name = ''] = /^(\w+)=/.exec(line) ?? []
    const value = options[name]
    return value === undefined ? line : `${name}=${value}`
  })
  const own = Object.entries(settings)
    .filter(([name]) => !lines.some(line => line.startsWith(`${name}=`)))
    .map(([name, value]) => `${name}=${value}`)
  const zurl = [
    `zurl_out_specs=ipc://${run}/p-zurl-in`,
    `zurl_out_stream_specs=ipc://${run}/p-zurl-in-stream`,
    `zurl_in_specs=ipc://${run}/p-zurl-out`,
  ]
  return lines
    .join('\n')
    .replace('[proxy]', ['[proxy]', ...zurl].join('\n'))
    .replace('[handler]', ['[handler]', ...own].join('\n'))
}
