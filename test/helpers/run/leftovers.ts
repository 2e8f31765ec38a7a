// What the tests of a run leave behind: every process that a run starts inherits a variable by which it is found.
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A daemon that was told to stop needs a moment; whatever lives longer was forgotten by its test. */
const LEFTOVER_GRACE_MS = 10_000
const VARIABLE = 'TEST_RUN_MARK'

export function markEnvironment(): void {
  process.env[VARIABLE] = `${process.pid}-${Date.now()}`
}

/** Waits for what the tests started to end, then kills the rest and names it. */
export async function killLeftovers(): Promise<string[]> {
  const deadlineMs = performance.now() + LEFTOVER_GRACE_MS
  while (marked().length > 0 && performance.now() < deadlineMs) await sleep(20)
  return marked().map(pid => {
    const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').trim()
    kill(pid, 'SIGKILL')
    return `${pid} ${command}`
  })
}

export function signalMarked(signal: NodeJS.Signals): void {
  for (const pid of marked()) kill(pid, signal)
}

function marked(): number[] {
  const mark = `${VARIABLE}=${process.env[VARIABLE]}`
  const pids = readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .map(Number)
  return pids.filter(pid => pid !== process.pid && readProc(pid, 'environ').split('\0').includes(mark))
}

function readProc(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // the process ended meanwhile, or belongs to somebody else
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended between the look and the signal, which is all we wanted.
  }
}
