// An answer that is cut at every byte: with a pause it reads the same, with the end of its connection it is never complete.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { TLSSocket } from 'node:tls'
import type { Origins } from '../../../src/net/outgoing/origins.ts'
import { createAuthority } from '../../helpers/certificates.ts'
import { getOf, Heard, openTestOrigins } from '../../helpers/outgoing.ts'
import { type OriginConnection, openRawOrigin, type RawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'

const head = 'HTTP/1.1 200 OK\r\nA: b\r\n'
const ANSWERS: readonly (readonly [what: string, text: string])[] = [
  ['a length', `${head}Content-Length: 5\r\n\r\nhello`],
  ['chunks', `${head}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`],
  ['a length and close', `${head}Connection: close\r\nContent-Length: 5\r\n\r\nhello`],
  [
    'chunks and close',
    `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  ],
]

/** What was written has arrived at the other end of loopback, and was read there. */
const settleMs = 20

interface Cut {
  readonly origins: Origins
  readonly origin: RawOrigin
  readonly text: string
  readonly at: number
}

/** A call whose answer stops there, its origin's end of it, and whether the caller reads. */
async function cutCall({ origins, origin, text, at }: Cut, number: number, takes: boolean) {
  const heard = new Heard(origins, getOf(origin.port, { path: `/${number}` }))
  heard.takes = takes
  const path = `GET /${number} `
  const connection = await until('its connection', () =>
    origin.connections.find(one => one.text.includes(path)),
  )
  connection.say(text.slice(0, at))
  return { heard, connection }
}

async function all(text: string, each: (at: number) => Promise<void>): Promise<void> {
  const places = Array.from({ length: text.length - 1 }, (_, index) => index + 1)
  await Promise.all(places.map(each))
}

const ENDS: readonly (readonly [how: string, end: (connection: OriginConnection) => void])[] = [
  ['a FIN', ({ socket }) => void socket.end()],
  ['a reset', ({ socket }) => void socket.resetAndDestroy()],
]

for (const [what, text] of ANSWERS) {
  test(`with ${what}, cut by a pause, it reads the same`, async t => {
    const [origins, origin] = [await openTestOrigins(t, { connectionsMax: 200 }), await openRawOrigin(t)]
    await all(text, async at => {
      const { heard, connection } = await cutCall({ origins, origin, text, at }, at, true)
      await new Promise(resolve => setTimeout(resolve, settleMs))
      connection.say(text.slice(at))
      await heard.ended()
      deepEqual(
        [heard.status, heard.body, heard.rawHeaders.slice(0, 2)],
        [200, 'hello', ['A', 'b']],
        `cut at ${at}`,
      )
    })
  })

  for (const [how, end] of ENDS) {
    for (const takes of [true, false]) {
      test(`with ${what}, cut by ${how}, it fails${takes ? '' : ', also while the caller reads nothing'}`, async t => {
        const [origins, origin] = [await openTestOrigins(t, { connectionsMax: 200 }), await openRawOrigin(t)]
        await all(text, async at => {
          const { heard, connection } = await cutCall({ origins, origin, text, at }, at, takes)
          await new Promise(resolve => setTimeout(resolve, settleMs))
          end(connection)
          // A FIN is found out when what came before it was read.
          for (let rounds = 0; !heard.isOver && rounds < 1_000; rounds++) {
            await new Promise(resolve => setTimeout(resolve, settleMs))
            heard.call.resume()
          }
          await heard.failed()
        })
        await until('no connection', () => origins.connections === 0)
      })
    }
  }
}

for (const takes of [true, false]) {
  test(`up to the close, a reset in one go with the last bytes fails it, read or not: ${takes}`, async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    for (let number = 0; number < 20; number++) {
      const cut = { origins, origin, text: 'HTTP/1.1 200 OK\r\n\r\nabc', at: 22 }
      const { heard, connection } = await cutCall(cut, number, takes)
      connection.socket.resetAndDestroy()
      // Where it is not read, it is found out when it is.
      for (let rounds = 0; !heard.isOver && rounds < 1_000; rounds++) {
        await new Promise(resolve => setTimeout(resolve, 1))
        heard.call.resume()
      }
      equal((await heard.failed()).code, 'origin-reset')
    }
  })

  test(`up to the close, a FIN in one go with the last bytes ends it, read or not: ${takes}`, async t => {
    const [origins, origin] = [await openTestOrigins(t), await openRawOrigin(t)]
    const text = `HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(300_000)}`
    const { heard, connection } = await cutCall({ origins, origin, text, at: text.length }, 0, takes)
    connection.socket.end()
    for (let rounds = 0; !heard.isOver && rounds < 1_000; rounds++) {
      await new Promise(resolve => setTimeout(resolve, 1))
      heard.call.resume()
    }
    equal((await heard.ended()).bytes, 300_000)
  })
}

test('up to the close over TLS, it is complete with the FIN of a process that died', async t => {
  const authority = createAuthority(t)
  const { cert, key } = authority.issue('IP:127.0.0.1')
  const origin = await openRawOrigin(t)
  const origins = await openTestOrigins(t, { authorities: [authority.cert] })
  const target = { host: '127.0.0.1', port: origin.port, isTls: true }
  const heard = new Heard(origins, getOf(0, { target }))
  const { socket } = await origin.connection()
  socket.removeAllListeners('data')
  const secure = new TLSSocket(socket, { isServer: true, cert, key })
  secure.on('error', () => {}).on('data', () => secure.write('HTTP/1.1 200 OK\r\n\r\nabc'))
  await until('the body', () => heard.body === 'abc')
  socket.end()
  await heard.ended()
  equal(heard.body, 'abc')
})
