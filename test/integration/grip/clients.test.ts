// Clients as people have them, in front of a node of ours: requests of Python, EventSource in a real browser, and curl in
// its several manners. Each event is there before the next one is published, so that none can be one late.
import { deepEqual, equal, match } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { isChromiumMissing, type Page, startChromium } from '../../helpers/chromium.ts'
import { type GripNode, startGripNode, untilHeld } from '../../helpers/grip/node.ts'
import { curlReader, isRequestsMissing, piecesReader, pythonReader } from '../../helpers/grip-origins.ts'
import { until } from '../../helpers/until.ts'

const run = promisify(execFile)

/** What the origin was asked; its paths hold by their names. */
const requests: IncomingMessage[] = []
const origin = createServer((request, response) => {
  requests.push(request)
  answer(request, response)
})
let node: GripNode
let url = ''

before(async () => {
  origin.listen(0, '127.0.0.1')
  await once(origin, 'listening')
  const address = `127.0.0.1:${Object(origin.address()).port}`
  node = await startGripNode(`* ${address}\n*,path_beg=/open/,aco ${address}\n`)
  url = `http://${node.client}`
})
after(async () => {
  await node.stop()
  origin.closeAllConnections()
  origin.close()
})

function answer(request: IncomingMessage, response: ServerResponse): void {
  const hold = (kind: string, type = 'text/plain') => {
    response.setHeader('content-type', type)
    response.setHeader('grip-hold', kind)
    response.setHeader('grip-channel', 'news')
  }
  switch (request.url) {
    case '/stream':
      hold('stream')
      return void response.end('[open]\n')
    case '/poll':
      hold('response')
      return void response.end('nothing\n')
    case '/short':
      hold('response')
      response.setHeader('grip-timeout', '5') // the least
      return void response.end('nothing\n')
    case '/events':
    case '/open/events':
      hold('stream', 'text/event-stream')
      response.setHeader('grip-keep-alive', ':\\n\\n; format=cstring; timeout=1')
      return void response.end('retry: 100\nid: 0\ndata: first\n\n')
    case '/page':
      response.setHeader('content-type', 'text/html')
      return void response.end('<title>page</title>')
    default: {
      let size = 0
      request.on('data', piece => {
        size += piece.length
      })
      request.on('end', () => response.end(`${request.method} ${size} ${request.headers['expect']}\n`))
    }
  }
}

describe('requests of Python', { skip: isRequestsMissing() }, () => {
  test('gives each piece, and each line, at once', async t => {
    const [pieces, lines] = [piecesReader(`${url}/stream`), pythonReader(`${url}/stream`)]
    t.after(() => Promise.all([pieces.stop(), lines.stop()]))
    deepEqual([await pieces.next(), await lines.next()], ['"[open]\\n"', '[open]'])
    for (let number = 0; number < 20; number++) {
      await node.publish('news', { 'http-stream': { content: `${number}\n` } })
      deepEqual([await pieces.next(), await lines.next()], [`"${number}\\n"`, String(number)])
    }
  })
})

describe('EventSource of Chromium', { skip: isChromiumMissing() }, () => {
  test('gets each event at once, goes on behind a close, and crosses origins where a rule lets it', async t => {
    const browser = await startChromium()
    t.after(() => browser.stop())
    const page = await browser.open(`${url}/page`)
    await follow(page, '/events')
    const seen = () => page.evaluate('seen') as Promise<readonly string[]>
    const arrived = (count: number) => until(`${count} events`, async () => (await seen()).length === count)
    await arrived(1)
    for (let number = 1; number <= 5; number++) {
      await node.publish('news', { 'http-stream': { content: `id: ${number}\ndata: ${number}\n\n` } })
      await arrived(number + 1)
    }
    await node.publish('news', { 'http-stream': { action: 'close' } })
    // It comes again by itself, and says to the origin where it was.
    await arrived(7)
    deepEqual(await seen(), ['first 0', '1 1', '2 2', '3 3', '4 4', '5 5', 'first 0'])
    const streams = requests.filter(request => request.url === '/events')
    deepEqual(
      streams.map(request => request.headers['last-event-id']),
      [undefined, '5'],
    )

    const foreign = await browser.open(`${url.replace('127.0.0.1', 'localhost')}/page`)
    await follow(foreign, `${url}/events`)
    await until('it to be refused', () => foreign.evaluate('source.readyState === 2'))
    await follow(foreign, `${url}/open/events`)
    await until('the first event', () => foreign.evaluate('seen.length === 1'))
    await node.publish('news', { 'http-stream': { content: 'id: 6\ndata: both\n\n' } })
    await until('it at both', async () =>
      (await Promise.all([page, foreign].map(each => each.evaluate('seen.at(-1)')))).every(
        last => last === 'both 6',
      ),
    )
  })
})

async function follow(page: Page, url: string): Promise<void> {
  await page.evaluate(`
    globalThis.seen = []
    globalThis.source?.close()
    globalThis.source = new EventSource('${url}')
    source.onmessage = ({ data, lastEventId }) => void seen.push(data + ' ' + lastEventId)`)
}

describe('curl', () => {
  test('follows a stream with 1.1 and with 1.0, and hears its end', async t => {
    const readers = [curlReader(`${url}/stream`), curlReader(`${url}/stream`, '--http1.0')]
    t.after(() => Promise.all(readers.map(reader => reader.stop())))
    const next = () => Promise.all(readers.map(reader => reader.next()))
    deepEqual(await next(), ['[open]', '[open]'])
    for (const line of ['one', 'two']) {
      await node.publish('news', { 'http-stream': { content: `${line}\n` } })
      deepEqual(await next(), [line, line])
    }
    await node.publish('news', { 'http-stream': { action: 'close' } })
    deepEqual(await Promise.all(readers.map(reader => reader.ended)), [0, 0])
  })

  test('is answered by what is published, and by what the origin said where nothing is', async () => {
    const polls = ['--http1.1', '--http1.0'].map(version => run('curl', ['-sSi', version, `${url}/poll`]))
    await untilHeld(node, 'news', 2)
    await node.publish('news', {
      'http-response': { code: 201, reason: 'Made', headers: { 'X-A': 'b' }, body: 'done\n' },
    })
    for (const { stdout } of await Promise.all(polls)) {
      match(stdout, /^HTTP\/1\.[01] 201 Made\r\n/)
      match(stdout, /\r\nX-A: b\r\n/)
      match(stdout, /\r\n\r\ndone\n$/)
    }
    equal((await run('curl', ['-sS', `${url}/short`])).stdout, 'nothing\n')
  })

  test('uploads 3 MB behind its Expect, by length and in chunks, and gets heads alone', async () => {
    const size = 3_000_000
    for (const header of ['Expect: 100-continue', 'Transfer-Encoding: chunked', 'Expect:']) {
      const args = ['-sS', '-X', 'POST', '-H', header, '--data-binary', '@-', `${url}/upload`]
      const curl = run('curl', args)
      curl.child.stdin?.end(Buffer.alloc(size, 'x'))
      match((await curl).stdout, new RegExp(`^POST ${size} `))
    }
    match((await run('curl', ['-sSI', `${url}/page`])).stdout, /^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n$/)
  })

  test('keeps one connection for all that it asks', async () => {
    const urls = ['page', 'one', 'two', 'page'].map(path => `${url}/${path}`)
    const { stdout } = await run('curl', ['-sS', '-w', '<%{num_connects}>', ...urls])
    deepEqual(stdout.match(/<\d>/g), ['<1>', '<0>', '<0>', '<0>'])
  })
})
