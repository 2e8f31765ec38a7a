// What the machine says: processor time and memory of a process, and what a stored figure must name to be compared.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** Linux counts processor time of processes in steps of 10 ms on every machine that Node.js runs on. */
const tickMs = 10

/** The process and all that it started: some programs are several. */
function familyOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap(thread =>
    (readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
  )
  return [pid, ...children.flatMap(familyOf)]
}

function sumOf(pid: number, figureOf: (member: number) => number): number {
  return familyOf(pid).reduce((sum, member) => sum + figureOf(member), 0)
}

/** User and system time of the process, of all that it started, and of all their threads. */
export function processCpuMs(pid: number): number {
  return sumOf(pid, ownCpuMs)
}

function ownCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The program's name may hold blanks; it ends with the last parenthesis, and utime is the 12th field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** Processor time of a process between the last `before` and `after`. */
export function meterCpu(pid: number): { readonly ms: number; before(): void; after(): void } {
  let startMs = 0
  let ms = 0
  return {
    get ms() {
      return ms
    },
    before() {
      startMs = processCpuMs(pid)
    },
    after() {
      ms = processCpuMs(pid) - startMs
    },
  }
}

export function processRssBytes(pid: number): number {
  return sumOf(pid, member => statusBytes(member, 'VmRSS'))
}

/** Without what lies in files: for a program without a heap that it could tell of. */
export function processAnonymousBytes(pid: number): number {
  return sumOf(pid, member => statusBytes(member, 'RssAnon'))
}

function statusBytes(pid: number, name: 'VmRSS' | 'RssAnon'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024
}

/** What the kernel of the whole machine keeps for sockets, files and directories; bytes under way are not in it. */
export function kernelBytes(): number {
  return Number(/^Slab:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1_024
}

/** Descriptors that a program needs for itself: listeners, its threads, publishers. */
const descriptorsSpare = 200

/** As many as wanted, or as many as one process may hold here: Node.js raises its own soft limit to the hard one. */
export function streamsWithin(wanted: number): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const hard = Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  return Math.min(wanted, hard - descriptorsSpare)
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly kernel: string
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    // Without what a distribution or a host appends.
    kernel: release().split('-')[0] ?? '',
  }
}

export interface Versions {
  readonly node: string
  readonly ringcast: string
  readonly uWebSockets: string
  /** Of the working copy, with a plus sign where it has changes of its own. */
  readonly commit: string
}

export function describeVersions(): Versions {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return {
    node: process.versions.node,
    ringcast: manifest.version,
    uWebSockets: manifest.dependencies['uWebSockets.js'],
    commit: readCommit(),
  }
}

function readCommit(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', '../src') === '' ? '' : '+'}`
  } catch {
    return 'unknown' // not a checkout
  }
}
