// A target section of a routes line to where requests go (contract §2.3).
import { isIPv6 } from 'node:net'
import type { LineSection, Property } from './grammar.ts'

/** Where a connection is made to. */
export interface TcpPlace {
  readonly kind: 'tcp'
  /** A name, or an address without brackets. */
  readonly host: string
  readonly port: number
}

export type Place =
  | TcpPlace
  /** The built-in handler (contract §2.6). */
  | { readonly kind: 'test' }
  /** ZeroMQ (contract §2.7). Nothing serves zhttp. */
  | { readonly kind: 'zhttp' | 'zhttpreq'; readonly spec: string }

export interface Target {
  readonly place: Place
  readonly ssl: boolean
  /** Any certificate is taken. */
  readonly insecure: boolean
  /** In place of the request's `Host`, and the name that certificates are checked for. */
  readonly host: string | undefined
  /** Certificates are checked for the host that is connected to. */
  readonly trustConnectHost: boolean
  /** Paths of a client certificate and its key; both or neither. */
  readonly clientCertificate: { readonly certFile: string; readonly keyFile: string } | undefined
  /** WebSockets go there as requests, and nobody but us may post their events. */
  readonly overHttp: boolean
  readonly oneEvent: boolean
  /** Channels that are subscribed to beside those that a response names. */
  readonly subscriptions: readonly string[]
  /** Private addresses are refused. */
  readonly untrusted: boolean
}

export type TargetReading =
  | {
      readonly ok: true
      readonly target: Target
      /** Ends of sentences that begin with the line: what does nothing. */
      readonly remarks: readonly string[]
    }
  | { readonly ok: false; readonly mistake: string }

/** More than anybody's channels for one target; a connection has 20 by itself. */
const subscriptionsMax = 100

type Flag = 'ssl' | 'insecure' | 'trustConnectHost' | 'overHttp' | 'oneEvent' | 'untrusted'

const flags: ReadonlyMap<string, Flag> = new Map([
  ['ssl', 'ssl'],
  ['insecure', 'insecure'],
  ['trust_connect_host', 'trustConnectHost'],
  ['over_http', 'overHttp'],
  ['one_event', 'oneEvent'],
  ['untrusted', 'untrusted'],
])

const texts = ['host', 'client_cert', 'client_key'] as const

/** Understood, and without effect so far. */
const inert: ReadonlyMap<string, string> = new Map([
  ['ipc_file_mode', 'does nothing: files of ZeroMQ sockets have the bits of zmq_ipc_mode'],
])

export function parseTarget({ value, properties }: LineSection): TargetReading {
  const place = parsePlace(value)
  if (typeof place === 'string') return { ok: false, mistake: place }
  const remarks =
    place.kind === 'zhttp'
      ? [`has the target '${value}', which does nothing: of ZeroMQ targets zhttpreq alone is served`]
      : []
  for (const { name } of properties) {
    const reason = inert.get(name) ?? (isKnown(name) ? undefined : 'is unknown, and is passed over')
    if (reason !== undefined) remarks.push(`has the target property '${name}', which ${reason}`)
  }
  const files = clientCertificateOf(lastOf(properties, 'client_cert'), lastOf(properties, 'client_key'))
  if (files === 'half')
    return { ok: false, mistake: 'has one of client_cert and client_key without the other' }
  const host = lastOf(properties, 'host')
  if (host !== undefined && !isHostHeader(host))
    return { ok: false, mistake: `has host=${host}, which is no host` }
  const subscriptions = properties.flatMap(({ name, value }) =>
    name === 'sub' && value !== '' ? [value] : [],
  )
  if (subscriptions.length > subscriptionsMax) {
    return { ok: false, mistake: `has more than ${subscriptionsMax} of the property sub` }
  }
  const target: Target = {
    place,
    ...flagsOf(properties),
    host,
    clientCertificate: files,
    subscriptions,
  }
  return { ok: true, target, remarks }
}

/** As debug texts name a target: `127.0.0.1:1`. */
export function targetName({ place }: Target): string {
  if (place.kind === 'test') return 'test'
  if (place.kind !== 'tcp') return `${place.kind}/${place.spec}`
  return place.host.includes(':') ? `[${place.host}]:${place.port}` : `${place.host}:${place.port}`
}

/** What a `Host` header can say: a name or an address, perhaps with a port. */
export function isHostHeader(text: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\\[\]\0-\x20\x7f-\uffff]+)(?::\d{1,5})?$/.test(text)
}

/** The last of equal ones counts. */
function lastOf(properties: readonly Property[], wanted: string): string | undefined {
  return properties.findLast(({ name }) => name === wanted)?.value
}

/** A string says why it is none. */
function parsePlace(text: string): Place | string {
  if (text === 'test') return { kind: 'test' }
  for (const kind of ['zhttpreq', 'zhttp'] as const) {
    const prefix = `${kind}/`
    if (text.startsWith(prefix) && text.length > prefix.length)
      return { kind, spec: text.slice(prefix.length) }
  }
  const groups = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/?#@\\[\]]+)):(\d{1,5})$/.exec(text)
  const [, v6, name = '', digits] = groups ?? []
  if (groups === null || (v6 !== undefined && !isIPv6(v6)))
    return `has the target '${text}', which is no host:port`
  const port = Number(digits)
  if (port < 1 || port > 65_535) return `has the target '${text}', whose port is not from 1 to 65535`
  return { kind: 'tcp', host: v6 ?? name, port }
}

function flagsOf(properties: readonly Property[]): Readonly<Record<Flag, boolean>> {
  const set = new Set(properties.map(({ name }) => flags.get(name)))
  return {
    ssl: set.has('ssl'),
    insecure: set.has('insecure'),
    trustConnectHost: set.has('trustConnectHost'),
    overHttp: set.has('overHttp'),
    oneEvent: set.has('oneEvent'),
    untrusted: set.has('untrusted'),
  }
}

function isKnown(name: string): boolean {
  return flags.has(name) || name === 'sub' || texts.some(text => text === name)
}

function clientCertificateOf(
  certFile: string | undefined,
  keyFile: string | undefined,
): Target['clientCertificate'] | 'half' {
  if (certFile === undefined && keyFile === undefined) return undefined
  return certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : 'half'
}
