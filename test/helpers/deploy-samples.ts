// Every proxy configuration that we ship, with what it opens and what it must keep closed, in its real proxy.
import type { TestContext } from 'node:test'
import { mintHmacToken } from '../../src/auth/hmac-token.ts'
import { mintJwt } from '../../src/auth/jwt-mint.ts'
import * as registry from '../../src/frontends/registry.ts'
import { secrets } from './daemon.ts'
import { freePorts, type ProxyKind, shipped, startNginx, startSite } from './proxies.ts'
import { handshake } from './raw-websocket.ts'

export interface Sample {
  readonly file: string
  readonly kind: ProxyKind
  readonly protocol: 'rpushd' | 'pinghub' | 'pushy'
  /** What the proxy opens, and what it must not lead to: by the names of the site, and by the node's own. */
  readonly open: readonly string[]
  readonly closed: readonly string[]
  /** The node's own path to publish by. */
  readonly publish: string
  /** What a client rightly asks for, and the answer. */
  readonly rightly: readonly [request: Buffer, status: number]
}

const farFuture = 4_102_444_800
const json = { 'content-type': 'application/json' }
const token = mintJwt(secrets.jwt, { channels: ['*'] })
const claims = { aud: 'rpushd', scope: 'subscribe', channel: 'c', exp: farFuture }
const subscription = JSON.stringify({ token: mintHmacToken(secrets.subscribe, claims) })

const rpushd = {
  protocol: 'rpushd',
  open: ['/push-daemon/api/stream/', '/push-daemon/healthz'],
  closed: ['/push-daemon/api/publish', '/api/publish', '/push-daemon/api/stats', '/api/stats'],
  publish: '/api/publish',
  rightly: [requestTo('POST', '/push-daemon/api/stream/c', json, subscription), 200],
} as const

const all: readonly Sample[] = [
  { file: 'nginx/ringcast-rpushd.conf', kind: 'nginx', ...rpushd },
  { file: 'nginx/ringcast-rpushd-hashed.conf', kind: 'nginx', ...rpushd },
  { file: 'nginx/ringcast-nodes.conf', kind: 'nginx', ...rpushd },
  { file: 'haproxy/ringcast-rpushd.cfg', kind: 'haproxy', ...rpushd },
  { file: 'apache/ringcast-rpushd.conf', kind: 'apache', ...rpushd },
  {
    file: 'nginx/ringcast-pushy.conf',
    kind: 'nginx',
    protocol: 'pushy',
    open: ['/channels/', '/channels/c/stream', '/channels/c/ticket', '/sse'],
    closed: ['/publish/c', '/token'],
    publish: '/publish/c',
    rightly: [requestTo('GET', '/channels/c/stream', { authorization: `Bearer ${token}` }), 200],
  },
  {
    file: 'nginx/ringcast-pinghub.conf',
    kind: 'nginx',
    protocol: 'pinghub',
    open: ['/pinghub/'],
    closed: ['/pinghub/c', '/c'],
    publish: '/c',
    rightly: [Buffer.from(handshake('/pinghub/c')), 101],
  },
]

export const samples = all.filter(({ protocol }) => Object.hasOwn(registry, protocol))

/** Each byte of the texts is one on the wire. */
export function requestTo(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Buffer {
  const all = { host: 'site', 'content-length': String(body.length), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`, 'latin1')
}

/** Requests that publish at the right target, one for each kind of credential. */
export function publishesTo(target: string, protocol: Sample['protocol']): readonly Buffer[] {
  const post = (headers: Readonly<Record<string, string>>, body: string) =>
    requestTo('POST', target, headers, body)
  if (protocol === 'pinghub') return [post({}, 'x')]
  if (protocol === 'rpushd') {
    return [post({ ...json, authorization: `Bearer ${secrets.publish}` }, '{"channel":"c","message":1}')]
  }
  // It also asks for a token.
  const body = '{"data":{"n":1},"sub":"a","channels":["*"]}'
  return [
    post({ ...json, authorization: `Bearer ${token}` }, body),
    post({ ...json, 'x-client-id': 'app', 'x-client-secret': secrets.client }, body),
  ]
}

export interface SampleSettings {
  readonly workers: number
  readonly environment: Readonly<Record<string, string>>
  /** The ports in the file, in the order of those that the node is to have in their place. */
  readonly shards: readonly number[]
}

/** What the file says that the node is started with, on free ports. */
export async function settingsOf({ file, protocol }: Sample): Promise<SampleSettings> {
  const named = /^# The node:(.*)$/m.exec(shipped(file))?.[1] ?? ''
  const pairs = [...named.matchAll(/\b(RINGCAST_\w+)=(\S+)/g)]
  const environment = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]))
  const workers = Number(environment['RINGCAST_WORKERS'] ?? 2)
  const shards = named.includes('_SHARD_PORTS=') ? await freePorts(workers) : []
  if (shards.length > 0) {
    environment[`RINGCAST_${protocol.toUpperCase()}_SHARD_PORTS`] = `127.0.0.1:${shards[0]}`
  }
  return { workers, shards, environment: { ...environment, RINGCAST_ONLY: protocol } }
}

/** The address of the proxy. `change`: to the file as shipped, whose ports are exchanged for those of the node. */
export async function startSample(
  t: TestContext,
  { file, kind }: Sample,
  node: { readonly address: string; readonly shards: readonly number[] },
  change: (text: string) => string = text => text,
): Promise<string> {
  let shard = 0
  const aimed = change(shipped(file))
    .replace(/(?<=server 127\.0\.0\.1:)\d+(?= max_fails=0)/g, () => String(node.shards[shard++]))
    .replaceAll(/(?:127\.0\.0\.1|node-[ab]):(?:45831|4000)\b/g, node.address)
  const isWholeSite = kind === 'nginx' && aimed.includes('listen 80;')
  const { address } = isWholeSite ? await startNginx(t, aimed) : await startSite(t, kind, aimed)
  return address
}
