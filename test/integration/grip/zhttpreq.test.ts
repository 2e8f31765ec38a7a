// Targets by ZeroMQ (contract §2.7): the example of the original's README behind ours and behind the original, what a request is,
// and what becomes of it where nobody answers.
import { deepEqual, equal, match } from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { Reply } from 'zeromq'
import { formatTnetstring, parseTnetstring, type Tnet } from '../../../src/frontends/grip/zmq/tnetstring.ts'
import * as registry from '../../../src/frontends/registry.ts'
import { addressOf, ringcastStarter, type Starter, startOriginal } from '../../conformance/grip/server.ts'
import { isZmqMissing, startPython } from '../../helpers/grip-origins.ts'
import { startGrip } from '../../helpers/grip-stage.ts'
import { isPushpinMissing } from '../../helpers/original-pushpin.ts'
import { freePorts } from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'

const fixtures = new URL('fixtures/', import.meta.url).pathname

function example(title: string, start: Starter, skip: string | false): void {
  test(`the example of the README holds a stream, with ${title}`, { skip }, async t => {
    const [port = 0] = await freePorts(1)
    const server = await start(`* zhttpreq/tcp://127.0.0.1:${port}\n`, {})
    t.after(() => server.stop())
    const folder = mkdtempSync(join(tmpdir(), 'zhttpreq-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    cpSync(join(fixtures, 'tnetstring.py'), join(folder, 'tnetstring.py'))
    const program = readFileSync(join(fixtures, 'zhttpreq.py'), 'utf8').replace('10000', String(port))
    writeFileSync(join(folder, 'zhttpreq.py'), program)
    const python = startPython(join(folder, 'zhttpreq.py'))
    t.after(() => python.kill('SIGKILL'))
    const client = new RawClient(addressOf(server.client))
    t.after(() => client.leave())
    client.send(encodeRequest({ method: 'GET', target: '/' }))
    equal((await client.head()).status, 200)
    equal(String(await client.chunk()), 'welcome to the stream\n')
    const publisher = new RawClient(addressOf(server.control))
    const body = JSON.stringify({
      items: [{ channel: 'test', formats: { 'http-stream': { content: 'hello\n' } } }],
    })
    publisher.send(encodeRequest({ method: 'POST', target: '/publish/', body }))
    equal((await publisher.answer()).status, 200)
    publisher.leave()
    equal(String(await client.chunk()), 'hello\n')
  })
}

example('Pushpin 1.36', startOriginal, isPushpinMissing() || isZmqMissing())
if ('grip' in registry) {
  example('ringcast', ringcastStarter(2), isZmqMissing())
  describe('a target by ZeroMQ', () => ours())
}

/** Answers as it is told to; undefined: not at all. */
async function backend(
  t: TestContext,
  spec: string,
  answer: (request: Readonly<Record<string, Tnet>>) => Readonly<Record<string, Tnet>> | undefined,
): Promise<void> {
  const socket = new Reply({ linger: 0 })
  t.after(() => socket.close())
  socket.connect(spec)
  const run = async () => {
    for (;;) {
      const [message = Buffer.alloc(0)] = await socket.receive()
      const request = parseTnetstring(message.subarray(1))?.value as Record<string, Tnet> // what we sent
      const told = answer(request)
      if (told === undefined) return
      await socket.send(
        Buffer.concat([Buffer.from('T'), formatTnetstring({ id: request['id'] ?? '', ...told })]),
      )
    }
  }
  run().catch(() => {}) // the socket was closed
}

async function stageFor(t: TestContext, rules: string, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'zhttpreq-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const spec = `ipc://${folder}/backend`
  const stage = await startGrip(t, { routes: rules.replaceAll('SPEC', `zhttpreq/${spec}`), environment })
  return { spec, stage }
}

function ours(): void {
  test('gets a request whole, and its answer passes', async t => {
    const { spec, stage } = await stageFor(t, '*,as_host=h.example SPEC')
    const asked: Readonly<Record<string, Tnet>>[] = []
    await backend(t, spec, request => {
      asked.push(request)
      return { code: 201, reason: 'Made', headers: [['X-A', 'b']], body: Buffer.from([1, 255]) }
    })
    const client = stage.connect()
    client.send(
      encodeRequest({ method: 'PUT', target: '/x?y=1', headers: [['X-One', '1']], body: 'z'.repeat(50_000) }),
    )
    const answer = await client.answer()
    deepEqual([answer.status, answer.headers.find(([name]) => name.toLowerCase() === 'x-a')?.[1]], [201, 'b'])
    deepEqual([...answer.body], [1, 255])
    const [{ method, uri, body, 'max-size': size } = {}] = asked
    deepEqual([String(method), String(uri), size], ['PUT', 'http://h.example/x?y=1', 1_000_000])
    equal(String(body), 'z'.repeat(50_000))
  })

  test('may be one of several: where nobody is bound the next is asked', async t => {
    const { spec, stage } = await stageFor(t, '* zhttp/tcp://127.0.0.1:1 SPEC')
    await backend(t, spec, () => ({ code: 200, body: 'here' }))
    equal(String((await stage.get('/').answer()).body), 'here')
  })

  failures()
}

function failures(): void {
  test('that does not answer is a 502, in time', async t => {
    const { spec, stage } = await stageFor(t, '*,debug SPEC', { RINGCAST_GRIP_ZMQ_ANSWER_MS: '300' })
    await backend(t, spec, () => undefined)
    const answer = await stage.get('/').answer()
    deepEqual([answer.status, String(answer.body)], [502, 'the backend gave no answer\n'])
  })

  test('that answers nonsense is a 502', async t => {
    const { spec, stage } = await stageFor(t, '*,debug SPEC')
    await backend(t, spec, () => ({ code: 'no' }))
    const answer = await stage.get('/').answer()
    deepEqual([answer.status, String(answer.body)], [502, 'the answer has no code from 200 to 999\n'])
  })

  test('is none for WebSockets', async t => {
    const { stage } = await stageFor(t, '*,path_beg=/d/,debug SPEC\n* SPEC')
    const handshake = [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
      ['Sec-WebSocket-Version', '13'],
    ] as const
    for (const [path, body] of [
      ['/d/', 'WebSockets cannot be used with zhttpreq target\n'],
      ['/', 'Error while proxying to origin.\n'],
    ] as const) {
      const answer = await stage.get(path, handshake).answer()
      deepEqual([answer.status, String(answer.body)], [502, body])
    }
  })

  test('outlives the worker whose routes named it, and what it was asked for then', async t => {
    const { spec, stage } = await stageFor(t, '* SPEC')
    await backend(t, spec, () => ({ code: 200, body: 'here' }))
    equal(String((await stage.get('/').answer()).body), 'here')
    match(await stage.daemon.stop().then(String), /^0$/)
  })
}
