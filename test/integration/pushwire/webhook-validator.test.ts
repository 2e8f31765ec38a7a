// The validator that asks an application, and applications that do not behave: none of them lets anybody in, none holds a
// client for longer than the deadline, and each may recover.
import { deepEqual, equal } from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import type { Question, Verdict } from '../../../src/frontends/pushwire/validators/validator.ts'
import { WebhookValidator } from '../../../src/frontends/pushwire/validators/webhook.ts'
import type { WholeCalls } from '../../../src/net/outgoing/whole-calls.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { type OriginConnection, openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { KeptLog, permissions, questionOf, wordOf } from '../../helpers/pushwire-validator.ts'
import { until } from '../../helpers/until.ts'
import { openWholeCalls, saying, says, saysNothing, sized } from '../../helpers/whole-calls.ts'

const everything = 'r chat,data w chat,data'
const unavailable = 'unavailable: unavailable'

interface Opened {
  readonly validator: WebhookValidator
  readonly calls: WholeCalls
  readonly lines: readonly string[]
  /** What it says, in words. */
  ask(more?: Partial<Question>): Promise<string>
}

function open(t: TestContext, port: number, authTimeoutMs = 30_000): Opened {
  const { lines, log } = new KeptLog()
  const calls = openWholeCalls(t)
  const validator = new WebhookValidator(
    { authUrl: `http://127.0.0.1:${port}/auth`, authTimeoutMs },
    { clock: systemClock, log, permissions: permissions(), calls },
  )
  const ask = async (more: Partial<Question> = {}) => {
    const verdicts: Verdict[] = []
    validator.judge(questionOf(more), verdict => void verdicts.push(verdict))
    return wordOf(await until('a verdict', () => verdicts[0]))
  }
  return { validator, calls, lines, ask }
}

async function application(t: TestContext, handle: RequestListener): Promise<Server & { port: number }> {
  const server = createServer(handle)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
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
  const rows: readonly (readonly [what: string, serve: (one: OriginConnection) => void, cause: string])[] = [
    ['dies without a word', saying(({ socket }) => void socket.end()), 'origin-closed'],
    ['resets', saying(({ socket }) => void socket.resetAndDestroy()), 'origin-reset'],
    [
      'dies within its yes',
      saying(one => void one.say(sized(body).slice(0, -1)).socket.end()),
      'origin-closed',
    ],
    [
      'redirects to where it would be a yes',
      saying(says('HTTP/1.1 307 X\r\nLocation: /yes\r\nContent-Length: 0\r\n\r\n')),
      'answer-invalid',
    ],
    [
      'lies about its length',
      saying(says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 30\r\n\r\n{}')),
      'response-invalid',
    ],
    [
      'says yes in a body that never fits',
      saying(says(sized(`{"a":"${'x'.repeat(65_536)}"}`))),
      'answer-too-large',
    ],
    ['says something else than JSON', saying(says(sized('welcome!'))), 'answer-invalid'],
    ['fails', saying(says(sized('{}', '500 Oh'))), 'answer-invalid'],
    ['speaks no HTTP', saying(says('yes\r\n\r\n')), 'response-invalid'],
  ]
  for (const [what, serve, cause] of rows) {
    test(`${what} lets nobody in`, async t => {
      const origin = await openRawOrigin(t, { serve })
      const { ask, lines } = open(t, origin.port)
      equal(await ask({ token: 'very secret' }), unavailable)
      equal(lines.length, 1)
      equal(lines[0]?.includes(`"cause":"${cause}"`), true, lines[0])
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

  test('dies, and then is well: whoever comes a second later is let in', async t => {
    let isWell = false
    const origin = await openRawOrigin(t, {
      serve: saying(one => void (isWell ? one.say(sized('{}')) : one.socket.resetAndDestroy())),
    })
    const { ask } = open(t, origin.port)
    for (let count = 0; count < 5; count++) equal(await ask({ token: `${count}` }), unavailable)
    isWell = true
    // It is left alone for a second, in which nobody is asked.
    await until('a yes', async () => (await ask()) === everything)
  })

  test('hangs in a storm is asked by as many as may wait, and all of them have an answer', async t => {
    const origin = await openRawOrigin(t)
    const { ask, calls } = open(t, origin.port, 2_000)
    const words = await Promise.all(Array.from({ length: 1_100 }, (_, number) => ask({ token: `${number}` })))
    deepEqual(new Set(words), new Set([unavailable]))
    // 16 have a connection, 1,024 wait.
    equal(calls.statistics()['callsFailed.crowded'], 60)
    equal(calls.statistics()['callsFailed.timeout'], 1_040)
  })
})
