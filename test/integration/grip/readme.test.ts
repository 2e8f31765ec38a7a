// What the original's README shows, played behind the original and behind ours: its bare HTTP example, its view of Django
// and its middleware for Node.js. Its commands are taken as they are printed, but for ports.
import { deepEqual, equal } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { HttpStreamFormat } from '@fanoutio/grip'
import { ServeGrip } from '@fanoutio/serve-grip/node'
import * as registry from '../../../src/frontends/registry.ts'
import { addressOf, ringcastStarter, type Starter, startOriginal } from '../../conformance/grip/server.ts'
import { curlReader, djangoSite, isDjangoMissing } from '../../helpers/grip-origins.ts'
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest, headerOf } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'

const run = promisify(execFile)

/** The answer of the README's origin. */
const instructed = `HTTP/1.1 200 OK
Content-Type: text/plain
Content-Length: 22
Grip-Hold: stream
Grip-Channel: test

welcome to the stream
`

/** The README's command; between its lines it has a backslash, within the quotes. */
const command = (
  control: string,
  between: string,
) => `curl -sS -d '{ "items": [ { "channel": "test", "formats": { "http-stream": ${between}
    { "content": "hello there\\n" } } } ] }' \\
    http://${control}/publish`

play('Pushpin 1.36', startOriginal, isPushpinMissing())
if ('grip' in registry) play('ringcast', ringcastStarter(2), false)

function play(title: string, start: Starter, skip: string | false): void {
  describe(`the README of the original, with ${title}`, { skip }, () => {
    playHttp(start)
    playDjango(start)
    playNode(start)
  })
}

async function serverFor(t: TestContext, start: Starter, routes: string) {
  const server = await start(routes, {})
  t.after(() => server.stop())
  return { client: addressOf(server.client), control: addressOf(server.control) }
}

function playHttp(start: Starter): void {
  test('its answer opens a stream, and its command adds a line to it', async t => {
    const origin = await RawOrigin.open()
    t.after(() => origin.close())
    const [head = '', body] = instructed.split('\n\n')
    const answer = `${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`
    origin.script({ path: '/', answers: [{ pieces: [answer] }] })
    const { client, control } = await serverFor(t, start, `* ${origin.address}\n`)
    const stream = new RawClient(client)
    t.after(() => stream.leave())
    stream.send(encodeRequest({ method: 'GET', target: '/' }))
    const held = await stream.head()
    const named = ['content-type', 'transfer-encoding', 'content-length', 'grip-hold', 'grip-channel']
    deepEqual(
      [held.line, ...named.map(name => headerOf(held, name))],
      ['HTTP/1.1 200 OK', 'text/plain', 'chunked', undefined, undefined, undefined],
    )
    equal(String(await stream.chunk()), 'welcome to the stream\n')
    // As it is printed a backslash gets into the JSON.
    const printed = await run('sh', ['-c', command(control, '\\')])
    equal(printed.stdout, 'Body is not valid JSON.\n')
    const { stdout } = await run('sh', ['-c', command(control, '')])
    equal(stdout, 'Published\n')
    equal(String(await stream.chunk()), 'hello there\n')
  })
}

function playDjango(start: Starter): void {
  test('its view of Django holds, and publishes', { skip: isDjangoMissing() }, async t => {
    const site = djangoSite()
    t.after(() => site.stop())
    const { client, control } = await serverFor(t, start, `* 127.0.0.1:${await site.next()}\n`)
    const readers = [0, 1, 2].map(() => curlReader(`http://${client}/endpoint`))
    t.after(() => Promise.all(readers.map(reader => reader.stop())))
    const next = () => Promise.all(readers.map(reader => reader.next()))
    deepEqual(await next(), Array(3).fill('welcome to the stream'))
    for (const line of ['hello there', 'grüß Gott ☺']) {
      site.write(`http://${control} ${line}`)
      equal(await site.next(), '200')
      deepEqual(await next(), Array(3).fill(line))
    }
    const posted = await fetch(`http://${client}/endpoint`, { method: 'POST', body: 'x'.repeat(100_000) })
    equal(await posted.text(), `POST 100000 ${client}\n`)
  })
}

function playNode(start: Starter): void {
  test('its middleware for Node.js passes on, holds, and has a publisher', async t => {
    let middleware: ServeGrip | undefined
    const site = createServer((request, response) => {
      middleware?.exec(request, response, () => {
        if (request.url === '/all') {
          const instruct = response.grip?.startInstruct()
          instruct?.addChannel('all')
          instruct?.setHoldStream()
        }
        response.end('hello world\n')
      })
    }).listen(0, '127.0.0.1')
    await once(site, 'listening')
    t.after(() => {
      site.closeAllConnections()
      site.close()
    })
    const { client, control } = await serverFor(t, start, `* 127.0.0.1:${Object(site.address()).port}\n`)
    middleware = new ServeGrip({ grip: { control_uri: `http://${control}`, key: 'changeme' } })
    equal(await (await fetch(`http://${client}/hello`)).text(), 'hello world\n')
    const reader = curlReader(`http://${client}/all`)
    t.after(() => reader.stop())
    equal(await reader.next(), 'hello world')
    await middleware.getPublisher().publishFormats('all', new HttpStreamFormat('to all\n'))
    equal(await reader.next(), 'to all')
  })
}
