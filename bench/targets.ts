// The programs that a bench measures: the daemon as it is built, in production, and a control. Each is a process of
// its own on a free port of loopback.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { mintHmacToken } from '../src/auth/hmac-token.ts'
import { secrets, startDaemon } from '../test/helpers/daemon.ts'

export interface Target {
  readonly name: string
  readonly pid: number
  readonly port: number
  stop(): Promise<void>
}

const build = new URL('../dist/src/main.js', import.meta.url)

export async function startBuilt(workers: number, flags: readonly string[] = []): Promise<Target> {
  const daemon = await startDaemon({
    workers,
    main: build,
    flags,
    // Owners by name, not by port: the same worker owns the channel in every run.
    environment: { RINGCAST_RPUSHD_SHARD_PORTS: 'off' },
  })
  return {
    name: `daemon, ${workers} worker${workers > 1 ? 's' : ''}`,
    pid: daemon.pid,
    port: Number(daemon.address('rpushd').split(':').at(-1)),
    async stop() {
      const code = await daemon.stop()
      if (code !== 0) throw new Error(`the daemon ended with ${code}: ${daemon.errors.join('\n')}`)
    },
  }
}

export async function startControl(file: string): Promise<Target> {
  const entry = new URL(`./controls/${file}.ts`, import.meta.url)
  const control: ChildProcess = spawn(process.execPath, [entry.pathname], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(control, 'exit')
  const lines = createInterface({ input: control.stdout ?? process.stdin })
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [unknown]
  const port = Number(/^listening (\d+)$/.exec(String(line))?.[1])
  if (!(port > 0)) throw new Error(`the control ${file} did not start: ${line}`)
  return {
    name: 'control',
    pid: control.pid ?? 0,
    port,
    async stop() {
      control.kill('SIGTERM')
      await ended
    },
  }
}

/** The request that opens a stream of rpushd; a control does not look at the token. */
export function streamRequest(channel: string, port: number): string {
  const exp = Math.floor(Date.now() / 1_000) + 86_400
  const token = mintHmacToken(secrets.subscribe, { aud: 'rpushd', channel, exp, scope: 'subscribe' })
  const body = JSON.stringify({ token })
  return `${post(`/api/stream/${channel}`, port)}content-length: ${body.length}\r\n\r\n${body}`
}

/** What stands before and behind the message in a publish of rpushd. */
export function publishRequest(
  channel: string,
  port: number,
  messageBytes: number,
): { head: string; tail: string } {
  const opener = `{"channel":${JSON.stringify(channel)},"message":`
  const length = opener.length + messageBytes + 1
  const authorization = `authorization: Bearer ${secrets.publish}\r\n`
  const head = `${post('/api/publish', port)}${authorization}content-length: ${length}\r\n\r\n${opener}`
  return { head, tail: '}' }
}

function post(path: string, port: number): string {
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n`
}
