// Values of the original's options as values of our settings. What is none is told by the end of a sentence.
import { formatAddress, parseAddress } from '../../std/address.ts'
import { gripSection } from './settings.ts'
import { endpointOf, parsePlace } from './zmq/places.ts'

/** What an option's meaning depends on. */
export interface ConfContext {
  /** What the file or the one that it includes says; undefined: nothing. */
  get(name: string): string | undefined
  /** Absolute, from a path beside the file. */
  besideFile(path: string): string
  /** Absolute, from a path below the working directory. */
  belowHere(path: string): string
  /** Added to the control port, and to the TCP ports of ZeroMQ. */
  readonly portOffset: number
}

/** Ours, by variable. A string is the end of a sentence that begins with the option. */
export type Taken = Readonly<Record<string, string>> | string

/** What the original takes for an address of its own: a port on all interfaces, or `addr:port`. Undefined: none. */
export function openAddress(text: string): string | undefined {
  const address = parseAddress(/^\d+$/.test(text) ? `0.0.0.0:${text}` : text)
  return address === undefined || address.path !== undefined || address.port === 0
    ? undefined
    : formatAddress(address)
}

const logLevels = ['error', 'warn', 'info', 'debug'] as const

/** `2`, or `2,proxy:3`, of which the part for everything counts. */
export function takeLogLevel(text: string): Taken {
  const digits = /^(\d+)(?:,[\w-]+:\d+)*$/.exec(text)?.[1]
  if (digits === undefined) return `is '${text}', and not a level from 0 to 3`
  return { RINGCAST_LOG_LEVEL: logLevels[Math.min(Number(digits), logLevels.length - 1)] ?? 'debug' }
}

export function takeHttpPort(value: string): Taken {
  const listen = value === '' ? 'off' : openAddress(value)
  return listen === undefined ? `is '${value}', and no port or addr:port` : { RINGCAST_GRIP_LISTEN: listen }
}

export function takeHttpsPorts(value: string, { besideFile }: ConfContext): Taken {
  const ports = itemsOf(value)
  const addresses = ports.map(openAddress)
  const wrong = ports.find((_, index) => addresses[index] === undefined)
  if (wrong !== undefined) return `has '${wrong}', which is no port or addr:port`
  if (ports.length === 0) return {}
  return {
    RINGCAST_GRIP_TLS_LISTEN: addresses.join(','),
    RINGCAST_GRIP_TLS_CERTIFICATES: besideFile('runner/certs'),
  }
}

export function takeLocalPorts(value: string, { belowHere }: ConfContext): Taken {
  const paths = itemsOf(value).map(item => {
    const [path = '', ...query] = item.split('?')
    return [belowHere(path), ...query].join('?')
  })
  return paths.length === 0 ? {} : { RINGCAST_GRIP_LOCAL_LISTEN: paths.join(',') }
}

export function takeControlPort(value: string, { get, portOffset }: ConfContext): Taken {
  if (value === '') return { RINGCAST_GRIP_CONTROL_LISTEN: 'off' }
  const port = Number(value) + portOffset
  if (!/^\d{1,5}$/.test(value) || port < 1 || port > 65_535) {
    return `is '${value}'${portOffset === 0 ? '' : `, with an offset of ${portOffset}`}, and no port`
  }
  const host = get('handler.push_in_http_addr') ?? '127.0.0.1'
  const listen = openAddress(`${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`)
  return listen === undefined
    ? `goes with push_in_http_addr=${host}, which is no address`
    : { RINGCAST_GRIP_CONTROL_LISTEN: listen }
}

/** A port, `addr:port`, or `ipc://` and the path of a unix socket. */
export function takePrometheus(suffix: string): (value: string) => Taken {
  return value => {
    const path = /^ipc:\/\/(\/.+)$/.exec(value)?.[1]
    const listen = value === '' ? 'off' : path === undefined ? openAddress(value) : `unix:${path}`
    return listen === undefined
      ? `is '${value}', and no port, addr:port or ipc:///path`
      : { [`RINGCAST_GRIP_${suffix}`]: listen }
  }
}

/** What is no format is the usual one, there. */
export function takeStatsFormat(value: string): Taken {
  return { RINGCAST_GRIP_STATS_FORMAT: value === 'json' ? 'json' : 'tnetstring' }
}

export function takeSetProtocol(value: string): Taken {
  const word = value === 'proto-only' ? value : booleanOf(value)
  return word === undefined
    ? `is '${value}', and neither proto-only nor true nor false`
    : { RINGCAST_GRIP_SET_X_FORWARDED_PROTOCOL: word }
}

export function boolean(suffix: string): (value: string) => Taken {
  return value => {
    const word = booleanOf(value)
    return word === undefined
      ? `is '${value}', and neither true nor false`
      : { [`RINGCAST_GRIP_${suffix}`]: word }
  }
}

function booleanOf(value: string): 'true' | 'false' | undefined {
  if (/^(?:true|1|yes|on)$/i.test(value)) return 'true'
  return /^(?:false|0|no|off|)$/i.test(value) ? 'false' : undefined
}

type Fields = (typeof gripSection)['fields']
type IntegerKey = { [Key in keyof Fields]: Fields[Key]['type'] extends 'integer' ? Key : never }[keyof Fields]

/** Beyond our bounds it is the bound: the original has none, and nobody notices one so far out. */
export function integer(name: IntegerKey, scale = 1): (value: string) => Taken {
  const { min, max } = gripSection.fields[name]
  const variable = `RINGCAST_GRIP_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`
  return value => {
    if (!/^-?\d{1,12}$/.test(value)) return `is '${value}', and no whole number`
    return { [variable]: String(Math.min(Math.max(Number(value) * scale, min), max)) }
  }
}

export function text(suffix: string): (value: string) => Taken {
  return value => ({ [`RINGCAST_GRIP_${suffix}`]: value })
}

/** Empty is none, and a setting of ours is not empty. */
export function key(variable: string): (value: string) => Taken {
  return value => (value === '' ? {} : { [variable]: value })
}

/** One or several, with their ports and paths as they are meant. */
export function zmqSpec(suffix: string): (value: string, context: ConfContext) => Taken {
  return (value, { belowHere, portOffset }) => {
    const endpoints: string[] = []
    for (const item of itemsOf(value)) {
      const place = parsePlace(item)
      const isTcp = place?.kind === 'tcp'
      // A port that the kernel chooses is chosen again.
      const port = isTcp && place.address.port > 0 ? place.address.port + portOffset : 0
      if (place === undefined || (isTcp && port > 65_535)) {
        return `has '${item}'${portOffset === 0 ? '' : `, with an offset of ${portOffset}`}, which is neither tcp://host:port nor ipc://path`
      }
      const moved = isTcp
        ? ({ kind: 'tcp', address: { ...place.address, port } } as const)
        : ({ kind: 'ipc', path: belowHere(place.path) } as const)
      endpoints.push(endpointOf(moved))
    }
    return endpoints.length === 0 ? {} : { [`RINGCAST_GRIP_${suffix}`]: endpoints.join(',') }
  }
}

function itemsOf(value: string): readonly string[] {
  return value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}
