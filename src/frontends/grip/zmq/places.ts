// Where ZeroMQ sockets are: `tcp://host:port` and `ipc:///path`, as settings, routes and command lines write them.

import { type Address, isLoopback, parseAddress } from '../../../std/address.ts'
import type { GripSettings } from '../settings.ts'

export type Place =
  | { readonly kind: 'tcp'; readonly address: Address }
  | { readonly kind: 'ipc'; readonly path: string }

/** What the kernel has room for, less the NUL at the end (unix(7)). */
const pathBytesMax = 107

/** Undefined where the text is none. A port of 0 is any free one, and an asterisk in place of a host is all interfaces. */
export function parsePlace(text: string): Place | undefined {
  const [, path] = /^ipc:\/\/([^\0]+)$/s.exec(text) ?? []
  if (path !== undefined) return Buffer.byteLength(path) > pathBytesMax ? undefined : { kind: 'ipc', path }
  const [, host, port] = /^tcp:\/\/(.+):(\d{1,5}|\*)$/s.exec(text) ?? []
  if (host === undefined || port === undefined) return undefined
  const name = host === '*' ? '0.0.0.0' : host
  const address = parseAddress(`${name}:${port === '*' ? '0' : port}`)
  return address === undefined || address.path !== undefined ? undefined : { kind: 'tcp', address }
}

/** As the library writes an endpoint to bind: a port that it chooses is an asterisk. */
export function endpointOf(place: Place): string {
  if (place.kind === 'ipc') return `ipc://${place.path}`
  const { host, port } = place.address
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port === 0 ? '*' : port}`
}

/** Whoever is on the same machine alone gets there. */
export function isLocal(place: Place): boolean {
  return place.kind === 'ipc' || isLoopback(place.address)
}

/** Of a setting that may be off. */
export function isOff(spec: string): boolean {
  return spec === '' || spec === 'off'
}

type ZmqSettings = Pick<
  GripSettings,
  'zmqPull' | 'zmqSub' | 'zmqSubConnect' | 'zmqCommand' | 'zmqStats' | 'zmqIpcMode'
>

/** Whether a setting asks for a socket. */
export function isZmqWanted({ zmqPull, zmqSub, zmqCommand, zmqStats }: ZmqSettings): boolean {
  return [zmqPull, ...zmqSub, zmqCommand, zmqStats].some(spec => !isOff(spec))
}

/** One sentence each. */
export function zmqMistakesIn({
  zmqPull,
  zmqSub,
  zmqCommand,
  zmqStats,
  zmqIpcMode,
}: ZmqSettings): readonly string[] {
  const given = [
    ['ZMQ_PULL', zmqPull],
    ...zmqSub.map(spec => ['ZMQ_SUB', spec] as const),
    ['ZMQ_COMMAND', zmqCommand],
    ['ZMQ_STATS', zmqStats],
  ] as const
  const mistakes = given.flatMap(([key, spec]) =>
    isOff(spec) || parsePlace(spec) !== undefined
      ? []
      : [`RINGCAST_GRIP_${key} has '${spec}', which is neither tcp://host:port nor ipc:///path`],
  )
  if (zmqIpcMode !== '' && !/^0?[0-7]{3}$/.test(zmqIpcMode))
    mistakes.push(`RINGCAST_GRIP_ZMQ_IPC_MODE is '${zmqIpcMode}', and not three octal digits`)
  return mistakes
}
