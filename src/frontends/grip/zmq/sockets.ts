// The sockets that settings ask for, bound before any of them is used: either all are there, or a sentence says which is not.
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Publisher, Pull, Reply, Subscriber } from 'zeromq'
import { faultText } from '../../../std/fault.ts'
import type { GripSettings } from '../settings.ts'
import { receiving, sending, subscribing, type Zeromq } from './library.ts'
import { endpointOf, isLocal, isOff, type Place, parsePlace } from './places.ts'

export interface ZmqSockets {
  readonly pull: Pull | undefined
  readonly subscriber: Subscriber | undefined
  readonly command: Reply | undefined
  readonly statistics: Publisher | undefined
  /** Where each is, by the name of its setting. */
  readonly endpoints: readonly (readonly [setting: string, endpoint: string])[]
}

type Bindable = Pull | Subscriber | Reply | Publisher

/** What the original has for statistics; a subscriber that is slower loses items. */
const statisticsQueueMax = 200_000

export async function openSockets(zeromq: Zeromq, settings: GripSettings): Promise<ZmqSockets | string> {
  const { zmqPull, zmqSub, zmqCommand, zmqStats, zmqQueueMax, controlBodyBytesMax } = settings
  const input = {
    ...receiving,
    receiveHighWaterMark: zmqQueueMax,
    maxMessageSize: controlBodyBytesMax,
  }
  const opened: Bindable[] = []
  const endpoints: (readonly [string, string])[] = []
  const open = async <Socket extends Bindable>(
    setting: string,
    specs: readonly string[],
    make: () => Socket,
  ): Promise<Socket | undefined> => {
    const wanted = specs.filter(spec => !isOff(spec))
    if (wanted.length === 0) return undefined
    const socket = make()
    opened.push(socket)
    const connects = setting === 'zmqSub' && settings.zmqSubConnect
    for (const spec of wanted)
      endpoints.push([setting, await join(socket, spec, connects, settings.zmqIpcMode)])
    return socket
  }
  try {
    return {
      pull: await open('zmqPull', [zmqPull], () => new zeromq.Pull(input)),
      subscriber: await open('zmqSub', zmqSub, () => new zeromq.Subscriber({ ...input, ...subscribing })),
      command: await open(
        'zmqCommand',
        [zmqCommand],
        () => new zeromq.Reply({ ...sending, maxMessageSize: controlBodyBytesMax }),
      ),
      statistics: await open(
        'zmqStats',
        [zmqStats],
        () => new zeromq.Publisher({ ...sending, sendHighWaterMark: statisticsQueueMax }),
      ),
      endpoints,
    }
  } catch (error) {
    for (const socket of opened) socket.close()
    return faultText(error)
  }
}

async function join(socket: Bindable, spec: string, connects: boolean, mode: string): Promise<string> {
  const place = parsePlace(spec)
  if (place === undefined) throw new Error(`${spec} is no tcp://host:port or ipc:///path`)
  if (connects) {
    socket.connect(endpointOf(place))
    return endpointOf(place)
  }
  try {
    await bindAt(socket, place, mode)
  } catch (error) {
    throw new Error(`${spec} cannot be bound: ${faultText(error)}`)
  }
  return socket.lastEndpoint ?? spec
}

/** `mode`: of the file of an `ipc` socket, in octal digits; empty: as the process has it. Its folder is made. */
export async function bindAt(
  socket: { bind(endpoint: string): Promise<void> },
  place: Place,
  mode: string,
): Promise<void> {
  const path = place.kind === 'ipc' && !place.path.startsWith('@') ? place.path : undefined
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true })
  await socket.bind(endpointOf(place))
  if (path !== undefined && mode !== '') chmodSync(path, Number.parseInt(mode, 8))
}

/** What is reached from other machines, though the protocol has no way to say who is there. */
export function openSpecs({
  zmqPull,
  zmqSub,
  zmqSubConnect,
  zmqCommand,
  zmqStats,
}: GripSettings): readonly string[] {
  const bound = [zmqPull, zmqCommand, zmqStats, ...(zmqSubConnect ? [] : zmqSub)]
  return bound.filter(spec => {
    const place = isOff(spec) ? undefined : parsePlace(spec)
    return place !== undefined && !isLocal(place)
  })
}
