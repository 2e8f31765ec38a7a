// The raw client that looks at the wire for all others: what it takes apart, what it refuses to, and when it stops waiting.
import { deepEqual, equal, rejects, throws } from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { RawClient } from '../helpers/raw-client.ts'
import { encodeRequest, headerOf, parseHead, readChunked } from '../helpers/raw-http.ts'
import { frame, opcode, RawWebSocket } from '../helpers/raw-websocket.ts'

/** A client whose far end sends these bytes, each piece by itself, and closes. */
async function clientOf(t: TestContext, ...pieces: readonly (string | Uint8Array)[]): Promise<RawClient> {
  const server = createServer(async socket => {
    for (const piece of pieces) {
      socket.write(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
      await new Promise(resolve => setImmediate(resolve))
    }
    socket.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = new RawClient(`127.0.0.1:${(server.address() as AddressInfo).port}`) // of a TCP server
  t.after(() => {
    client.leave()
    server.close()
  })
  return client
}

describe('a request', () => {
  test('has a host, and the length of its body in bytes', () => {
    const parts = { method: 'POST', target: '/a', headers: [['b', 'c']] } as const
    const head = 'POST /a HTTP/1.1\r\n'
    equal(encodeRequest(parts).toString(), `${head}host: t\r\nb: c\r\n\r\n`)
    equal(
      encodeRequest({ ...parts, body: 'é' }).toString(),
      `${head}host: t\r\nb: c\r\ncontent-length: 2\r\n\r\né`,
    )
    equal(
      encodeRequest({ ...parts, headers: [['host', 'x']], body: '', length: 9 }).toString(),
      `${head}host: x\r\ncontent-length: 9\r\n\r\n`,
    )
    const chunked = [['transfer-encoding', 'chunked']] as const
    equal(
      encodeRequest({ ...parts, headers: chunked, body: '0' }).toString(),
      `${head}host: t\r\ntransfer-encoding: chunked\r\n\r\n0`,
    )
  })
})

describe('an answer', () => {
  test('is taken apart header by header, in the order of the wire', () => {
    const head = parseHead('HTTP/1.1 204 No Content\r\nA: 1\r\nb:2: 3 \r\na: 4')
    deepEqual([head.line, head.status], ['HTTP/1.1 204 No Content', 204])
    deepEqual(head.headers, [
      ['a', '1'],
      ['b', '2: 3'],
      ['a', '4'],
    ])
    deepEqual([headerOf(head, 'a'), headerOf(head, 'c')], ['4', undefined])
  })

  test('comes behind the one before, with a length, in chunks, or up to the end', async t => {
    const client = await clientOf(
      t,
      'HTTP/1.1 200 OK\r\ncontent-len',
      'gth: 3\r\n\r\nab',
      'cHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2',
      '\r\nde\r\n1\r\nf',
      '\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nthe rest',
    )
    for (const body of ['abc', '', 'def', 'the rest']) equal((await client.answer()).body.toString(), body)
    equal((await client.ended()).length, 0)
  })

  test('to HEAD has no body, whatever its length says', async t => {
    const client = await clientOf(
      t,
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n',
    )
    equal((await client.answer('HEAD')).status, 200)
    equal((await client.answer('HEAD')).status, 404)
  })

  const held = 'HTTP/1.1 200 OK\r\n\r\n'
  for (const body of ['x\r\n', '2\r\nab1\r\n', '2;a=b\r\nab\r\n', '\r\n2\r\nab']) {
    test(`in chunks that are none is no answer: ${JSON.stringify(body)}`, async t => {
      throws(() => readChunked(Buffer.from(held + body)), /no (?:chunk size|line end)/)
      const client = await clientOf(t, held + body)
      await client.head()
      await rejects(async () => {
        while ((await client.chunk()) !== undefined);
      }, /no (?:chunk size|line end)/)
    })
  }
})

describe('a connection that is closed', () => {
  test('ends every wait for what can no longer come, and says what there was', async t => {
    const client = await clientOf(t, 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab')
    await rejects(client.answer(), /closed before 3 bytes; not taken: "ab"/)
    await rejects(client.received('c'), /closed before "c"/)
    await rejects(client.answers(1), /closed before answer 1/)
    equal((await client.ended()).toString(), 'ab')
  })

  test('has no more chunks, and no more frames', async t => {
    const stream = await clientOf(t, 'HTTP/1.1 200 OK\r\n\r\n1\r\na\r\n5\r\nb')
    await stream.head()
    equal(String(await stream.chunk()), 'a')
    equal(await stream.chunk(), undefined)
    const bytes = [
      frame(opcode.text, 'a', { masked: false }),
      frame(opcode.text, 'bcd', { masked: false }).subarray(0, 4),
    ]
    const client = await clientOf(t, 'HTTP/1.1 101 Switching Protocols\r\n\r\n', ...bytes)
    const socket = await new RawWebSocket(client).open('')
    equal((await socket.frame(0)).payload.toString(), 'a')
    await rejects(socket.frame(1), /closed before frame 1/)
    equal(await socket.closed(), undefined)
  })

  test('that nobody takes says why', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}` // of a TCP server
    server.close()
    await once(server, 'close')
    const client = await new RawClient(address).connected()
    deepEqual([client.closed, client.failure], [true, 'ECONNREFUSED'])
  })
})

test('a wait has a deadline, and names what it waited for', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new RawClient(`127.0.0.1:${(server.address() as AddressInfo).port}`) // of a TCP server
  t.after(() => {
    client.leave()
    server.close()
  })
  await rejects(client.ended(1), /waited 1 ms in vain for the far end to close/)
})
