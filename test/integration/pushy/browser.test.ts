// What a page does: the client library of server-sent events that others use, with headers where it may send them and
// with tickets where it may not; and resuming where it was.
import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { EventSource } from 'eventsource'
import { mintJwt } from '../../../src/auth/jwt-mint.ts'
import { type Daemon, secrets, startDaemon } from '../../helpers/daemon.ts'
import { until } from '../../helpers/until.ts'

interface Seen {
  readonly name: string
  readonly data: Record<string, unknown>
  readonly id: string
}

let daemon: Daemon
const origin = 'https://app.example.org'
const tokenFor = (...channels: string[]) => mintJwt(secrets.jwt, { channels })
const bearer = (channel: string) => ({ authorization: `Bearer ${tokenFor(channel)}` })

before(async () => {
  daemon = await startDaemon({
    environment: {
      RINGCAST_PUSHY_ORIGINS: origin,
      RINGCAST_HISTORY_SIZE: '100',
      RINGCAST_PUSHY_RETRY_MS: '20',
    },
  })
})

after(async () => {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})

const url = (path: string) => `http://${daemon.address('pushy')}${path}`

async function publish(channel: string, data: object): Promise<void> {
  const { status } = await fetch(url(`/publish/${channel}`), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-client-id': 'app', 'x-client-secret': secrets.client },
    body: JSON.stringify({ data }),
  })
  equal(status, 200)
}

interface Page {
  readonly seen: readonly Seen[]
  readonly source: EventSource
  /** What the answers to its connects said of its origin. */
  readonly allowed: readonly (string | null)[]
}

/** As a page opens it; `headers` only where the page brings a library that can send them. */
async function openPage(
  t: TestContext,
  address: string,
  headers: Record<string, string> = {},
): Promise<Page> {
  const seen: Seen[] = []
  const allowed: (string | null)[] = []
  const source = new EventSource(address, {
    fetch: async (target, options) => {
      const answer = await fetch(target, { ...options, headers: { ...options.headers, ...headers, origin } })
      allowed.push(answer.headers.get('access-control-allow-origin'))
      return answer
    },
  })
  t.after(() => source.close())
  for (const name of ['message', 'gap', 'end']) {
    source.addEventListener(name, ({ data, lastEventId }) =>
      seen.push({ name, data: JSON.parse(data), id: lastEventId }),
    )
  }
  await until('the stream to open', () => source.readyState === source.OPEN)
  return { seen, source, allowed }
}

const numbersOf = ({ seen }: Page) =>
  seen.filter(({ name }) => name === 'message').map(({ data }) => data['n'])

describe('a page', () => {
  test('gets events in order, each with its position', async t => {
    const page = await openPage(t, url('/channels/news.sports/stream'), bearer('news.*'))
    for (const n of [1, 2, 3]) await publish('news.sports', { n })
    await until('three events', () => page.seen.length === 3)
    deepEqual(numbersOf(page), [1, 2, 3])
    for (const { id } of page.seen) match(id, /^[0-9a-f]{8}\.\d+$/)
    deepEqual(page.allowed, [origin])
  })

  test('goes on where it was when its connection breaks', async t => {
    const address = url('/channels/breaks/stream')
    const first = await openPage(t, address, bearer('breaks'))
    await publish('breaks', { n: 1 })
    await until('an event', () => first.seen.length === 1)
    first.source.close()
    for (const n of [2, 3]) await publish('breaks', { n })
    const again = await openPage(t, address, {
      ...bearer('breaks'),
      'last-event-id': first.seen[0]?.id ?? '',
    })
    await publish('breaks', { n: 4 })
    await until('three events', () => again.seen.length === 3)
    deepEqual(
      again.seen.map(({ name, data }) => [name, data['n']]),
      [
        ['message', 2],
        ['message', 3],
        ['message', 4],
      ],
    )
  })

  test('is told of a gap where history does not reach', async t => {
    const address = url('/channels/long/stream')
    const first = await openPage(t, address, bearer('long'))
    await publish('long', { n: 0 })
    await until('an event', () => first.seen.length === 1)
    first.source.close()
    for (let n = 1; n <= 101; n++) await publish('long', { n })
    const again = await openPage(t, address, { ...bearer('long'), 'last-event-id': first.seen[0]?.id ?? '' })
    await publish('long', { n: 102 })
    await until('what follows', () => again.seen.at(-1)?.data['n'] === 102)
    equal(again.seen[0]?.name, 'gap')
    equal(again.seen[0]?.data['position'], again.seen[0]?.id)
    // What history holds as it comes back, and what was published since.
    deepEqual(
      numbersOf(again),
      Array.from({ length: 101 }, (_, index) => index + 2),
    )
  })

  test('comes without a header by a ticket, and resumes by another one', async t => {
    const ticket = async () => {
      const answer = await fetch(url('/channels/tickets/ticket'), {
        method: 'POST',
        headers: { ...bearer('tickets'), origin },
      })
      equal(answer.headers.get('access-control-allow-origin'), origin)
      return ((await answer.json()) as { ticket: string }).ticket
    }
    const first = await openPage(t, url(`/channels/tickets/stream?ticket=${await ticket()}`))
    await publish('tickets', { n: 1 })
    await until('an event', () => first.seen.length === 1)
    first.source.close()
    await publish('tickets', { n: 2 })
    const since = first.seen[0]?.id ?? ''
    const again = await openPage(t, url(`/channels/tickets/stream?ticket=${await ticket()}&since=${since}`))
    await until('what it missed', () => again.seen.length === 1)
    deepEqual(numbersOf(again), [2])
  })

  test('opens one stream with a ticket, however many tries are made at once', async () => {
    const answer = await fetch(url('/channels/race/ticket'), { method: 'POST', headers: bearer('race') })
    const { ticket } = (await answer.json()) as { ticket: string }
    const abort = new AbortController()
    const tries = Array.from({ length: 12 }, () =>
      fetch(url(`/channels/race/stream?ticket=${ticket}`), { signal: abort.signal }),
    )
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    abort.abort()
    deepEqual(
      [statuses.filter(status => status === 200).length, statuses.filter(status => status === 401).length],
      [1, 11],
    )
  })

  test('gets its preflight', async () => {
    const answer = await fetch(url('/channels/news/stream'), {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    })
    equal(answer.status, 204)
    equal(answer.headers.get('access-control-allow-origin'), origin)
    match(answer.headers.get('access-control-allow-headers') ?? '', /\bauthorization\b/)
  })

  test('hears the end when the node stops, with a time of its own to come back', async t => {
    const own = await startDaemon({ workers: 1, environment: { RINGCAST_RETURNS_PER_SECOND: '2' } })
    t.after(() => own.process.kill('SIGKILL'))
    const address = `http://${own.address('pushy')}`
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => fetch(`${address}/channels/stop/stream`, { headers: bearer('stop') })),
    )
    const texts = answers.map(answer => answer.text())
    equal(await own.stop(), 0)
    const ends = (await Promise.all(texts)).map(text =>
      /event: end\ndata: (.*)\nretry: (\d+)\n\n$/.exec(text),
    )
    deepEqual(new Set(ends.map(end => end?.[1])), new Set(['{"reason":"draining"}']))
    // One in each half of a second, whichever it is.
    const places = ends.map(end => Math.floor((Number(end?.[2]) - 100) / 500))
    deepEqual(
      places.sort((a, b) => a - b),
      Array.from({ length: 8 }, (_, index) => index),
    )
  })
})
