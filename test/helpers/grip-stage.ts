// A daemon that speaks GRIP alone, in front of origins of a test: its doors, its publishers, and what it takes of memory.
import { equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { type Daemon, startDaemon } from './daemon.ts'
import { tlsDoor } from './grip/tls-door.ts'
import { type Place, RawClient } from './raw-client.ts'
import { type Answer, encodeRequest, type Headers } from './raw-http.ts'
import { until } from './until.ts'

export interface GripStageOptions {
  /** Rules, one a line. */
  readonly routes: string
  readonly workers?: number
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly main?: URL
  /** Clients come over TLS. */
  readonly isTls?: boolean
}

export interface GripStage {
  readonly daemon: Daemon
  readonly client: string
  readonly control: string
  /** Where `connect` and `get` go. */
  readonly place: Place
  connect(): RawClient
  /** A client that has sent a GET. */
  get(target: string, headers?: Headers): RawClient
  /** Posts to the control door, on a connection of its own. */
  post(body: string | Uint8Array, headers?: Headers): Promise<Answer>
  /** Publishes, and sees that it was. */
  publish(...items: readonly object[]): Promise<void>
  /** A statistic of GRIP, over all workers. */
  count(name: string): Promise<number>
  /** Waits until so many clients are held. */
  held(count: number): Promise<unknown>
  residentBytes(): number
}

/** Whoever reaches the control door publishes, and nothing is signed. */
export const gripEnvironment = {
  RINGCAST_ONLY: 'grip',
  RINGCAST_GRIP_LISTEN: '127.0.0.1:0',
  RINGCAST_GRIP_CONTROL_LISTEN: '127.0.0.1:0',
  RINGCAST_GRIP_CONTROL_SECRET: undefined,
  RINGCAST_GRIP_SIG_KEY: undefined,
  RINGCAST_GRIP_UPSTREAM_KEY: undefined,
} as const

export async function startGrip(
  t: Pick<TestContext, 'after'>,
  { routes, workers = 2, environment = {}, isTls = false, ...options }: GripStageOptions,
): Promise<GripStage> {
  const tls = isTls ? await tlsDoor(t) : undefined
  const daemon = await startDaemon({
    ...options,
    workers,
    environment: {
      ...gripEnvironment,
      RINGCAST_GRIP_ROUTES_TEXT: routes,
      ...tls?.environment,
      ...environment,
    },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const client = daemon.address('grip')
  const control = doorOf(daemon, 'control')
  const place = tls?.place ?? client
  const connect = () => {
    const made = new RawClient(place)
    t.after(() => made.leave())
    return made
  }
  const stage: GripStage = {
    daemon,
    client,
    control,
    place,
    connect,
    get: (target, headers = []) => connect().send(encodeRequest({ method: 'GET', target, headers })),
    async post(body, headers = []) {
      const publisher = new RawClient(control)
      try {
        return await publisher
          .send(encodeRequest({ method: 'POST', target: '/publish/', headers, body }))
          .answer()
      } finally {
        publisher.leave()
      }
    },
    async publish(...items) {
      const { status, body } = await stage.post(JSON.stringify({ items }))
      equal(`${status} ${body}`, '200 Published\n')
    },
    async count(name) {
      const counts = await daemon.statistics(workers)
      return counts.reduce((sum, { grip }) => sum + (grip?.[name] ?? 0), 0)
    },
    held: count => until(`${count} to be held`, async () => (await stage.count('holds')) === count),
    residentBytes() {
      const [, kilobytes] =
        /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8')) ?? []
      return Number(kilobytes) * 1_024
    },
  }
  return stage
}

/** `host:port` of a door beside the main one. */
export function doorOf(daemon: Daemon, door: string): string {
  const line = daemon.log.find(
    ({ msg, ...rest }) => msg === 'listening' && rest['protocol'] === 'grip' && rest['door'] === door,
  )
  return String(line?.['address'])
}
