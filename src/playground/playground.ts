// The playground of development: one page that subscribes and publishes in every protocol side by side, its parts, and
// what the page needs to know. Any worker serves it, at the admin listener, which judges who asks.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PlayKit, PlayPlace } from '../frontends/play.ts'
import type { Exchange } from '../net/exchange.ts'
import type { Clock } from '../std/clock.ts'
import { isIntact } from '../std/escaped-text.ts'
import type { PlayData, PlayEntry } from './entry.ts'
import { readScript } from './scripts.ts'

/** Where the page lies on the admin listener. Each protocol is mounted beneath, under its name. */
export const playPrefix = '/play'

export interface PlayProtocol {
  readonly name: string
  /** Of the client module, without its ending. */
  readonly module: string
  /** Of the protocol's own listener, `host:port`; undefined: it is reached here alone. */
  readonly address: string | undefined
  kit(place: Omit<PlayPlace, 'doors'>): PlayKit
}

/** As the engine's bound for names. */
const channelBytesMax = 1_024

/** Nothing from elsewhere, no script or style in the page itself, no frame around it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const guarded = {
  'cache-control': 'no-store',
  'content-security-policy': policy,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
} as const

type Kind = keyof typeof types
type Part = readonly [Kind, string]

/** The page's own files. They are read when they are asked for: whoever edits one only reloads the page. */
const folder = join(import.meta.dirname, 'page')
const files: ReadonlyMap<string, Kind> = new Map([
  ['page.html', 'html'],
  ['page.css', 'css'],
  ['icon.svg', 'svg'],
])
const scripts: readonly string[] = ['page', 'column', 'elements', 'connection']

export class Playground {
  readonly #clock: Clock
  readonly #protocols: readonly PlayProtocol[]

  /** `protocols` in the order of the page. */
  constructor(clock: Clock, protocols: readonly PlayProtocol[]) {
    this.#clock = clock
    this.#protocols = protocols
  }

  /** The path is the one behind `playPrefix`. */
  handle(exchange: Exchange): void {
    const { method, path } = exchange
    if (method !== 'GET' && method !== 'HEAD') {
      return exchange.reply({ status: 405, headers: { ...guarded, allow: 'GET, HEAD' } })
    }
    if (path === '/data') return this.#data(exchange)
    let found: Part | undefined
    try {
      found = this.#part(path)
    } catch (error) {
      // Somebody edits the page, or its build is not whole. That is no bug of the worker's.
      return this.#complain(exchange, 500, `${path}: ${error}`)
    }
    if (found === undefined)
      return this.#complain(exchange, 404, 'There is nothing at this path of the playground.')
    const [kind, body] = found
    exchange.reply({ status: 200, headers: { ...guarded, 'content-type': types[kind] }, body })
  }

  #complain(exchange: Exchange, status: number, sentence: string): void {
    exchange.reply({ status, headers: { ...guarded, 'content-type': types.text }, body: `${sentence}\n` })
  }

  #part(path: string): Part | undefined {
    const name = path === '/' ? 'page.html' : path.slice(1)
    const kind = files.get(name)
    if (kind !== undefined) return [kind, readFileSync(join(folder, name), 'utf8')]
    // Sources name one another with their own ending, and the page with that of the build.
    const script = /^([\w/-]+)\.(?:js|ts)$/.exec(name)?.[1]
    if (script === undefined) return undefined
    if (scripts.includes(script)) return ['js', readScript(join(folder, script))]
    const client = this.#protocols.find(protocol => `clients/${protocol.name}` === script)
    return client === undefined ? undefined : ['js', readScript(client.module)]
  }

  /** Credentials and lines for `?channel=`. */
  #data(exchange: Exchange): void {
    if (exchange.query !== undefined && !isIntact(exchange.query)) {
      return this.#complain(exchange, 400, 'The channel name is not UTF-8.')
    }
    const channel = new URLSearchParams(exchange.query).get('channel') ?? 'demo'
    if (Buffer.byteLength(channel) > channelBytesMax) {
      return this.#complain(exchange, 400, `The channel name is longer than ${channelBytesMax} bytes.`)
    }
    const host = exchange.header('host') ?? ''
    const protocols = this.#protocols.map(({ name, address, kit }): PlayEntry => {
      const path = `${playPrefix}/${name}`
      const place = { channel, address: address ?? host + path, unixMs: this.#clock.unixMs() }
      return { ...kit(place), name, path, module: `${playPrefix}/clients/${name}.js` }
    })
    const body = JSON.stringify({ channel, protocols } satisfies PlayData)
    exchange.reply({ status: 200, headers: { ...guarded, 'content-type': types.json }, body })
  }
}
