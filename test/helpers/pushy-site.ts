// A daemon with pushy on an address that stays whatever ends it, and pages that follow one channel by a native EventSource,
// let in by a cookie or by the address, for they can send no header.
import { equal } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { EventSource } from 'eventsource'
import { mintJwt } from '../../src/auth/jwt-mint.ts'
import { type Daemon, secrets, startDaemon } from './daemon.ts'
import { freePort } from './proxies.ts'
import { until } from './until.ts'

const main = new URL('./faulty/main.ts', import.meta.url)
const token = mintJwt(secrets.jwt, { channels: ['news'] })
/** What is waited for takes a second, and more where other tests run beside it. */
export const patienceMs = 60_000

export interface Page {
  readonly source: EventSource
  readonly seen: number[]
  opens: number
}

export class Site {
  /** The one of this moment. */
  daemon: Daemon
  readonly pages: Page[] = []
  readonly address: string
  readonly #start: () => Promise<Daemon>

  private constructor(address: string, daemon: Daemon, start: () => Promise<Daemon>) {
    this.address = address
    this.daemon = daemon
    this.#start = start
  }

  static async open(t: TestContext, more: Readonly<Record<string, string>> = {}): Promise<Site> {
    const folder = mkdtempSync(join(tmpdir(), 'pushy-site-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const address = `127.0.0.1:${await freePort()}`
    const environment = {
      RINGCAST_ONLY: 'pushy,faulty',
      RINGCAST_PUSHY_LISTEN: address,
      RINGCAST_PUSHY_QUERY_TOKEN: 'true',
      RINGCAST_PUSHY_COOKIE: 'pushy',
      RINGCAST_STATE_DIR: folder,
      RINGCAST_HISTORY_SIZE: '100',
      RINGCAST_DRAIN_SPREAD_MS: '50',
      ...more,
    }
    const start = () => startDaemon({ workers: 2, main, environment })
    const site = new Site(address, await start(), start)
    t.after(() => site.daemon.process.kill('SIGKILL'))
    return site
  }

  async start(): Promise<void> {
    this.daemon = await this.#start()
  }

  /** What a page that can send no cookie opens. */
  get url(): string {
    return `http://${this.address}/channels/news/stream?token=${token}`
  }

  /** Every second of them with a cookie. */
  async showPages(t: TestContext, count: number): Promise<void> {
    for (let index = 0; index < count; index++) this.pages.push(this.#page(t, index % 2 === 0))
    await this.areBack(1, 1)
  }

  async publish(n: number): Promise<void> {
    const answer = await fetch(`http://${this.address}/publish/news`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-client-id': 'app',
        'x-client-secret': secrets.client,
        // One that was kept may be to a worker that has just died.
        connection: 'close',
      },
      body: JSON.stringify({ data: { n } }),
    })
    equal(answer.status, 200, await answer.text())
  }

  /** So many streams has every page had by now, and it gets what is published. */
  async areBack(opens: number, n: number): Promise<void> {
    const { pages } = this
    const lost = () => pages.filter(({ source }) => source.readyState === source.CLOSED).length
    const isBack = ({ source, opens: had }: Page) => had >= opens && source.readyState === source.OPEN
    await until(
      'every page to be back, or one to give up',
      () => lost() > 0 || pages.every(isBack),
      patienceMs,
    )
    equal(lost(), 0, `${lost()} of ${pages.length} pages gave up for good`)
    await this.publish(n)
    await until('them to get it', () => pages.every(({ seen }) => seen.at(-1) === n), patienceMs)
  }

  #page(t: TestContext, hasCookie: boolean): Page {
    const cookie = { cookie: `pushy=${token}` }
    const source = hasCookie
      ? new EventSource(this.url.split('?')[0] ?? '', {
          fetch: (target, options) =>
            fetch(target, { ...options, headers: { ...options.headers, ...cookie } }),
        })
      : new EventSource(this.url)
    t.after(() => source.close())
    const page: Page = { source, seen: [], opens: 0 }
    source.addEventListener('open', () => {
      page.opens++
    })
    source.addEventListener('message', ({ data }) => page.seen.push(Number(JSON.parse(data).n)))
    return page
  }
}
