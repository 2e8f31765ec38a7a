// Ends nodes' threads of ZeroMQ under load, again and again, each in a process of its own: none may end but in good order.
import { deepEqual } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { flagsOfOthers, runEnvironment } from '../program.ts'

/** How a process may end: see `zmq-end.ts`. */
export const ends = ['stop', 'retire', 'bug', 'crash', 'early'] as const

export async function playEnds(t: TestContext, how: (typeof ends)[number], rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zmq-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const flood = start('zmq-flood.ts', folder)
  t.after(() => flood.kill('SIGKILL'))
  for (let round = 0; round < rounds; round++) {
    const node = start('zmq-end.ts', folder, how)
    t.after(() => node.kill('SIGKILL'))
    const said: string[] = []
    node.stderr?.on('data', piece => said.push(String(piece)))
    const [status, signal] = await once(node, 'close')
    deepEqual([status, signal, said.join('')], [0, null, ''], `round ${round} of ${how}`)
  }
}

function start(program: string, ...args: readonly string[]): ChildProcess {
  const path = new URL(program, import.meta.url).pathname
  const flags = ['--disable-warning=ExperimentalWarning', ...flagsOfOthers]
  return spawn(process.execPath, [...flags, path, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: runEnvironment,
  })
}
