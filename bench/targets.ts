// The programs that a bench measures: the daemon in production, and controls. Each is a process of its own on a free
// port of loopback, and ends at the latest with this process.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { startDaemon } from '../test/helpers/daemon.ts'
import { until } from '../test/helpers/until.ts'

export interface Target {
  readonly name: string
  /** What it started counts with it. */
  readonly pid: number
  readonly port: number
  /** Where publishes go; the same but for a protocol with a door of its own for them. */
  readonly publishPort: number
  /** Where an answer does not tell that a stream is held: it is after so long. */
  readonly heldMs?: number
  /** Where publishes and streams are at two nodes, `pid` is the one that takes publishes; these are told apart from it. */
  readonly beside?: { readonly following: number; readonly broker: number }
  /** Of all threads, after garbage was collected; for programs with the memory probe. */
  heapBytes(): Promise<number>
  stop(): Promise<void>
}

export interface Program {
  readonly name: string
  /** `main` is the daemon's; a control has its own. */
  start(main: URL): Promise<Target>
}

/** Loaded into a program in front of its own code: on a signal it collects garbage and prints what is left. */
export const memoryProbe: readonly string[] = [
  '--expose-gc',
  '--disable-warning=ExperimentalWarning',
  `--import=${new URL('./memory-probe.ts', import.meta.url).pathname}`,
]

/** What production wants said of the protocols that need nothing else to be measured. pinghub has no credentials, so that it is opened to everybody in as many words. */
export const environments = {
  rpushd: { RINGCAST_RPUSHD_SHARD_PORTS: 'off' },
  pinghub: {
    RINGCAST_PINGHUB_SHARD_PORTS: 'off',
    RINGCAST_PINGHUB_METRICS_LISTEN: 'off',
    RINGCAST_PINGHUB_SUBSCRIBE: '*',
    RINGCAST_PINGHUB_PUBLISH: '*',
  },
} as const

/**
 * With the one protocol that the load speaks. `flags` are for node. Owners are by name, not by port: the same worker
 * owns a channel in every run.
 */
export function daemon(
  workers: number,
  options: {
    /** rpushd, where nothing is said. */
    readonly protocol?: string
    /** Name of the door for publishers, where it has one. */
    readonly publishDoor?: string
    /** Whose listener takes publishes, where it is another's. */
    readonly publishProtocol?: string
    readonly environment?: Readonly<Record<string, string | undefined>>
    readonly flags?: readonly string[]
  } = {},
): Program {
  const name = `daemon, ${workers} worker${workers > 1 ? 's' : ''}`
  const { flags = [], protocol = 'rpushd', publishDoor, publishProtocol = protocol } = options
  const usual = Object.entries(environments).find(([name]) => name === protocol)?.[1]
  const environment = { RINGCAST_ONLY: protocol, ...usual, ...options.environment }
  return {
    name,
    async start(main) {
      const started = await startDaemon({ workers, main, flags, environment })
      endWithUs(started.process)
      const door = started.log.find(
        line =>
          line.msg === 'listening' && line['protocol'] === publishProtocol && line['door'] === publishDoor,
      )
      return {
        name,
        pid: started.pid,
        port: portOf(started.address(protocol)),
        publishPort: portOf(String(door?.['address'])),
        heapBytes: () => readHeap(started.process, started.printed),
        async stop() {
          const code = await started.stop()
          if (code !== 0) throw new Error(`the daemon ended with ${code}: ${started.errors.join('\n')}`)
        },
      }
    },
  }
}

/** `file` is a file of controls/ without its ending. */
export function control(
  file: string,
  options: { readonly threads?: number; readonly flags?: readonly string[] } = {},
): Program {
  const { threads = 1, flags = [] } = options
  const name = threads === 1 ? 'control' : `control, ${threads} threads`
  const entry = new URL(`./controls/${file}.ts`, import.meta.url)
  return listener(name, [...flags, entry.pathname, String(threads)])
}

/** A program for node that prints the port that it listens on. `line`: flags, its file, arguments. */
export function listener(name: string, line: readonly string[]): Program {
  return {
    name,
    async start() {
      const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'inherit'] })
      endWithUs(child)
      const ended = once(child, 'exit')
      const printed: string[] = []
      createInterface({ input: child.stdout }).on('line', line => printed.push(line))
      const listening = await until(`the ${name} to listen`, () => {
        if (child.exitCode !== null) throw new Error(`the ${name} ended with ${child.exitCode}`)
        return printed.map(line => /^listening (\d+)$/.exec(line)?.[1]).find(port => port !== undefined)
      })
      return {
        name,
        pid: child.pid ?? 0,
        port: Number(listening),
        publishPort: Number(listening),
        heapBytes: () => readHeap(child, printed),
        async stop() {
          child.kill('SIGTERM')
          await ended
        },
      }
    },
  }
}

function portOf(address: string): number {
  return Number(address.split(':').at(-1))
}

/** What still runs when this process ends, ends with it. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function endWithUs(child: ChildProcess): void {
  running.add(child)
  child.on('exit', () => running.delete(child))
}

async function readHeap(child: ChildProcess, printed: readonly string[]): Promise<number> {
  const seen = printed.length
  child.kill('SIGURG')
  const line = await until('the heap', () => printed.slice(seen).find(one => one.startsWith('heap ')))
  return Number(line.slice('heap '.length))
}
