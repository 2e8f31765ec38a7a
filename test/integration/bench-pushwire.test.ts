// How the load of the benches hears clients of pushwire: over WebSockets and event streams, and where they publish themselves.
import { deepEqual, equal, match } from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import type { StreamListener } from '../../bench/load/frames.ts'
import { payloadTemplate } from '../../bench/load/payload.ts'
import { PushwireListener } from '../../bench/load/pushwire-listener.ts'
import { StreamPublisher } from '../../bench/load/stream-publisher.ts'
import { StreamReader } from '../../bench/load/stream-reader.ts'
import { Streams } from '../../bench/load/streams.ts'
import { Tally } from '../../bench/load/tally.ts'
import { acceptOfKey, frame, handshake, opcode } from '../helpers/raw-websocket.ts'
import { until } from '../helpers/until.ts'

const upgraded = `HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${acceptOfKey}\r\n\r\n`
const held =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n'
const id = '00112233-0000-4000-8000-000000000007'
const welcome =
  '{"channel":"system","payload":{"op":"auth_ok","resume_cursor":0,"resume_cursors":{},"resume_epochs":{"a.b":"e"},"resume_heads":{"a.b":41}}}'

const wrapped = (payload: string, sender = '') =>
  `{"channel":"a.b","cursor":42,"payload":${payload}${sender}}`
const sender = `,"client_id":"${id}"`
const sent = (text: string) => frame(opcode.text, text, { masked: false })
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** What it tells of `bytes` that come in reads of so many. */
function told(
  bytes: Buffer,
  readBytes: number,
  { auth, unheard }: { readonly auth?: string; readonly unheard?: string } = {},
): string[] {
  const tell: string[] = []
  const host: StreamListener = {
    opened: () => tell.push('opened'),
    message: (source, at, length) => tell.push(Buffer.from(source.subarray(at, at + length)).toString()),
    asked: answer => tell.push(`says ${Buffer.from(answer).toString()}`),
    failed: reason => tell.push(reason),
  }
  const welcomed = (heads: string) => tell.push(`at ${heads}`)
  const said = auth === undefined ? undefined : Buffer.from(auth)
  const reader = new StreamReader(new PushwireListener({ ...host, welcomed }, said, unheard))
  for (let at = 0; at < bytes.length; at += readBytes) {
    const read = Buffer.from(bytes.subarray(at, at + readBytes))
    reader.push(read, read.length)
  }
  return tell
}

describe('the load as a client of pushwire', () => {
  const messages = ['~mine:-~', `"${'q'.repeat(200)}"`]
  const texts = [wrapped('"~mine:-~"'), wrapped(messages[1] ?? '', sender)]

  test('says who it is behind the head, and is held when it was answered', () => {
    const bytes = Buffer.concat([Buffer.from(upgraded), sent(welcome), ...texts.map(sent)])
    for (const readBytes of [1, 7, bytes.length])
      deepEqual(told(bytes, readBytes, { auth: 'me' }), ['says me', 'at {"a.b":41}', 'opened', ...messages])
  })

  test('reads messages of every length, from clients and from others', () => {
    for (let length = 2; length < 140; length++) {
      const message = `~${'m'.repeat(length)}~`
      const bytes = Buffer.concat([
        Buffer.from(upgraded),
        ...['', sender].map(each => sent(wrapped(`"${message}"`, each))),
      ])
      deepEqual(told(bytes, bytes.length), ['opened', message, message])
    }
  })

  test('reads events, however the bytes are split', () => {
    const event = (data: string) => `event: a.b\nid: a.b:e.42,c:e.1\ndata: ${data}\n\n`
    const all = `${chunk(`${event(welcome)}retry: 1000\n\n`)}${chunk(': ka\n\n')}${chunk(texts.map(event).join(''))}`
    const bytes = Buffer.from(`${held}${all}0\r\n\r\n`)
    for (const readBytes of [1, 3, 50, bytes.length])
      deepEqual(told(bytes, readBytes), [
        'opened',
        'at {"a.b":41}',
        ...messages,
        'the server ended the stream',
      ])
  })

  test('takes any other operation for a failure, but those about a channel that it passes over', () => {
    const gap = (channel: string) =>
      `{"channel":"system","payload":{"op":"resume_required","channel":"${channel}","from_cursor":7}}`
    const bytes = Buffer.concat([
      Buffer.from(upgraded),
      sent(gap('bulk')),
      sent(wrapped('"much"').replace('a.b', 'bulk')),
      sent(gap('a.b')),
      sent(wrapped('"~x~"')),
    ])
    const [opened, failure, message, ...others] = told(bytes, bytes.length, { unheard: 'bulk' })
    equal(opened, 'opened')
    match(failure ?? '', /^an operation: .*"a\.b"/)
    deepEqual([message, ...others], ['~x~'])
    match(told(bytes, bytes.length)[1] ?? '', /^an operation: .*"bulk"/)
  })
})

/** Gives back to each what it sends, after the answer to its handshake. `mend` changes what is given back. */
async function echo(t: TestContext, mend: (text: string) => string): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    let head = ''
    let rest = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', bytes => {
      if (!head.endsWith('\r\n\r\n')) {
        head += bytes.toString('latin1')
        if (head.endsWith('\r\n\r\n')) socket.write(upgraded)
        return
      }
      rest = Buffer.concat([rest, bytes])
      // One message at a time, behind a mask of zeros.
      const short = (rest.at(1) ?? 0) & 0x7f
      const begin = short === 126 ? 8 : 6
      if (rest.length < begin) return
      const end = begin + (short === 126 ? rest.readUInt16BE(2) : short)
      if (rest.length < end) return
      socket.write(sent(mend(rest.toString('utf8', begin, end))))
      rest = rest.subarray(end)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

describe('a publisher that is a stream', () => {
  const template = payloadTemplate(100, 1, '~')
  const plan = {
    host: '127.0.0.1',
    port: 0,
    head: '{"channel":"a.b","cursor":1,"payload":"',
    template,
    tail: '"}',
    answer: 'comes back',
  } as const

  async function publisherBehind(t: TestContext, mend: (text: string) => string) {
    const port = await echo(t, mend)
    const streams = new Streams(() => 0)
    t.after(() => streams.close())
    const requests = [handshake('/', { host: 't' })]
    await streams.open({
      host: '127.0.0.1',
      port,
      count: 1,
      first: 0,
      requests,
      pushwire: { ids: '00112233' },
    })
    const judged = { part: 3, publishers: 1, payloadBytes: 100, timed: false, whole: false, channels: 1 }
    streams.tally = new Tally(judged, 1, 0)
    return new StreamPublisher(plan, 3, 0, { streams, stream: 0 })
  }

  test('takes its own message, when it comes back, for the answer', async t => {
    const publisher = await publisherBehind(t, text => text)
    for (let sent = 0; sent < 3; sent++)
      await new Promise<void>((resolve, reject) => publisher.send(0, resolve, reject))
    equal(publisher.published, 3)
  })

  test('fails where what comes back is not what it sent', async t => {
    const publisher = await publisherBehind(t, text => text.replace(/~$|~"/, 'x"'))
    let failure = ''
    publisher.send(
      0,
      () => {},
      error => {
        failure = error.message
      },
    )
    match(await until('the failure', () => failure || undefined), /lost, twice or out of order/)
  })
})
