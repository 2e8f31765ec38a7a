// The validator that asks an application, and applications that do not behave: none of them lets anybody in, none holds a
// client for longer than the deadline, and each may recover.
import { deepEqual, equal } from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import type { Question, Verdict } from '../../../src/frontends/pushwire/validators/validator.ts'
import { WebhookValidator } from '../../../src/frontends/pushwire/validators/webhook.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { type OriginConnection, openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { KeptLog, permissions, questionOf, wordOf } from '../../helpers/pushwire-validator.ts'
import { until } from '../../helpers/until.ts'
import { openWholeCalls, saying, says, saysNothing, sized } from '../../helpers/whole-calls.ts'

const everything = 'r chat,data w chat,data'
const unavailable = 'unavailable: unavailable'

interface Opened {
  readonly validator: WebhookValidator
  readonly lines: readonly string[]
  /** What it says, in words. */
  ask(more?: Partial<Question>): Promise<string>
}

function open(t: TestContext, port: number, authTimeoutMs = 30_000): Opened {
  const { lines, log } = new KeptLog()
  const validator = new WebhookValidator(
    { authUrl: `http://127.0.0.1:${port}/auth`, authTimeoutMs },
    { clock: systemClock, log, permissions: permissions(), calls: openWholeCalls(t) },
  )
  const ask = async (more: Partial<Question> = {}) => {
    const verdicts: Verdict[] = []
    validator.judge(questionOf(more), verdict => void verdicts.push(verdict))
    return wordOf(await until('a verdict', () => verdicts[0]))
  }
  return { validator, lines, ask }
}

async function application(
  t: TestContext,
  handle: RequestListener,
  port = 0,
): Promise<Server & { port: number }> {
  const server = createServer(handle)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return Object.assign(server, { port: address.port })
}

const body = '{"channels":["chat"],"ttl":60}'

test('an application that behaves is asked once for equal questions, and its yes is kept', async t => {
  const asked: string[] = []
  const { port } = await application(t, async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    asked.push(`${request.method} ${request.url} ${request.headers['content-type']} ${text}`)
    response.end(text.includes('"bad"') ? response.writeHead(403) && '{"message":"go away"}' : body)
  })
  const { ask } = open(t, port)
  const words = await Promise.all(Array.from({ length: 20 }, () => ask()))
  deepEqual(new Set([...words, await ask()]), new Set(['r chat w chat']))
  equal(asked.length, 1)
  equal(
    asked[0],
    'POST /auth application/json {"client_id":"7d444840-9dc0-11d1-b245-5ffdce74fad2","token":"a token","capabilities":["chat"],"transport":"websocket","ip":"192.0.2.7"}',
  )
  equal(await ask({ token: 'bad' }), 'refused: go away')
})

describe('an application that', () => {
  const rows: readonly (readonly [what: string, serve: (connection: OriginConnection) => void])[] = [
    ['dies without a word', saying(({ socket }) => void socket.end())],
    ['resets', saying(({ socket }) => void socket.resetAndDestroy())],
    ['dies within its yes', saying(one => void one.say(sized(body).slice(0, -1)).socket.end())],
    [
      'redirects to where it would be a yes',
      saying(says('HTTP/1.1 307 X\r\nLocation: /yes\r\nContent-Length: 0\r\n\r\n')),
    ],
    [
      'lies about its length',
      saying(says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 30\r\n\r\n{}')),
    ],
    ['says yes in a body that never fits', saying(says(sized(`{"a":"${'x'.repeat(65_536)}"}`)))],
    ['says something else than JSON', saying(says(sized('welcome!')))],
    ['fails', saying(says(sized('{}', '500 Oh')))],
    ['speaks no HTTP', saying(says('yes\r\n\r\n'))],
  ]
  for (const [what, serve] of rows) {
    test(`${what} lets nobody in`, async t => {
      const origin = await openRawOrigin(t, { serve })
      const { ask, lines } = open(t, origin.port)
      equal(await ask({ token: 'very secret' }), unavailable)
      equal(lines.length, 1)
      equal(lines.join().includes('secret'), false)
    })
  }

  for (const [what, serve] of [
    ['hangs', saying(saysNothing)],
    ['hangs within its yes', saying(says(sized(body).slice(0, -1)))],
  ] as const) {
    test(`${what} holds nobody for longer than the deadline`, async t => {
      const origin = await openRawOrigin(t, { serve })
      const { ask } = open(t, origin.port, 200)
      equal(await ask(), unavailable)
      await until('the close', () => origin.connections.every(({ isClosed }) => isClosed))
    })
  }

  test('is not there, and then is: whoever comes a second later is let in', async t => {
    const gone = await application(t, (_request, response) => response.end('{}'))
    const { port } = gone
    await new Promise(resolve => gone.close(resolve))
    const { ask, validator } = open(t, port)
    for (let count = 0; count < 5; count++) equal(await ask({ token: `${count}` }), unavailable)
    await application(t, (_request, response) => response.end('{}'), port)
    // It is left alone for a second, in which nobody is asked.
    await until('a yes', async () => (await ask()) === everything)
    equal(validator.statistics().verdictsAtOnce > 0, true)
  })

  test('hangs for some does so for nobody else, and what is too much is turned away', async t => {
    const origin = await openRawOrigin(t)
    const { ask } = open(t, origin.port, 2_000)
    const questions = Array.from({ length: 1_100 }, (_, number) => ask({ token: `${number}` }))
    await until('its connections', () => origin.connections.length === 16)
    for (const word of await Promise.all(questions)) equal(word, unavailable)
    equal(origin.connections.length <= 32, true)
  })
})
