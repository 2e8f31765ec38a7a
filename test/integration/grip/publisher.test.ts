// `ringcast pub --<protocol>`: what the publisher of a front-end asks for is sent as it is, and its answer is judged.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Terminal } from '../../../src/commands/output.ts'
import { run } from '../../../src/commands/run.ts'
import { publishCommand } from '../../../src/frontends/grip/publish-command.ts'
import { bareFrontend } from '../../helpers/bare-frontend.ts'

const known = [{ ...bareFrontend('grip'), publish: publishCommand }]

async function invoke(args: readonly string[], environment: Record<string, string> = {}) {
  const printed: string[] = []
  const complaints: string[] = []
  const terminal: Terminal = {
    print: text => void printed.push(text),
    complain: line => void complaints.push(line),
    flush: async () => {},
    isShown: false,
    columns: 80,
    isTyped: false,
    input: (async function* () {})(),
    interrupted: () => new AbortController().signal,
  }
  const code = await run(args, environment, { terminal, known })
  return { code, printed, complaints }
}

/** Answers each connection with these bytes once a request is there, and ends it. */
async function listener(t: TestContext, answer: string) {
  const requests: string[] = []
  const server = createServer(socket => {
    let request = ''
    socket.on('error', () => {})
    socket.on('data', piece => {
      request += piece.toString('latin1')
      if (!request.startsWith('POST')) return void socket.destroy()
      const length = Number(/Content-Length: (\d+)/.exec(request)?.[1] ?? Number.NaN)
      const [, body = ''] = request.split('\r\n\r\n')
      if (Buffer.byteLength(body) !== length) return
      requests.push(request)
      socket.end(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  return { requests, port, url: `http://127.0.0.1:${port}` }
}

test('a publication is sent in one request of HTTP/1.0', async t => {
  const { requests, port, url } = await listener(
    t,
    'HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nPublished\n',
  )
  const body =
    '{"items":[{"channel":"ch","formats":{"http-response":{"body":"hello\\n","code":200},"http-stream":{"content":"hello\\n"},"ws-message":{"content":"hello"}}}]}'
  const outcome = await invoke(['pub', '--grip', 'ch', 'hello'], { GRIP_URL: url })
  deepEqual(outcome, { code: 0, printed: ['Published'], complaints: [] })
  deepEqual(requests, [
    `POST /publish/ HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  ])
})

test('a refusal, a cut and an address where nobody is end with 1', async t => {
  const refusing = await listener(t, 'HTTP/1.0 400 Bad Request\r\n\r\nInvalid format: x\n')
  const cutting = await listener(t, 'HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nPubl')
  for (const url of [refusing.url, cutting.url, 'http://127.0.0.1:1']) {
    const { code, printed } = await invoke(['pub', '--grip', '--spec', url, 'ch', 'x'])
    deepEqual([code, printed], [1, []])
  }
  deepEqual([refusing.requests.length, cutting.requests.length], [1, 1])
})

test('over https nothing is said to whoever has no certificate', async t => {
  const { requests, url } = await listener(t, 'HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nPublished\n')
  const spec = url.replace('http:', 'https:')
  const { code } = await invoke(['pub', '--grip', '--spec', spec, '-u', 'a:b', 'ch', 'x'])
  deepEqual([code, requests], [1, []])
})

test('its own help and usage, and a place in the page of the command', async () => {
  equal((await invoke(['pub', '--grip', '--help'])).code, 0)
  equal((await invoke(['pub', '--grip'])).code, 2)
  const { code, printed } = await invoke(['pub', '--help'])
  equal(code, 0)
  match(printed.join('\n'), /--grip +publish as/)
  const late = await invoke(['pub', 'ch', 'x', '--grip'])
  equal(late.code, 2)
  ok(late.complaints.some(line => line.includes('--grip must come before everything else')))
})
