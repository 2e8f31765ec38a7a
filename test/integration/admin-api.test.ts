// The HTTP API on a real daemon, with one worker and with three: requests land on any of them, channels on any other.
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { protocols } from '../helpers/protocols/ground.ts'
import { opened, type Reader } from '../helpers/protocols/protocol.ts'

/** To the API alone it is closed. */
const names = protocols.map(({ name }) => name)

const namespaces = [
  { pattern: 'closed:*', publish: names, subscribe: names },
  { pattern: 'live:*', historySize: 0 },
]

for (const workers of [1, 3]) {
  describe(`the HTTP API with ${workers} workers`, () => {
    let daemon: Daemon
    let admin: AdminClient
    const readers: Reader[] = []

    before(async () => {
      const environment = {
        RINGCAST_ADMIN_LISTEN: '127.0.0.1:0',
        RINGCAST_ADMIN_SECRET: adminSecret,
        RINGCAST_HISTORY_SIZE: '5',
        RINGCAST_NAMESPACES: JSON.stringify(namespaces),
      }
      daemon = await startDaemon({ workers, environment })
      admin = new AdminClient(daemon.address('admin'))
    })

    after(async () => {
      admin.leave()
      for (const reader of readers) reader.leave()
      equal(await daemon.stop(), 0)
    })

    /** One by each of the protocols. */
    function openReaders(channel: string): Promise<readonly Reader[]> {
      const opening = protocols.map(async ({ name, read }) => {
        const reader = await opened(read(daemon.address(name), channel))
        readers.push(reader)
        return reader
      })
      return Promise.all(opening)
    }

    test('publishes to subscribers of each protocol, and streams what each publishes', async () => {
      const others = await openReaders('both')
      const events = await admin.follow('both')
      deepEqual([events.status, events.headers['content-type']], [200, 'text/event-stream'])
      equal(events.headers['cache-control'], 'no-store, no-transform')
      const open = await events.next()
      deepEqual([open.name, JSON.parse(open.data)], ['open', { position: open.id, gap: false }])

      const answer = await admin.publish('{"channel":"both","data":{"b":1.0, "a":12345678901234567890}}')
      deepEqual([answer.status, answer.headers['content-type']], [200, 'application/json'])
      const { channel, position, epoch, offset, subscribers, duplicate } = answer.json()
      const count = others.length + 1
      deepEqual([channel, position, subscribers, duplicate], ['both', `${epoch}.${offset}`, count, false])
      for (const reader of others) deepEqual(await reader.next(1), ['{"b":1.0,"a":12345678901234567890}'])
      const data = '{"data":{"b":1.0,"a":12345678901234567890}}'
      deepEqual(await events.next(), { name: '', id: position, data })

      for (const [index, { name, publishesAt, publish }] of protocols.entries()) {
        ok((await publish(daemon.address(name, publishesAt), 'both', '{"n":[1,2]}')).status < 300, name)
        const { data, ...event } = await events.next()
        deepEqual(event, { name: '', id: `${epoch}.${offset + 1 + index}` })
        // One protocol adds when it came.
        match(data, /^\{"data":\{"n":\[1,2\](?:,"timestamp":\d+)?\}\}$/)
      }
    })

    test('takes text and bytes, and gives each kind back as it is', async () => {
      const events = await admin.follow('kinds')
      await events.next()
      const contents = [{ text: 'a\n"b" ü' }, { base64: 'AP8=' }, { data: null }, { text: '' }]
      const { results } = (await admin.publish(contents.map(own => ({ channel: 'kinds', ...own })))).json()
      equal(results.length, contents.length)
      for (const own of contents) deepEqual(JSON.parse((await events.next()).data), own)
      const { publications } = (await admin.ask('/v1/channels/kinds/history')).json()
      const positions = results.map(({ position, offset }: Record<string, unknown>) => ({ position, offset }))
      deepEqual(
        publications,
        contents.map((own, index) => ({ ...positions[index], ...own })),
      )
    })

    test('answers a list in its order, where one of them may not be published', async () => {
      const answer = await admin.publish([
        { channel: 'list', data: 1 },
        { channel: 'closed:a', data: 2 },
        { channel: 'list', data: 3 },
      ])
      equal(answer.status, 200)
      const [first, refused, last] = answer.json().results
      equal(last.offset, first.offset + 1)
      deepEqual([refused.channel, refused.error.code, refused.error.status], ['closed:a', 'not-allowed', 403])
      deepEqual(Object.keys(refused), ['channel', 'error'])
      equal((await admin.publish({ channel: 'closed:a', data: 2 })).status, 403)
    })

    test('publishes nothing of a list with an entry of the wrong shape', async () => {
      const answer = await admin.publish([
        { channel: 'whole', data: 1 },
        { channel: 'whole', dat: 2 },
      ])
      const problem = answer.json()
      deepEqual([answer.status, problem.code, problem.errors[0].pointer], [422, 'json-shape', '#/1/dat'])
      equal(answer.headers['content-type'], 'application/problem+json')
      equal((await admin.ask('/v1/channels/whole')).status, 404)
    })

    test('publishes once for a key', async () => {
      const body = { channel: 'keys', data: 1, idempotency_key: 'k1' }
      const first = (await admin.publish(body)).json()
      const second = (await admin.publish(body)).json()
      deepEqual([first.duplicate, second.duplicate, second.position], [false, true, first.position])
    })

    test('tells where a channel stands, who is there and what it keeps', async () => {
      const name = 'room/1 ü'
      const path = `/v1/channels/${encodeURIComponent(name)}`
      for (const part of ['', '/presence', '/history']) {
        const answer = await admin.ask(`${path}${part}`)
        deepEqual([answer.status, answer.json().code], [404, 'channel-unknown'], part)
      }
      const events = await admin.follow(name)
      await events.next()
      const { position, epoch, offset } = (await admin.publish({ channel: name, data: [1] })).json()
      const { history, ...info } = (await admin.ask(path)).json()
      deepEqual(info, { channel: name, position, subscribers: 1 })
      equal(history.size, 1)
      ok(history.bytes >= '[1]'.length)
      deepEqual((await admin.ask(`${path}/presence`)).json(), { channel: name, subscribers: 1 })
      equal((await admin.ask(path, { method: 'HEAD' })).text, '')
      deepEqual((await admin.ask(`${path}/history?since=${epoch}.${offset - 1}`)).json(), {
        channel: name,
        position,
        gap: false,
        more: false,
        publications: [{ position, offset, data: [1] }],
      })
    })

    test('serves the channel without a name', async () => {
      const { position } = (await admin.publish({ channel: '', text: 'x' })).json()
      deepEqual((await admin.ask('/v1/channels/')).json().position, position)
      equal((await admin.ask('/v1/channels//presence')).json().subscribers, 0)
    })

    test('gives history by pages, and tells a gap', async () => {
      const path = '/v1/channels/pages/history'
      const list = [1, 2, 3, 4, 5, 6, 7].map(data => ({ channel: 'pages', data }))
      const { results } = (await admin.publish(list)).json()
      const page = async (query: string) => {
        const { gap, more, publications } = (await admin.ask(`${path}${query}`)).json()
        return [gap, more, publications.map(({ data }: { data: number }) => data)]
      }
      deepEqual(await page(''), [false, false, [3, 4, 5, 6, 7]])
      deepEqual(await page('?limit=2'), [false, true, [6, 7]])
      deepEqual(await page(`?limit=2&since=${results[3].position}`), [false, true, [5, 6]])
      deepEqual(await page(`?since=${results[6].position}`), [false, false, []])
      deepEqual(await page(`?since=${results[0].position}`), [true, false, [3, 4, 5, 6, 7]])
      for (const query of ['?limit=0', '?limit=1001', '?since=x']) {
        const answer = await admin.ask(`${path}${query}`)
        deepEqual([answer.status, answer.json().code], [400, 'query-invalid'], query)
      }
    })

    test('resumes a stream behind a position, given either way, and tells a gap', async () => {
      const list = [1, 2, 3].map(data => ({ channel: 'again', data }))
      const { results } = (await admin.publish(list)).json()
      const [, second, third] = results
      for (const [query, headers] of [
        [`?since=${second.position}`, {}],
        [`?since=${results[0].position}`, { 'last-event-id': second.position }],
      ] as const) {
        const events = await admin.follow('again', query, headers)
        const data = JSON.stringify({ position: second.position, gap: false })
        deepEqual(await events.next(), { name: 'open', id: second.position, data })
        deepEqual(await events.next(), { name: '', id: third.position, data: '{"data":3}' })
      }
      await admin.publish({ channel: 'live:a', data: 1 })
      const { position } = (await admin.publish({ channel: 'live:a', data: 2 })).json()
      const events = await admin.follow('live:a', '?since=0')
      const open = await events.next()
      deepEqual(JSON.parse(open.data), { position, gap: true })
      equal((await admin.follow('again', '?since=x')).status, 400)
      equal((await admin.follow('closed:a')).status, 403)
    })

    test('carries what a protocol may be unable to, and no worker is harmed', async () => {
      await openReaders('large')
      const events = await admin.follow('large')
      await events.next()
      const text = '"'.repeat(70_000)
      equal((await admin.publish({ channel: 'large', text })).status, 200)
      equal(JSON.parse((await events.next()).data).text, text)
      const { started, retired } = (await admin.ask('/v1/node')).json().primary
      deepEqual([started, retired], [workers, 0])
    })

    test('refuses bodies by what is wrong with them', async () => {
      const refusalOf = async (body: string, headers = {}) => {
        const { status, json } = await admin.ask('/v1/publications', { method: 'POST', body, headers })
        return [status, json().code]
      }
      const body = '{"channel":"a","data":1}'
      for (const type of ['application/json; charset=utf-8', 'Application/vnd.a+JSON']) {
        const headers = { 'content-type': type }
        equal((await admin.ask('/v1/publications', { method: 'POST', body, headers })).status, 200, type)
      }
      for (const type of ['text/plain', 'application/jsonp', '']) {
        deepEqual(await refusalOf(body, { 'content-type': type }), [415, 'content-type'], type)
      }
      deepEqual(await refusalOf('{'), [400, 'json-syntax'])
      deepEqual(await refusalOf('[]'), [422, 'json-shape'])
      deepEqual(await refusalOf(`"${'x'.repeat(1_048_576)}"`), [413, 'body-too-large'])
      deepEqual(await refusalOf(`"${'x'.repeat(1_048_574)}"`), [422, 'json-shape'])
    })

    test('tells how the node is', async () => {
      const node = (await admin.ask('/v1/node')).json()
      deepEqual([node.workersWanted, node.serving.length, node.draining], [workers, workers, false])
      match(node.version, /^\d+\.\d+\.\d+/)
      equal(Object.keys(node.workers).length, workers)
      ok(node.uptimeMs > 0)
      notEqual(node.workers['0'].hub.subscribers, undefined)
    })
  })
}
