// A daemon as an operator has it: out of a package, started by the program that the package installs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { keepOutput } from './outputs.ts'
import { runEnvironment } from './program.ts'
import { until } from './until.ts'

const root = resolve(import.meta.dirname, '../..')
/** A package may be started for the first time on a busy machine. */
const startDeadlineMs = 120_000

export interface Installed {
  /** Main address of a protocol, or of admin: `host:port`. */
  address(protocol: string): string
  /** Resolves with code or signal. */
  stop(): Promise<number | NodeJS.Signals>
}

export async function startInstalled(
  t: TestContext,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  folder: string,
): Promise<Installed> {
  const [program = '', ...args] = command
  const env = { ...runEnvironment, ...environment }
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code)
  const output = keepOutput(child.pid ?? 0, environment)
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', line => {
    output.printed(line)
    lines.push(line)
  })
  createInterface({ input: child.stderr }).on('line', line => {
    output.failed(line)
    lines.push(line)
  })
  await until(
    `${command.join(' ')} to be ready`,
    () => {
      if (child.exitCode !== null) throw new Error(`it ended:\n${lines.join('\n')}`)
      return lines.some(line => line.includes('"msg":"ready"'))
    },
    startDeadlineMs,
  )
  return {
    address(protocol) {
      const line = lines.find(one => one.includes('"listening"') && one.includes(`"protocol":"${protocol}"`))
      return String(JSON.parse(line ?? '{}').address)
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** What is needed to build: the files that a clone has, without tests, and the packages of this checkout. */
export function copySources(t: TestContext): string {
  const folder = temporaryFolder(t, 'sources')
  const names = ['src', 'workers', 'deploy', 'package.json', 'package-lock.json', 'tsconfig.json']
  const documents = ['tsconfig.build.json', 'README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'SECURITY.md']
  for (const name of [...names, ...documents, 'LICENSE'])
    cpSync(join(root, name), join(folder, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

export function temporaryFolder(t: TestContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
