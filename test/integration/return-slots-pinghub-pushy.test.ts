// Two nodes that know nothing of each other, behind a proxy, restarted one after the other: clients that everybody has, a native
// EventSource and a plain WebSocket, come back by themselves, each in its own time, and hear what is published from then on.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, type TestContext, test } from 'node:test'
import { EventSource } from 'eventsource'
import { mintJwt } from '../../src/auth/jwt-mint.ts'
import { type Daemon, secrets, startDaemon } from '../helpers/daemon.ts'
import {
  freePorts,
  isMissing,
  type Proxy as Site,
  shipped,
  startNginx,
  startSite,
} from '../helpers/proxies.ts'
import { until } from '../helpers/until.ts'

/** Of each kind. */
const clients = 12
const returnsPerSecond = 10
const workers = 2
const token = mintJwt(secrets.jwt, { channels: ['news'] })
const path = '/pinghub/news'

/** The part of the ws package that is used here; it comes without types. */
interface WsSocket {
  on(event: 'open' | 'error', listener: () => void): void
  on(event: 'message', listener: (data: Buffer) => void): void
  on(event: 'close', listener: (code: number, reason: Buffer) => void): void
  close(): void
}
const ws = createRequire(import.meta.url)('ws') as { WebSocket: new (url: string) => WsSocket } // see above

/** Any client: whether it is there, and what it has heard. */
interface Follower {
  readonly isOpen: boolean
  readonly hasGivenUp: boolean
  readonly seen: readonly number[]
}

function page(t: TestContext, origin: string): Follower {
  const source = new EventSource(`${origin}/channels/news/stream`, {
    fetch: (target, options) =>
      fetch(target, { ...options, headers: { ...options.headers, cookie: `pushy=${token}` } }),
  })
  t.after(() => source.close())
  const seen: number[] = []
  source.addEventListener('message', ({ data }) => seen.push(Number(JSON.parse(data).n)))
  return {
    seen,
    get isOpen() {
      return source.readyState === source.OPEN
    },
    get hasGivenUp() {
      return source.readyState === source.CLOSED
    },
  }
}

/** It waits for as long as it is told, and for a while where nobody is there. */
class Listener implements Follower {
  readonly seen: number[] = []
  /** What closes said. */
  readonly told: string[] = []
  /** How long it was told to wait, and how long it was away in all. */
  readonly waits: { readonly toldMs: number; awayMs: number }[] = []
  readonly hasGivenUp = false
  readonly #url: string
  #socket: WsSocket | undefined
  #isOver = false
  isOpen = false

  constructor(t: TestContext, origin: string) {
    this.#url = `${origin.replace('http', 'ws')}${path}`
    t.after(() => {
      this.#isOver = true
      this.#socket?.close()
    })
    this.#connect()
  }

  #connect(closedMs?: number): void {
    const socket = new ws.WebSocket(this.#url)
    this.#socket = socket
    socket.on('open', () => {
      this.isOpen = true
      const wait = this.waits.at(-1)
      if (wait !== undefined && closedMs !== undefined) wait.awayMs = performance.now() - closedMs
    })
    socket.on('message', data => this.seen.push(Number(data.toString())))
    socket.on('error', () => {})
    socket.on('close', (code, reason) => {
      const wasOpen = this.isOpen
      this.isOpen = false
      if (this.#isOver) return
      if (wasOpen) this.told.push(`${code} ${reason}`)
      const [, ms] = /^retry=(\d+)$/.exec(reason.toString()) ?? []
      if (ms !== undefined) this.waits.push({ toldMs: Number(ms), awayMs: 0 })
      const since = wasOpen ? performance.now() : closedMs
      setTimeout(() => this.#connect(since), Number(ms ?? 200))
    })
  }
}

interface Node {
  readonly pushy: string
  readonly pinghub: string
  daemon: Daemon
  start(): Promise<void>
}

async function startNode(t: TestContext): Promise<Node> {
  const [first = 0, second = 0] = await freePorts(2)
  const [pushy, pinghub] = [`127.0.0.1:${first}`, `127.0.0.1:${second}`]
  const start = () =>
    startDaemon({
      workers,
      environment: {
        RINGCAST_ONLY: 'pinghub,pushy',
        RINGCAST_PUSHY_LISTEN: pushy,
        RINGCAST_PUSHY_COOKIE: 'pushy',
        RINGCAST_PINGHUB_LISTEN: pinghub,
        RINGCAST_RETURNS_PER_SECOND: String(returnsPerSecond),
      },
    })
  const node: Node = {
    pushy,
    pinghub,
    daemon: await start(),
    async start() {
      node.daemon = await start()
    },
  }
  t.after(() => node.daemon.process.kill('SIGKILL'))
  return node
}

type Nodes = readonly [Node, Node]

/**
 * Streams as the file that we ship has them; sockets go to whichever node takes them. Without max_fails=0 nginx forgets that a
 * node was away only when a request to it ends, which these do not: until then it sends it one in ten seconds.
 */
function behindNginx(t: TestContext, [a, b]: Nodes): Promise<Site> {
  return startNginx(
    t,
    `upstream pushy_nodes { server ${a.pushy} max_fails=0; server ${b.pushy} max_fails=0; }
    upstream pinghub_nodes { server ${a.pinghub} max_fails=0; server ${b.pinghub} max_fails=0; }
    server {
      listen 80;
      ${shipped('nginx/ringcast-pushy.conf').replaceAll('127.0.0.1:4000', 'pushy_nodes')}
      location /pinghub/ {
        proxy_pass http://pinghub_nodes;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_read_timeout 95s;
      }
    }`,
  )
}

/** A node that refuses connections is passed over: a native EventSource would give up at a 503. */
function behindHaproxy(t: TestContext, [a, b]: Nodes): Promise<Site> {
  const backend = (name: 'pushy' | 'pinghub') => `
backend ${name}
    retry-on conn-failure
    retries 4
    option redispatch 1
    option http-no-delay
    option http-server-close
    http-reuse never
    server a ${a[name]} check inter 200ms
    server b ${b[name]} check inter 200ms
`
  return startSite(
    t,
    'haproxy',
    `defaults
    mode http
    balance roundrobin
    timeout connect 5s
    timeout client 75s
    timeout server 75s
    timeout tunnel 95s

frontend site
    bind :80
    use_backend pinghub if { path_beg /pinghub/ }
    default_backend pushy
${backend('pushy')}${backend('pinghub')}`,
  )
}

/** As an application with two nodes and no broker does: to both, past the proxy. */
async function publish(nodes: Nodes, n: number): Promise<void> {
  for (const { pushy, pinghub } of nodes) {
    const headers = {
      'content-type': 'application/json',
      'x-client-id': 'app',
      'x-client-secret': secrets.client,
    }
    const body = JSON.stringify({ data: { n } })
    const answers = [
      await fetch(`http://${pushy}/publish/news`, { method: 'POST', headers, body }),
      await fetch(`http://${pinghub}${path}`, { method: 'POST', body: String(n) }),
    ]
    for (const answer of answers) equal(answer.status, 200, await answer.text())
  }
}

async function areBack(followers: readonly Follower[], nodes: Nodes, n: number): Promise<void> {
  await until('everybody to be back, or one to give up', () => {
    return followers.some(({ hasGivenUp }) => hasGivenUp) || followers.every(({ isOpen }) => isOpen)
  })
  equal(followers.filter(({ hasGivenUp }) => hasGivenUp).length, 0, 'somebody gave up for good')
  await publish(nodes, n)
  await until(`${n} to be heard`, () => followers.every(({ seen }) => seen.at(-1) === n))
}

/** Of one restart: each its own time, and no more of them in a second than the node has back. */
function assertSlots(listeners: readonly Listener[], before: readonly number[]): void {
  const fresh = listeners.flatMap(({ waits }, index) => waits.slice(before[index]))
  ok(fresh.length > 0, 'somebody was told')
  for (const { toldMs, awayMs } of fresh) ok(awayMs >= toldMs - 5, `${awayMs} ms away, told ${toldMs}`)
  const times = fresh.map(({ toldMs }) => toldMs)
  // Both protocols share the places of a worker: one for each client that it had.
  ok(
    Math.min(...times) >= 100 &&
      Math.max(...times) <= 100 + (2 * clients * 1_000 * workers) / returnsPerSecond,
  )
  const perSecond = Map.groupBy(times, ms => Math.floor((ms - 100) / 1_000))
  for (const [second, { length }] of perSecond) {
    ok(length <= returnsPerSecond + workers, `${length} of WebSockets alone in second ${second}`)
  }
}

for (const kind of ['nginx', 'haproxy'] as const) {
  describe(`behind ${kind}`, { skip: isMissing(kind) }, () => {
    test('clients survive that each node is restarted on its ports', async t => {
      const nodes = [await startNode(t), await startNode(t)] as const
      const proxy = await (kind === 'nginx' ? behindNginx : behindHaproxy)(t, nodes)
      const origin = `http://${proxy.address}`
      const pages = Array.from({ length: clients }, () => page(t, origin))
      const listeners = Array.from({ length: clients }, () => new Listener(t, origin))
      const followers = [...pages, ...listeners]
      await areBack(followers, nodes, 1)

      for (const [index, node] of nodes.entries()) {
        const before = listeners.map(({ waits }) => waits.length)
        equal(await node.daemon.stop(), 0)
        deepEqual(node.daemon.errors, [])
        await node.start()
        await areBack(followers, nodes, index + 2)
        assertSlots(listeners, before)
      }
      const told = new Set(listeners.flatMap(each => each.told.map(words => words.replace(/\d+$/, 'MS'))))
      deepEqual([...told], ['1001 retry=MS'])
      // Whoever was with neither node at that moment missed what was published then, and nobody heard anything twice.
      for (const { seen } of followers) deepEqual(seen, [...new Set(seen)].sort())
      for (const { daemon } of nodes) equal(await daemon.stop(), 0)
    })
  })
}
