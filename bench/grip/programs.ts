// The daemon and the original, each in front of an origin in a process of its own. Both are configured alike: one rule,
// requests to the origin are signed, and whoever reaches the control door publishes.
import { isPushpinMissing, startPushpin } from '../../test/helpers/original-pushpin.ts'
import { freePorts } from '../../test/helpers/proxies.ts'
import { processAnonymousBytes } from '../machine.ts'
import type { Aim, Size } from '../question.ts'
import { daemon, listener, type Program, type Target } from '../targets.ts'

export const missing = isPushpinMissing()

const origin = listener('origin', [new URL('./origin.ts', import.meta.url).pathname])

/** The original passes the head on before it subscribes, and while it is busy it is long behind with that. */
const heldMs = 2_000

/** Clients of the original at a time: it reserves descriptors for all of them when it starts. */
const clientsMax = 8_000

export function behindDaemon(
  workers: number,
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const programFor = (routes: string) =>
    daemon(workers, {
      protocol: 'grip',
      publishDoor: 'control',
      flags,
      environment: {
        RINGCAST_GRIP_LISTEN: '127.0.0.1:0',
        RINGCAST_GRIP_CONTROL_LISTEN: '127.0.0.1:0',
        RINGCAST_GRIP_ROUTES_TEXT: routes,
        RINGCAST_GRIP_SIG_KEY: undefined,
        RINGCAST_GRIP_CONTROL_SECRET: undefined,
        RINGCAST_GRIP_UPSTREAM_KEY: undefined,
        PUSHPIN_SIG_KEY: 'changeme',
        ...environment,
      },
    })
  return {
    name: programFor('').name,
    start: main => behindProxy(routes => programFor(routes).start(main)),
  }
}

/** Publishers push over ZeroMQ to the door that `publishPort` names. */
export function behindDaemonByZeromq(): Program {
  return {
    name: 'daemon, by ZeroMQ',
    async start(main) {
      const [port = 0] = await freePorts(1)
      const target = await behindDaemon(1, [], { RINGCAST_GRIP_ZMQ_PULL: `tcp://127.0.0.1:${port}` }).start(
        main,
      )
      return { ...target, name: 'daemon, by ZeroMQ', publishPort: port }
    },
  }
}

const name = 'original'

export const behindOriginal: Program = {
  name,
  start: () => behindProxy(startOriginal),
}

/** In turn. Two workers at their smallest show nothing that another question does not. */
export function sidesOf(size: Size, flags: readonly string[] = []): readonly Program[] {
  const one = [behindDaemon(1, flags), behindOriginal]
  return size === 'smallest' ? one : [...one, behindDaemon(2, flags)]
}

async function startOriginal(routes: string): Promise<Target> {
  const { pid, client, control, stop } = await startPushpin(`${routes}\n`, {
    client_maxconn: String(clientsMax),
  })
  const portOf = (address: string) => Number(address.split(':').at(-1))
  return {
    name,
    pid,
    port: portOf(client),
    publishPort: portOf(control),
    heldMs,
    // It is made of native code: what it allocated is all that can be told.
    heapBytes: async () => processAnonymousBytes(pid),
    stop,
  }
}

async function behindProxy(start: (routes: string) => Promise<Target>): Promise<Target> {
  const behind = await origin.start(new URL(import.meta.url))
  const target = await start(`* 127.0.0.1:${behind.port},over_http`)
  return {
    ...target,
    async stop() {
      await target.stop()
      await behind.stop()
    },
  }
}

/** A figure of the daemon, with one worker and with two, beside the same of the original. */
export function besideOriginal(
  programs: readonly Program[],
  figure: string,
  bound: Aim['bound'],
  says: string,
): readonly Aim[] {
  const own = programs.filter(program => program !== behindOriginal)
  return own.map(({ name }) => ({
    says: `${says}, ${name}`,
    program: name,
    figure,
    base: { program: behindOriginal.name, figure },
    bound,
  }))
}
