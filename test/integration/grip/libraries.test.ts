// Origins and clients as people have them, behind the original of GRIP and behind ours: what they do with one they must
// be able to do with the other (contract §15).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { HttpStreamFormat } from '@fanoutio/grip'
import * as registry from '../../../src/frontends/registry.ts'
import {
  addressOf,
  type GripServer,
  ringcastStarter,
  type Starter,
  startOriginal,
} from '../../conformance/grip/server.ts'
import {
  curlReader,
  isRequestsMissing,
  LibraryOrigin,
  pythonOrigin,
  pythonReader,
} from '../../helpers/grip-origins.ts'
import type { Lines } from '../../helpers/lines.ts'
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { type Answer, encodeRequest, headerOf } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'

play('Pushpin 1.36', startOriginal, isPushpinMissing())
if ('grip' in registry) play('ringcast', ringcastStarter(2), false)

function play(title: string, start: Starter, skip: string | false): void {
  describe(`${title}, behind it @fanoutio/serve-grip`, { skip }, () => {
    test('streams what the library publishes', async t => {
      const { server, publisher, origin } = await libraryScene(t, start)
      const client = ask(t, server, '/stream')
      equal((await client.head()).status, 200)
      equal(String(await client.chunk()), '[open]\n')
      await publisher.publishHttpStream('sgtest', 'hello stream\n')
      equal(String(await client.chunk()), 'hello stream\n')
      await publisher.publishFormats('sgtest', new HttpStreamFormat(null, true))
      equal(await client.chunk(), undefined)
      deepEqual(origin.seen, [{ isProxied: true, isSigned: true }])
    })

    test('answers a long-poll with what the library publishes', async t => {
      const { server, publisher, origin } = await libraryScene(t, start)
      const client = ask(t, server, '/lp')
      await until('the origin to hold it', () => origin.seen.length === 1)
      await untilHeld()
      await publisher.publishHttpResponse('sglp', 'lp done\n', '2', '1')
      const { status, body, ...head } = await client.answer()
      deepEqual([status, headerOf(head, 'content-length'), String(body)], [200, '8', 'lp done\n'])
    })

    test('passes on what is held by nobody', async t => {
      const { server } = await libraryScene(t, start)
      const { status, body } = await ask(t, server, '/plain').answer()
      deepEqual([status, String(body)], [200, 'plain\n'])
    })
  })

  describe(`${title}, behind it Python without a library`, { skip }, () => {
    test('curl reads a stream as it comes', async t => {
      const { server, publish } = await pythonScene(t, start)
      await readLines(t, curlReader(`http://${addressOf(server.client)}/stream`), publish)
    })

    test('requests gives each event at once', { skip: isRequestsMissing() }, async t => {
      const { server, publish } = await pythonScene(t, start)
      await readLines(t, pythonReader(`http://${addressOf(server.client)}/stream`), publish)
    })

    test('a long-poll is answered', async t => {
      const { server, publish } = await pythonScene(t, start)
      const client = ask(t, server, '/poll')
      const publishDone = () =>
        publish({ channel: 'py-poll', formats: { 'http-response': { body: 'done\n' } } })
      const { status, body } = await answerTo(client, publishDone)
      deepEqual([status, String(body)], [200, 'done\n'])
    })
  })
}

/**
 * Nothing shows that it is held, and what says its order can be published once alone: the original takes what comes before
 * the hold for the last one, and lets the client wait for another.
 */
const untilHeld = () => new Promise(resolve => setTimeout(resolve, 500))

/** Nothing shows a client that it is held, and what is published before that, nobody gets: so it is published until it is answered. */
async function answerTo(client: RawClient, publish: () => Promise<unknown>): Promise<Answer> {
  let isAnswered = false
  const answered = client.answer().finally(() => {
    isAnswered = true
  })
  await until('the answer', async () => {
    if (!isAnswered) await publish()
    return isAnswered
  })
  return answered
}

async function startBehind(t: TestContext, start: Starter, origin: string): Promise<GripServer> {
  const server = await start(`* ${origin},over_http\n`, {})
  t.after(() => server.stop())
  return server
}

async function libraryScene(t: TestContext, start: Starter) {
  const origin = await LibraryOrigin.open()
  t.after(() => origin.close())
  const server = await startBehind(t, start, origin.address)
  return { server, origin, publisher: origin.publishTo(addressOf(server.control)) }
}

async function pythonScene(t: TestContext, start: Starter) {
  const origin = pythonOrigin()
  t.after(() => origin.stop())
  const server = await startBehind(t, start, `127.0.0.1:${await origin.next()}`)
  const publish = async (item: object) => {
    origin.write(`http://${addressOf(server.control)} ${JSON.stringify(item)}`)
    equal(await origin.next(), '200 Published')
  }
  return { server, publish }
}

/** Each line is there before the next one is published. */
async function readLines(
  t: TestContext,
  reader: Lines,
  publish: (item: object) => Promise<void>,
): Promise<void> {
  t.after(() => reader.stop())
  equal(await reader.next(), '[open]')
  for (const line of ['one', 'two', 'three']) {
    await publish({ channel: 'py-stream', formats: { 'http-stream': { content: `${line}\n` } } })
    equal(await reader.next(), line)
  }
}

function ask(t: TestContext, server: GripServer, target: string): RawClient {
  const client = new RawClient(server.client)
  t.after(() => client.leave())
  return client.send(encodeRequest({ method: 'GET', target }))
}
