// Programs of others whose lines are taken one by one, Python's above all.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { until } from './until.ts'

/** Debian's, whatever else is called so. */
export const python = '/usr/bin/python3'
const packages = '/usr/lib/python3/dist-packages'

/** For `skip`: an installation is asked for where it counts; elsewhere its absence is told and forgiven. */
export function isPackageMissing(name: string): string | false {
  const path = `${packages}/${name}`
  return existsSync(path) || process.env['CI'] === 'true' ? false : `${path} is not installed`
}

/** A program whose lines are taken one by one. */
export class Lines {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #pieces: string[] = []
  #taken = 0
  /** Its code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout.on('data', piece => this.#pieces.push(String(piece)))
    this.ended = once(this.#child, 'close').then(([code, signal]) => signal ?? code)
  }

  write(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** Without its line end. */
  async next(): Promise<string> {
    const lines = () => this.#pieces.join('').split('\n').slice(0, -1)
    await until('another line', () => lines().length > this.#taken)
    return lines()[this.#taken++] ?? ''
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.ended
  }
}
