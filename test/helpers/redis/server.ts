// A real redis-server, or redis-sentinel, of Debian on a free port of the loopback, with its data in a folder of its own. It is
// stopped, killed, paused and started again on the same port, always by its process id, and is gone when the test ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Certificate } from '../certificates.ts'
import { runEnvironment } from '../program.ts'
import { freePort } from '../proxies.ts'
import { until } from '../until.ts'
import { type Reply, RespClient, type RespPlace } from './resp.ts'

/** What ends when a test, or a file of tests, ends. */
export type Ending = Pick<TestContext, 'after'>

export interface RedisOptions {
  /** Of the default user. */
  readonly password?: string
  /** As behind the word `user` of a configuration: `app on >secret ~rc:* &rc:* +@all`. */
  readonly users?: readonly string[]
  /** Speaks TLS and nothing else. */
  readonly tls?: Pick<Certificate, 'certPath' | 'keyPath'> & { readonly ca: string }
  /** The port of its primary. */
  readonly replicaOf?: number
  readonly appendOnly?: boolean
  /** Lines of the configuration, by their first word. */
  readonly config?: Readonly<Record<string, string>>
}

interface Launch {
  readonly program: 'redis-server' | 'redis-sentinel'
  readonly port: number
  readonly lines: readonly string[]
  readonly place: Omit<RespPlace, 'port'>
}

/** Answers of a server that runs: one that loads its data or wants a password is up, one that resets connections is not. */
const alive = /^(?:PONG|NOAUTH|MASTERDOWN)/

export async function startRedis(t: Ending, options: RedisOptions = {}): Promise<RedisServer> {
  const port = await freePort()
  const { password, tls } = options
  return startServer(t, {
    program: 'redis-server',
    port,
    lines: linesOf(port, options),
    place: { password, ca: tls?.ca },
  })
}

/** A server of whatever kind, which is up when it answers. */
export async function startServer(t: Ending, launch: Launch): Promise<RedisServer> {
  const server = new RedisServer(launch)
  t.after(() => server.end())
  await server.start()
  return server
}

function linesOf(port: number, options: RedisOptions): readonly string[] {
  const { password, users = [], tls, replicaOf, appendOnly, config = {} } = options
  const secured = tls !== undefined && [
    `tls-port ${port}`,
    `tls-cert-file ${tls.certPath}`,
    `tls-key-file ${tls.keyPath}`,
    'tls-auth-clients no',
  ]
  return [
    ...(secured || [`port ${port}`]),
    ...(secured ? ['port 0'] : []),
    'save ""',
    `appendonly ${appendOnly === true ? 'yes' : 'no'}`,
    // A replica that has just lost its primary shall not wait for the usual second.
    'repl-diskless-sync-delay 0',
    ...(password === undefined ? [] : [`requirepass ${password}`, `masterauth ${password}`]),
    ...users.map(user => `user ${user}`),
    ...(replicaOf === undefined ? [] : [`replicaof 127.0.0.1 ${replicaOf}`]),
    ...Object.entries(config).map(([name, value]) => `${name} ${value}`),
  ]
}

/** Kept over restarts: who a server is, in place of what it has. */
const ownFiles = ['redis.conf', 'nodes.conf']

export class RedisServer {
  readonly port: number
  readonly #launch: Launch
  readonly #folder: string
  #child: ChildProcess | undefined
  readonly #said: string[] = []
  readonly #clients: RespClient[] = []

  constructor(launch: Launch) {
    this.#launch = launch
    this.port = launch.port
    this.#folder = mkdtempSync(join(tmpdir(), `${launch.program}-`))
    const lines = ['bind 127.0.0.1', `dir ${this.#folder}`, 'daemonize no', ...launch.lines]
    writeFileSync(join(this.#folder, 'redis.conf'), `${lines.join('\n')}\n`)
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** It was started and has not ended; one that is paused runs. */
  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** What it has printed. */
  get log(): string {
    return this.#said.join('')
  }

  /** A connection of its own, which ends with the server. */
  async client(place: Omit<RespPlace, 'port'> = this.#launch.place): Promise<RespClient> {
    const client = await RespClient.open({ ...place, port: this.port })
    this.#clients.push(client)
    return client
  }

  /** One command on a connection of its own. */
  async call(...words: readonly (string | number)[]): Promise<Reply> {
    const client = await RespClient.open({ ...this.#launch.place, port: this.port })
    try {
      return await client.call(...words)
    } finally {
      client.leave()
    }
  }

  /** A field of `INFO`. */
  async info(section: string, field: string): Promise<string | undefined> {
    const text = String(await this.call('INFO', section))
    return new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(text)?.[1]
  }

  /** `master` or `slave`; undefined where it does not say, as one whose role just changes and that ends its connections. */
  async role(): Promise<string | undefined> {
    return this.info('replication', 'role').catch(() => undefined)
  }

  /** With whatever data there is; resolves when it answers. */
  async start(): Promise<void> {
    const child = spawn(this.#launch.program, [join(this.#folder, 'redis.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: runEnvironment,
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => this.#said.push(`${piece}`))
    await once(child, 'spawn')
    await until(`${this.#launch.program} to answer`, async () => {
      if (child.exitCode !== null) throw new Error(`${this.#launch.program} ended: ${this.log}`)
      const answer = await this.call('PING').catch(error => (error instanceof Error ? error.message : ''))
      return alive.test(String(answer))
    })
  }

  /** Ends in good order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  /** Nothing that it would have done is done. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** Its connections stay, and nothing is answered. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** After `stop` or `kill`: its data is lost. */
  restartEmpty(): Promise<void> {
    for (const name of readdirSync(this.#folder)) {
      if (!ownFiles.includes(name)) rmSync(join(this.#folder, name), { recursive: true })
    }
    return this.start()
  }

  /** After `stop` or `kill`: with what it had written. */
  restartFromDisk(): Promise<void> {
    return this.start()
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.leave()
    await this.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child === undefined || !this.running) return
    const ended = once(this.#child, 'exit')
    this.#child.kill(signal)
    await ended
  }
}
