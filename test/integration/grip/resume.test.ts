// `RINGCAST_GRIP_RESUME_FROM_HISTORY` on three workers, so that most channels are owned by another one than their client's: who names
// the item that it has goes on behind it, and the origin is asked once. Where history is too short, somebody is told.
import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { events, gripSocket, openingGrip, orders, subscribe } from '../../conformance/grip/socket-words.ts'
import { item, next, polls, streams } from '../../conformance/grip/vocabulary.ts'
import { SocketClient } from '../../helpers/grip/socket-client.ts'
import { type GripStage, startGrip } from '../../helpers/grip-stage.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

let stage: GripStage
let origin: RawOrigin
const afters: (() => void | Promise<void>)[] = []

before(async () => {
  origin = await RawOrigin.open()
  stage = await startGrip(
    { after: run => void afters.push(run as () => void) },
    {
      routes: `* ${origin.address}\n*,path_beg=/over/ ${origin.address},over_http\n*,path_beg=/test/ test`,
      workers: 3,
      environment: {
        RINGCAST_GRIP_RESUME_FROM_HISTORY: 'true',
        RINGCAST_NAMESPACES: JSON.stringify([
          { pattern: 'kept:*', historySize: 10 },
          { pattern: 'short:*', historySize: 2 },
        ]),
      },
    },
  )
})
after(async () => {
  equal(await stage.daemon.stop(), 0)
  deepEqual(stage.daemon.errors, [])
  for (const run of afters) await run()
  await origin.close()
})

/** Each worker owns some of them. */
const names = ['a', 'b', 'c', 'd', 'e', 'f']

const content = (id: number): string => `${id},`
const formats = (id: number): object => ({
  'http-stream': { content: content(id) },
  'http-response': { body: content(id) },
  'ws-message': { content: content(id) },
})

/** Items `from` to `to`, each behind the one before. */
function publish(channel: string, from: number, to: number): Promise<void> {
  const ids = Array.from({ length: to - from + 1 }, (_, at) => from + at)
  return stage.publish(
    ...ids.map(id =>
      item(channel, formats(id), { id: String(id), ...(id > 1 && { 'prev-id': String(id - 1) }) }),
    ),
  )
}

const at = (channel: string) => `${channel}; prev-id=1`
const askedWith = (path: string, count: number) =>
  until(`${count} requests for ${path}`, () => origin.received(path).length >= count)
const lastIdIn = (path: string, index: number) =>
  origin.received(path)[index]?.headers.find(([name]) => name === 'Grip-Last')?.[1]

/** In pieces of any size. */
async function reads(client: RawClient, wanted: string): Promise<void> {
  let text = ''
  while (text.length < wanted.length) text += String(await client.chunk())
  equal(text, wanted)
}

describe('an item that history has', () => {
  for (const name of names) {
    const channel = `kept:${name}`
    test(`is where a stream, a long poll and WebSockets go on: ${channel}`, async t => {
      const resuming = subscribe(channel, { 'prev-id': '1' })
      const paths = ['/stream-', '/poll-', '/over/', '/native-'].map(path => path + name)
      const [stream = '', poll = '', over = '', native = ''] = paths
      origin.script({ path: stream, answers: [streams(at(channel), '1,', next(`/next-${name}`))] })
      origin.script({ path: poll, answers: [polls(at(channel), 'nothing')] })
      origin.script({ path: over, answers: [openingGrip(resuming)] })
      origin.script({ path: native, answers: [gripSocket([resuming])] })
      await publish(channel, 1, 3)

      const reader = stage.get(stream)
      equal((await reader.head()).status, 200)
      equal(String((await stage.get(poll).answer()).body), '2,')
      const sockets = [
        await SocketClient.open(t, stage.client, over),
        await SocketClient.open(t, stage.client, native),
      ]
      for (const socket of sockets) await socket.gets('2,', '3,')
      await publish(channel, 4, 4)
      for (const socket of sockets) await socket.gets('2,', '3,', '4,')
      await reads(reader, '1,2,3,4,')
      deepEqual(
        [...paths, `/next-${name}`].map(path => origin.received(path).length),
        [1, 1, 1, 1, 0],
      )
    })
  }
})

describe('an item that history has no more', () => {
  /** Somebody else is there, so that the last id of the channel is known. */
  async function watch(channel: string): Promise<void> {
    const watcher = stage.get(`/test/stream?channel=${channel}`)
    equal((await watcher.head()).status, 200)
    await watcher.chunk()
  }

  test('is what the origin of a long poll hears', async () => {
    const path = '/short-poll'
    await watch('short:poll')
    await publish('short:poll', 1, 5)
    origin.script({ path, answers: [polls(at('short:poll'), ''), polls('short:poll; prev-id=5', '')] })
    const client = stage.get(path)
    await askedWith(path, 2)
    equal(lastIdIn(path, 1), 'short:poll; last-id=1')
    await publish('short:poll', 6, 6)
    equal(String((await client.answer()).body), '6,')
    equal(origin.received(path).length, 2)
  })

  test('is what the next page of a stream is asked for', async () => {
    const [path, page] = ['/short-stream', '/short-next']
    await watch('short:stream')
    await publish('short:stream', 1, 5)
    origin.script({ path, answers: [streams(at('short:stream'), '1,', next(page))] })
    origin.script({ path: page, answers: [streams('short:stream; prev-id=5', '2,3,4,5,', next(page))] })
    const client = stage.get(path)
    equal((await client.head()).status, 200)
    await reads(client, '1,2,3,4,5,')
    equal(lastIdIn(page, 0), 'short:stream; last-id=1')
    await publish('short:stream', 6, 6)
    await reads(client, '6,')
  })

  test('is what the origin of a WebSocket over HTTP hears, and its client stays', async t => {
    await publish('short:over', 1, 5)
    const path = '/over/short'
    origin.script({
      path,
      answers: [openingGrip(subscribe('short:over', { 'prev-id': '1' })), events(orders('2,3,4,5,'))],
    })
    const client = await SocketClient.open(t, stage.client, path)
    await client.gets('2,3,4,5,')
    equal(lastIdIn(path, 1), 'short:over; last-id=1')
    equal(String(origin.received(path)[1]?.body), '')
    await publish('short:over', 6, 6)
    await client.gets('2,3,4,5,', '6,')
  })

  test('ends a WebSocket whose origin cannot be told', async t => {
    await publish('short:native', 1, 5)
    origin.script({
      path: '/native-short',
      answers: [gripSocket([subscribe('short:native', { 'prev-id': '1' })])],
    })
    const client = await SocketClient.open(t, stage.client, '/native-short')
    await until('its end', () => client.got.length > 0)
    match(client.got[0] ?? '', /^close 1011 channel 'short:native' /)
  })
})
