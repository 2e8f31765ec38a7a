// `pub` and `sub` against a running daemon, and against nodes that are not there or break off.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { type RunningCommand, runCommand, startCommand } from '../helpers/command.ts'
import { type Daemon, startDaemon } from '../helpers/daemon.ts'
import { until } from '../helpers/until.ts'

const secret = 'operator-secret-0123456789'
const guarded = { RINGCAST_ADMIN_SECRET: secret }

async function startNode(t: TestContext, environment: Record<string, string> = {}): Promise<Daemon> {
  const daemon = await startDaemon({
    workers: 2,
    environment: {
      RINGCAST_ADMIN_LISTEN: '127.0.0.1:0',
      RINGCAST_HISTORY_SIZE: '100',
      // No test stops a node to see it stop.
      RINGCAST_DRAIN_SPREAD_MS: '0',
      ...guarded,
      ...environment,
    },
  })
  t.after(() => {
    daemon.process.kill('SIGKILL')
    return daemon.ended
  })
  return daemon
}

function urlOf(daemon: Daemon): string {
  return `http://${daemon.address('admin')}`
}

/** A follower that is ended with the test. */
function follow(t: TestContext, url: string, ...args: readonly string[]): RunningCommand {
  const command = startCommand(['sub', ...args, '--url', url], { environment: guarded })
  t.after(() => {
    command.process.kill('SIGKILL')
    return command.ended
  })
  return command
}

/** A node of the test's own making, to break where a real one does not on demand. */
async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  // A listening TCP server has an address of this form.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An address where nobody listens any more. */
async function serveNobody(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // as above
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

const linesOf = (text: string) => text.split('\n').filter(line => line !== '')

describe('pub and sub', () => {
  test('what is published arrives as it was said, and the positions agree', async t => {
    const url = urlOf(await startNode(t))
    const first = follow(t, url, 'a/b c', '--json', '--limit', '5')
    const pub = (args: readonly string[], input?: string) =>
      runCommand(['pub', 'a/b c', ...args, '--url', url], {
        environment: guarded,
        ...(input === undefined ? {} : { input }),
      })
    await until('the follower to be counted', async () => (await pub(['0'])).out.trimEnd().endsWith(' 1'))
    const published = [
      await pub(['{"n":12345678901234567890, "a":"b"}']),
      await pub(['--text'], 'two\nlines\n'),
      await pub(['-', '--base64'], 'AAEC\n'),
      await pub([], ' [1]\n'),
    ]
    for (const { code, out, errors } of published) {
      deepEqual([code, errors], [0, ''])
      match(out, /^[\w-]+\.\d+ 1\n$/)
    }
    equal(await first.ended, 0)
    const [before = '', ...lines] = linesOf(first.out())
    match(before, /"data":0\}$/)
    const positions = published.map(({ out }) => out.split(' ')[0])
    deepEqual(lines, [
      `{"position":"${positions[0]}","data":{"n":12345678901234567890,"a":"b"}}`,
      `{"position":"${positions[1]}","text":"two\\nlines"}`,
      `{"position":"${positions[2]}","base64":"AAEC"}`,
      `{"position":"${positions[3]}","data":[1]}`,
    ])

    const again = follow(t, url, 'a/b c', '--since', String(positions[0]), '--limit', '3', '--positions')
    equal(await again.ended, 0)
    equal(again.out(), `${positions[1]} two\nlines\n${positions[2]} AAEC\n${positions[3]} [1]\n`)
    equal(again.errors(), '')
  })

  test('lines are published in order, up to the first that does not fit', async t => {
    const url = urlOf(await startNode(t, { RINGCAST_HISTORY_SIZE: '5000' }))
    const args = ['pub', 'log', '--lines', '--url', url]
    const count = 2_500
    const input = `"first"\n${Array.from({ length: count }, (_, line) => line).join('\n')}\n\n{"last":true}`
    const { code, out, errors } = await runCommand(args, { environment: guarded, input })
    deepEqual([code, errors, linesOf(out).length], [0, '', count + 2])
    const since = linesOf(out)[0]?.split(' ')[0] ?? ''
    const again = follow(t, url, 'log', '--since', since, '--limit', String(count + 1))
    equal(await again.ended, 0)
    deepEqual(linesOf(again.out()), [
      ...Array.from({ length: count }, (_, line) => String(line)),
      '{"last":true}',
    ])

    const broken = await runCommand(args, { environment: guarded, input: '1\n2\noops\n4\n' })
    equal(broken.code, 2)
    match(broken.errors, /^ringcast: line 3: the data is not JSON .*--text/)
    equal(linesOf(broken.out).length, 2)
  })

  test('lines with a key are published once, also where the run is repeated', async t => {
    const url = urlOf(await startNode(t))
    const args = ['pub', 'log', '--lines', '--text', '--json', '--idempotency-key', 'run', '--url', url]
    const publish = async (input: string) => {
      const { out } = await runCommand(args, { environment: guarded, input })
      return linesOf(out).map(line => JSON.parse(line).duplicate)
    }
    deepEqual(await publish('a\nb\n'), [false, false])
    deepEqual(await publish('a\nb\nc'), [true, true, false])
  })

  test('a repeated key gets the first position', async t => {
    const url = urlOf(await startNode(t))
    const args = ['pub', 'demo', '1', '--url', url, '--json', '--idempotency-key', 'k']
    const outs = [
      await runCommand(args, { environment: guarded }),
      await runCommand(args, { environment: guarded }),
    ]
    const [one, two] = outs.map(({ out }) => JSON.parse(out))
    deepEqual([one.duplicate, two.duplicate, one.position], [false, true, two.position])
  })

  test('Ctrl-C ends with 0 and tells the position to go on from', async t => {
    const url = urlOf(await startNode(t))
    const follower = follow(t, url, 'demo')
    const publish = () => runCommand(['pub', 'demo', '"x"', '--url', url], { environment: guarded })
    const { out } = await until('a publication to be delivered', async () => {
      const published = await publish()
      return published.out.trimEnd().endsWith(' 1') ? published : undefined
    })
    const position = out.split(' ')[0]
    await until('the publication to be printed', () => follower.out().includes('x'))
    follower.process.kill('SIGINT')
    equal(await follower.ended, 0)
    equal(follower.errors(), `ringcast: go on with --since ${position}\n`)
  })

  test('a position that history lacks is told as a gap, or ends with 4', async t => {
    const url = urlOf(await startNode(t))
    await runCommand(['pub', 'demo', '1', '--url', url], { environment: guarded })
    const told = follow(t, url, 'demo', '--since', 'gone.5')
    await until('the gap', () => /^ringcast: a gap: /.test(told.errors()))
    const ended = follow(t, url, 'demo', '--since', 'gone.5', '--exit-on-gap')
    equal(await ended.ended, 4)
    match(ended.errors(), /^ringcast: a gap: .*\nringcast: go on with --since [\w-]+\.\d+\n$/)
  })

  test('a wrong or missing secret is refused for good', async t => {
    const url = urlOf(await startNode(t))
    const environment = { RINGCAST_ADMIN_SECRET: 'not-the-secret' }
    for (const args of [
      ['pub', 'demo', '1'],
      ['sub', 'demo'],
    ]) {
      const wrong = await runCommand([...args, '--url', url], { environment })
      deepEqual([wrong.code, wrong.out], [1, ''])
      match(wrong.errors, /\(bearer-refused\)\n$/)
      const none = await runCommand([...args, '--url', url])
      equal(none.code, 1)
      match(none.errors, /set RINGCAST_ADMIN_SECRET or RINGCAST_ADMIN_SECRET_FILE/)
    }
  })
})

describe('nodes that are not there', () => {
  test('pub ends with 3, and so does sub that may not try again', async () => {
    const nowhere = await serveNobody()
    const options = { environment: guarded }
    const [pub, sub] = await Promise.all([
      runCommand(['pub', 'demo', '1', '--url', nowhere], options),
      runCommand(['sub', 'demo', '--no-reconnect', '--url', nowhere], options),
    ])
    for (const { code, errors } of [pub, sub]) {
      equal(code, 3)
      ok(errors.startsWith(`ringcast: ${nowhere} does not answer: connect ECONNREFUSED`), errors)
    }
  })

  test('the address comes from the settings where no url is said', async () => {
    const { port } = new URL(await serveNobody())
    const { code, errors } = await runCommand(['pub', 'demo', '1'], {
      environment: { ...guarded, RINGCAST_MODE: 'production', RINGCAST_ADMIN_LISTEN: `0.0.0.0:${port}` },
    })
    equal(code, 3)
    ok(errors.includes(`http://127.0.0.1:${port} does not answer`), errors)
  })

  test('an overloaded node is temporary, and one that is no API is not', async t => {
    const url = await serve(t, (request, response) => {
      const isBusy = request.url?.startsWith('/busy')
      response.writeHead(isBusy ? 503 : 200, { 'content-type': 'application/problem+json' })
      response.end(isBusy ? '{"code":"overloaded","detail":"There is too much under way."}' : '{}')
    })
    const pub = (path: string) =>
      runCommand(['pub', 'demo', '1', '--url', url + path], { environment: guarded })
    deepEqual(await pub('/busy/'), {
      code: 3,
      out: '',
      errors: 'ringcast: There is too much under way. (overloaded)\n',
    })
    equal((await pub('/other')).code, 1)
    const sub = await runCommand(['sub', 'demo', '--url', url], { environment: guarded })
    equal(sub.code, 1)
    match(sub.errors, /gives no event stream/)
  })

  test('a stream that a stopping node ends is made again when the node says so', async t => {
    let asked = 0
    const url = await serve(t, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: open\nid: e.1\ndata: {"position":"e.1","gap":false}\n\n')
      if (asked++ === 0) response.end('event: end\ndata: {"reason":"draining"}\nretry: 1500\n\n')
      else response.write('id: e.2\ndata: {"data":"a"}\n\n')
    })
    const follower = follow(t, url, 'x', '--limit', '1')
    equal(await follower.ended, 0)
    equal(follower.out(), '"a"\n')
    equal(follower.errors(), 'ringcast: the node ended the stream: draining; trying again in 1.5 s\n')
  })

  test('a stream that breaks is made again behind the last publication, and a later gap is told', async t => {
    const asked: string[] = []
    const url = await serve(t, (request, response) => {
      asked.push(request.url ?? '')
      if (asked.length === 2) return void response.writeHead(503).end()
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (asked.length === 1) {
        response.write('event: open\nid: e.1\ndata: {"position":"e.1","gap":false}\n\n')
        response.write('id: e.2\ndata: {"data":"a"}\n\n', () => response.destroy())
      } else {
        response.write(
          'event: open\nid: e.2\ndata: {"position":"e.2","gap":false}\n\n:\n\nid: e.3\ndata: {"data":"b"}\n\n',
        )
        response.write('event: gap\nid: f.7\ndata: {"position":"f.7"}\n\nid: f.8\ndata: {"data":"c"}\n\n')
        response.write('event: end\ndata: {"reason":"draining"}\n\n')
      }
    })
    const follower = follow(t, url, 'x/ü', '--positions', '--limit', '3')
    equal(await follower.ended, 0)
    equal(follower.out(), 'e.2 "a"\ne.3 "b"\nf.8 "c"\n')
    deepEqual(
      asked,
      ['', '?since=e.2', '?since=e.2'].map(query => `/v1/channels/x%2F%C3%BC/stream${query}`),
    )
    match(follower.errors(), /^ringcast: the stream broke: .*; trying again in 0\.\d s\n/)
    ok(follower.errors().includes('ringcast: a gap: publications up to f.7 are missing\n'), follower.errors())
  })
})
