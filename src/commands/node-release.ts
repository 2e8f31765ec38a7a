// Node.js 22 is what the native library is built for and what we test. On any other one the program hands itself to
// the Node.js that is installed with it. Imports nothing of ours and keeps to old syntax, so that any Node.js reads it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'

const fitMajor = '22'

/** `version` as in `process.versions.node`. */
export function isFitNode(version: string): boolean {
  return version.split('.')[0] === fitMajor
}

/**
 * The program of the package that brings Node.js for this kind of machine, as the file `from` would import it;
 * undefined: it is not installed.
 */
export function findBundledNode(from: string, platform: string, arch: string): string | undefined {
  try {
    const manifest = createRequire(from).resolve(`node-${platform}-${arch}/package.json`)
    const program = join(dirname(manifest), 'bin', 'node')
    return existsSync(program) ? program : undefined
  } catch {
    return undefined // no such package here
  }
}

/** True: this Node.js runs the program. False: another one does, or the process is about to end with a sentence. */
export function isOurs(main: string, environment: NodeJS.ProcessEnv): boolean {
  if (isFitNode(process.versions.node)) return true
  const program = findBundledNode(main, process.platform, process.arch)
  if (program === undefined) {
    process.stderr.write(
      `ringcast: Node.js ${fitMajor} is needed, this is ${process.version}; install it, or let npm install optional packages\n`,
    )
    process.exitCode = 1
    return false
  }
  handOver(program, [...process.execArgv, ...process.argv.slice(1)], environment)
  return false
}

/** Listening sockets that this process was handed, and how a child is told of them (`app/socket-variables.ts`), whose number is another. */
export function socketsFor(environment: NodeJS.ProcessEnv, pid: number) {
  const { LISTEN_FDS, LISTEN_PID, RINGCAST_HANDOVER_FDS, ...env } = environment
  const count = RINGCAST_HANDOVER_FDS ?? (LISTEN_PID === String(pid) ? LISTEN_FDS : undefined)
  if (count === undefined || !/^[1-9]\d{0,3}$/.test(count)) return { env: environment, sockets: [] }
  const sockets = Array.from({ length: Number(count) }, (_, at) => 3 + at)
  return { env: { ...env, RINGCAST_HANDOVER_FDS: count }, sockets }
}

/** The same process goes on as `program` where Node.js can do that (from 22.15 and 23.11); else a child takes over. */
function handOver(program: string, args: readonly string[], environment: NodeJS.ProcessEnv): void {
  const { env, sockets } = socketsFor(environment, process.pid)
  // Node.js closes all but the standard streams when it becomes another program.
  if (process.execve !== undefined && sockets.length === 0) process.execve(program, [program, ...args])
  const child = spawn(program, args, { stdio: ['inherit', 'inherit', 'inherit', ...sockets], env })
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    process.stderr.write(`ringcast: ${program} cannot be started: ${error.message}\n`)
    process.exit(1)
  })
  // A shell's way to tell that a signal ended a program.
  child.on('exit', (code, signal) =>
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
  )
}
