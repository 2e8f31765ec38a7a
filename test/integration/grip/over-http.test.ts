// A WebSocket over HTTP with a real origin behind it: the library that people have, and connections that are torn.
import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { ServeGrip } from '@fanoutio/serve-grip/node'
import type { CallPhase } from '../../../src/net/outgoing/failures.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { systemRandom } from '../../../src/std/random.ts'
import { openTestOrigins } from '../../helpers/outgoing.ts'
import { until } from '../../helpers/until.ts'
import { bytesOf, Socket, Worker } from '../../unit/grip/socket/given-socket.ts'

const middleware = new ServeGrip({ grip: { control_uri: 'http://127.0.0.1:1/' } })

/** What the library's documentation does with a WebSocket; `said` is what the application heard. */
async function libraryOrigin(t: Pick<TestContext, 'after'>, port = 0) {
  const said: string[] = []
  const server = createServer((request, response) => {
    middleware.exec(request, response, error => {
      if (error !== undefined) throw error
      talk(request, said)
      response.end()
    })
  })
  await listen(t, server, port)
  return { said, server, port: portOf(server) }
}

function talk({ grip }: IncomingMessage, said: string[]): void {
  const context = grip?.wsContext
  if (context == null) return
  if (context.isOpening()) {
    context.accept()
    context.subscribe('all')
    context.meta['user'] = 'alice'
  }
  while (context.canRecv()) {
    try {
      const message = context.recv()
      said.push(`${context.meta['user']}: ${message}`)
      if (message === null) context.close(4001)
      else context.send(`echo ${message}`)
    } catch (error) {
      said.push(String(error))
    }
  }
}

async function listen(t: Pick<TestContext, 'after'>, server: Server, port = 0): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => stop(server))
}

function stop(server: Server): void {
  server.close()
  server.closeAllConnections()
}

function portOf(server: Server): number {
  // Listening on TCP.
  return (server.address() as AddressInfo).port
}

async function socketTo(t: Pick<TestContext, 'after'>, port: number): Promise<Socket> {
  return (await sceneOf(t, port)).socket
}

/** `failures` gets the phase of each. */
async function sceneOf(t: Pick<TestContext, 'after'>, port: number) {
  const failures: CallPhase[] = []
  const origins = await openTestOrigins(t)
  const dispatch: typeof origins.call = (request, { onHead, onBody, onEnd, onFailure }) =>
    origins.call(request, {
      onHead,
      onBody,
      onEnd,
      onFailure: failure => {
        failures.push(failure.phase)
        onFailure(failure)
      },
    })
  const worker = new Worker({ real: { clock: systemClock, random: systemRandom, dispatch } })
  const socket = new Socket({ line: `* 127.0.0.1:${port},over_http` }, worker)
  t.after(() => socket.end.gone())
  return { socket, origins, failures }
}

const heard = (socket: Socket, count: number) => until('what was told', () => socket.told.length >= count)

describe('@fanoutio/serve-grip', () => {
  test('accepts, subscribes, echoes, remembers, and answers a close', async t => {
    const { said, port } = await libraryOrigin(t)
    const socket = await socketTo(t, port)
    await heard(socket, 2)
    deepEqual(socket.told, ['opened', 'text c:{"channel":"all","type":"subscribe"}'])
    equal(socket.acceptance?.messagePrefix, 'm:')
    match(socket.acceptance?.rawHeaders.join() ?? '', /^(?!.*(?:meta|keep-alive|length|type))/i)
    for (const text of ['one', 'twö', '']) socket.end.message('text', Buffer.from(text), true, true)
    socket.end.ping(bytesOf('p'))
    await heard(socket, 5)
    socket.end.close(1000, bytesOf('bye'))
    await until('the close', () => socket.told.some(text => text.startsWith('closed')))
    deepEqual(said, ['alice: one', 'alice: twö', 'alice: ', 'alice: null'])
    deepEqual(
      socket.told.slice(2).filter(text => !text.startsWith('pong')),
      [
        'text m:echo one',
        `text m:echo ${Buffer.from('twö').toString('latin1')}`,
        'text m:echo ',
        'closed 4001 ',
      ],
    )
    equal(socket.worker.calls.counters.socketsOverHttp, 0)
  })

  test('hears that a client is gone', async t => {
    const { said, port } = await libraryOrigin(t)
    const socket = await socketTo(t, port)
    await heard(socket, 2)
    socket.text('last')
    socket.end.gone()
    await until('the origin to hear it', () => said.length === 2)
    deepEqual(said, ['alice: last', 'Error: Client disconnected unexpectedly.'])
    await until('the end', () => socket.worker.calls.counters.socketsOverHttp === 0)
  })

  test('may be started anew, and its clients stay (row 243)', async t => {
    const { server, port } = await libraryOrigin(t)
    const { socket, origins, failures } = await sceneOf(t, port)
    await heard(socket, 2)
    stop(server)
    await once(server, 'close')
    // A request that was under way might have been heard.
    await until('our end of the connection to notice', () => origins.connections === 0)
    socket.text('while it was down')
    await until('the first failure', () => failures.length > 0)
    const again = await libraryOrigin(t, port)
    await until('the message', () => again.said.length === 1)
    await heard(socket, 3)
    deepEqual(socket.told.slice(2), ['text m:echo while it was down'])
    deepEqual([...new Set(failures)], ['connecting'])
  })
})

describe('an origin', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse, body: string, count: number) => void

  async function origin(t: Pick<TestContext, 'after'>, answer: Answer) {
    const bodies: string[] = []
    const heads: string[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('latin1').on('data', piece => {
        body += piece
      })
      request.on('end', () => {
        bodies.push(body)
        heads.push(request.rawHeaders.join('|'))
        response.setHeader('Content-Type', 'application/websocket-events')
        answer(request, response, body, bodies.length)
      })
    })
    await listen(t, server)
    return { bodies, heads, port: portOf(server) }
  }

  test('that dies behind a request is not asked again', async t => {
    const { bodies, port } = await origin(t, (request, response, _body, count) => {
      if (count === 1) response.end('OPEN\r\n')
      else request.socket.destroy()
    })
    const socket = await socketTo(t, port)
    await heard(socket, 1)
    socket.text('1')
    await heard(socket, 2)
    match(socket.told[1] ?? '', /^lost /)
    deepEqual(bodies, ['OPEN\r\n', 'TEXT 1\r\n1\r\n'])
  })

  test('gets lengths, of empty requests too', async t => {
    const { heads, bodies, port } = await origin(t, (_request, response, body) =>
      response.end(body === 'OPEN\r\n' ? body : ''),
    )
    const socket = await socketTo(t, port)
    await heard(socket, 1)
    socket.end.refresh()
    await until('the empty request', () => bodies.length === 2)
    equal(bodies[1], '')
    match(
      heads[1] ?? '',
      /\|Accept\|application\/websocket-events\|Connection-Id\|[\da-f-]{36}\|Content-Type\|application\/websocket-events\|content-length\|0$/,
    )
  })

  test('that says much is read as fast as the client takes it', async t => {
    const { port } = await origin(t, (_request, response, body) => {
      response.end(body === 'OPEN\r\n' ? body : `BINARY c3500\r\n${'x'.repeat(800_000)}\r\nTEXT 1\r\ny\r\n`)
    })
    const socket = await socketTo(t, port)
    await heard(socket, 1)
    socket.text('1')
    socket.end.pause()
    socket.text('2')
    await until('the request', () => socket.worker.calls.counters.eventRequests === 2)
    equal(socket.told.length, 1)
    socket.end.resume()
    await heard(socket, 5)
    deepEqual(
      socket.told.map(text => text.length),
      [6, 800_007, 6, 800_007, 6],
    )
  })
})
