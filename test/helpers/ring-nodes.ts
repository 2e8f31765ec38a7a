// Nodes of a ring on one machine: each on an address of its own in 127.0.0.0/8, so that all have the same ports, with the
// list in a settings file that a test writes anew.
import { equal } from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/commands/run.ts'
import { createNodeMap } from '../../src/ring/node-map.ts'
import type { NodeRecord } from '../../src/ring/settings.ts'
import { adminSecret } from './admin-client.ts'
import { type Daemon, type LogLine, launch } from './daemon.ts'
import { freePorts } from './proxies.ts'
import { until } from './until.ts'

export const ringSecret = 'b07c4e19d2f86a35'.repeat(3)
const workers = 2
/** Ends what hangs. */
const startMsMax = 180_000

export interface RingSettingsFile {
  readonly generation: number
  readonly nodes: readonly NodeRecord[]
  readonly secret: string
  readonly map?: string
}

export interface RingOptions {
  /** One for each node. */
  readonly weights?: readonly number[]
  readonly map?: string
  /** Protocols with shard ports. */
  readonly protocols: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

export class RingNodes {
  readonly nodes: readonly NodeRecord[]
  readonly daemons: Daemon[] = []
  readonly #options: RingOptions
  readonly #folder = mkdtempSync(join(tmpdir(), 'ring-nodes-'))
  readonly #ports: readonly number[]

  private constructor(options: RingOptions, ports: readonly number[]) {
    this.#options = options
    this.#ports = ports
    const net = `127.${randomInt(1, 255)}.${randomInt(255)}`
    const { weights = [1, 1, 1] } = options
    this.nodes = weights.map((weight, index) => {
      const host = `${net}.${index + 1}`
      return {
        name: 'abcdef'.charAt(index),
        host,
        workers,
        weight,
        peer: `${host}:${ports[0]}`,
        shardPorts: [],
      }
    })
  }

  /** All of them serve. */
  static async start(options: RingOptions): Promise<RingNodes> {
    const ring = new RingNodes(options, await freePorts(1 + options.protocols.length * workers))
    try {
      // One after the other: each has more threads than a small machine has cores.
      for (const index of ring.nodes.keys()) await ring.startNode(index)
    } catch (error) {
      await ring.end()
      throw error
    }
    return ring
  }

  async startNode(index: number, settings: Partial<RingSettingsFile> = {}): Promise<Daemon> {
    const { protocols, environment } = this.#options
    const { host = '' } = this.nodes[index] ?? {}
    const path = this.write(index, settings)
    const doors = protocols.map(
      (name, at) =>
        [`RINGCAST_${name.toUpperCase()}_SHARD_PORTS`, `${host}:${this.#ports[1 + at * workers]}`] as const,
    )
    const daemon = launch({
      workers,
      environment: {
        RINGCAST_ONLY: protocols.join(),
        RINGCAST_ADMIN_SECRET: adminSecret,
        RINGCAST_CONFIG: path,
        ...Object.fromEntries(doors),
        ...environment,
      },
    })
    this.daemons[index] = daemon
    await until(
      'the node to be ready',
      () => {
        if (daemon.process.exitCode !== null) throw new Error(`it ended: ${daemon.errors.join('\n')}`)
        return daemon.log.some(({ msg }) => msg === 'ready')
      },
      startMsMax,
    )
    return daemon
  }

  /** The settings of one node anew; they are read by `hangUp`, or as it starts. */
  write(index: number, settings: Partial<RingSettingsFile> = {}): string {
    const path = join(this.#folder, `${index}.json`)
    const { map = 'auto' } = this.#options
    const ring = { generation: 1, nodes: this.nodes, secret: ringSecret, map, ...settings }
    const own = { ...ring, self: this.nodes[index]?.name }
    writeFileSync(path, JSON.stringify({ ring: own }), { mode: 0o600 })
    return path
  }

  /** The node reads its settings again; its verdict. */
  async hangUp(index: number): Promise<LogLine> {
    const daemon = this.daemons[index]
    const from = daemon?.log.length ?? 0
    daemon?.process.kill('SIGHUP')
    const isVerdict = ({ msg }: LogLine) => /^settings (?:reloaded|were read again)/.test(msg)
    return until('the settings to be read again', () => daemon?.log.slice(from).find(isVerdict))
  }

  /** What `ringcast ring …` prints with the settings of the first node. */
  async print(...args: readonly string[]): Promise<string> {
    const { host = '' } = this.nodes[0] ?? {}
    const doors = this.#options.protocols.map(
      (name, at) => `--${name}.shard-ports=${host}:${this.#ports[1 + at * workers]}`,
    )
    const flags = [`--config=${this.write(0)}`, `--only=${this.#options.protocols.join()}`, ...doors]
    const { code, out, complaints } = await runCommand(['ring', ...args, ...flags])
    equal(code, 0, complaints)
    return out
  }

  /** Over all workers of all nodes. */
  async sum(part: string, name: string): Promise<number> {
    const all = await Promise.all(this.daemons.map(daemon => daemon.statistics()))
    return all.flat().reduce((sum, worker) => sum + (worker[part]?.[name] ?? 0), 0)
  }

  async end(): Promise<void> {
    for (const daemon of this.daemons) daemon.process.kill('SIGKILL')
    await Promise.all(this.daemons.map(({ ended }) => ended))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly out: string; readonly complaints: string }> {
  const [printed, complained]: [string[], string[]] = [[], []]
  const terminal = {
    print: (text: string) => void printed.push(text),
    complain: (line: string) => void complained.push(line),
    flush: async () => {},
    isShown: false,
    columns: 80,
    isTyped: false,
    input: (async function* () {})(),
    interrupted: () => new AbortController().signal,
  }
  const code = (await run(args, environment, { terminal })) ?? 0
  return { code, out: printed.join('\n'), complaints: complained.join('\n') }
}

/** The index of the node that owns the channel by the list, with the plain map. */
export function ownerIn(nodes: readonly NodeRecord[]): (channel: string) => number {
  const shapes = nodes.map(({ name, workers, weight = 1 }) => {
    return { name, weight, labels: Array.from({ length: workers }, (_, slot) => `${name}:${slot}`) }
  })
  const placeOf = createNodeMap({ map: 'plain', nodes: shapes })
  return channel => placeOf(channel).node
}
