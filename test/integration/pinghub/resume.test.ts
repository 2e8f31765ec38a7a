// Resume over WebSockets, against the running daemon with three workers: what was missed comes first, a gap is told to
// those who asked, and nobody else notices anything.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { startDaemon } from '../../helpers/daemon.ts'
import { joinPath, messagesOf, Publisher } from '../../helpers/pinghub/clients.ts'
import { opcode, type RawWebSocket } from '../../helpers/raw-websocket.ts'

interface Notice {
  readonly position: string
  readonly gap: boolean
}

async function noticeOf(socket: RawWebSocket): Promise<Notice> {
  const { code, payload } = await socket.frame(0)
  equal(code, opcode.binary)
  return JSON.parse(payload.toString()).ringcast
}

/** The client counts: each message adds one. */
function after({ position }: Notice, messages: number): string {
  const [epoch, offset] = position.split('.')
  return `${epoch}.${Number(offset) + messages}`
}

test('a client goes on where it was, at any worker, or is told the gap', async t => {
  const environment = { RINGCAST_ONLY: 'pinghub', RINGCAST_HISTORY_SIZE: '10' }
  const daemon = await startDaemon({ workers: 3, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  const address = daemon.address('pinghub')
  const publisher = new Publisher(address)
  const first = await joinPath(address, '/resume?since=')
  const ordinary = await joinPath(address, '/resume')
  const begin = await noticeOf(first)
  equal(begin.gap, false)
  for (const text of ['1', '2']) await publisher.post('/resume', text)
  deepEqual(await messagesOf(first, 2), ['1', '2'])
  first.client.leave()
  for (const text of ['3', '4', '5']) await publisher.post('/resume', text)
  for (let worker = 0; worker < 3; worker++) {
    const again = await joinPath(address, `/resume?since=${after(begin, 2)}`)
    deepEqual(await noticeOf(again), { position: after(begin, 2), gap: false })
    deepEqual(await messagesOf(again, 3), ['3', '4', '5'])
    again.client.leave()
  }
  for (let count = 0; count < 10; count++) await publisher.post('/resume', `late ${count}`)
  const lost = await joinPath(address, `/resume?since=${after(begin, 2)}`)
  const { gap, position } = await noticeOf(lost)
  equal(gap, true)
  await publisher.post('/resume', 'last')
  // What is left comes behind the gap, and nothing in it is missing.
  const published = [
    '1',
    '2',
    '3',
    '4',
    '5',
    ...Array.from({ length: 10 }, (_, count) => `late ${count}`),
    'last',
  ]
  const left = published.findIndex((_, count) => after(begin, count) === position)
  deepEqual(await messagesOf(lost, published.length - left), published.slice(left))
  equal((await messagesOf(ordinary, 16)).length, 16)
  equal(ordinary.frames.length, 16)
  for (const { client } of [ordinary, lost]) client.leave()
  publisher.leave()
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})
