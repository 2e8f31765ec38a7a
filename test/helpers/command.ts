// Runs the program's commands as a shell would, in a clean environment, and collects what they print.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { program, runEnvironment } from './program.ts'

interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Standard input; absent: none. */
  readonly input?: string | Uint8Array
}

export interface RunningCommand {
  readonly process: ChildProcess
  out(): string
  errors(): string
  /** Code or signal, once all output was read. */
  readonly ended: Promise<number | NodeJS.Signals>
}

export interface EndedCommand {
  readonly code: number | NodeJS.Signals
  readonly out: string
  readonly errors: string
}

/** Whoever starts a command that does not end by itself ends it, also when a test fails. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program.pathname, ...args],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...runEnvironment, ...options.environment },
    },
  )
  const out: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', piece => out.push(piece))
  child.stderr.on('data', piece => errors.push(piece))
  // A command that refuses may end before it reads its input.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  return {
    process: child,
    out: () => Buffer.concat(out).toString(),
    errors: () => Buffer.concat(errors).toString(),
    ended: once(child, 'close').then(([code, signal]) => signal ?? code),
  }
}

/** On a terminal of its own, which shows both outputs as one; its line ends are returned as line feeds. */
export async function runOnTerminal(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<EndedCommand> {
  const words = [process.execPath, '--disable-warning=ExperimentalWarning', program.pathname, ...args]
  const line = words.map(word => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...runEnvironment,
      SHELL: '/bin/sh',
      TERM: 'xterm',
      ...environment,
    },
  })
  const out: Buffer[] = []
  child.stdout.on('data', piece => out.push(piece))
  const [code, signal] = await once(child, 'close')
  return { code: signal ?? code, out: Buffer.concat(out).toString().replaceAll('\r\n', '\n'), errors: '' }
}

export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<EndedCommand> {
  const command = startCommand(args, options)
  const code = await command.ended
  return { code, out: command.out(), errors: command.errors() }
}
