// Why holds end, who is named when he is cut, and how an operator closes one (issue: better than the original).
import { deepEqual, equal, match } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { content, itemWith, response } from '../hold/given-hold.ts'
import { Scene } from '../proxy/given-gateway.ts'

const polls = ['Grip-Hold', 'response', 'Grip-Channel', 'a'] as const
const streams = ['Grip-Hold', 'stream', 'Grip-Channel', 'a'] as const

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

function held(...headers: readonly string[]) {
  const client = scene.serve()
  scene.origin.last.answer(200, 'page\n', ...headers)
  scene.mesh.settle()
  return client
}

function ends(): Readonly<Record<string, number>> {
  const { holds, ...counts } = scene.connections.statistics
  equal(holds, 0)
  return counts
}

describe('the end of a hold is counted', () => {
  test('where its client leaves', () => {
    held(...streams).leave()
    held(...polls).leave()
    deepEqual(ends(), { 'streamEnds.client-left': 1, 'pollEnds.client-left': 1 })
  })

  test('where an item ends it', () => {
    held(...streams)
    held(...polls)
    scene.publish(itemWith({ stream: { action: 'close' }, response: response('!').response }))
    deepEqual(ends(), { 'streamEnds.published': 1, 'pollEnds.published': 1 })
  })

  test('where its time has come', () => {
    held(...polls)
    scene.pass(56_000)
    deepEqual(ends(), { 'pollEnds.timeout': 1 })
  })

  test('where its origin says the last word, or cannot be used', () => {
    held(...polls)
    scene.publish(itemWith({ response: { action: 'hint' } }))
    scene.origin.last.answer(200, 'plain')
    held(...polls)
    scene.publish(itemWith({ response: { action: 'hint' } }))
    scene.origin.last.fail()
    deepEqual(ends(), { 'pollEnds.origin': 1, 'pollEnds.origin-failed': 1 })
  })

  test('where its origin names an id, and no page to have what may be missing', () => {
    held('Grip-Hold', 'stream', 'Grip-Channel', 'a; prev-id=1')
    deepEqual(ends(), { 'streamEnds.origin-failed': 1 })
  })

  test('where more items come while its origin is asked than may wait', () => {
    held(...polls)
    scene.publish(itemWith({ response: { action: 'hint' } }))
    for (let at = 0; at <= 100; at++) scene.publish(content('x'))
    deepEqual(ends(), { 'pollEnds.overflow': 1 })
  })

  test('once, and not of what was never held', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'plain')
    client.leave()
    deepEqual(ends(), {})
  })
})

describe('connections', () => {
  test('have an id where somebody asks, the same until they end', () => {
    held(...streams)
    held(...polls)
    const [one, two] = scene.connections.list(10, undefined)
    deepEqual([one?.mode, two?.mode, one?.channels, one?.route], ['stream', 'response', ['a'], 'line 1'])
    match(String(one?.id), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    deepEqual(scene.connections.list(1, 'a'), [one])
    deepEqual(scene.connections.list(10, 'b'), [])
  })

  test('are closed by it, one by one', () => {
    const client = held(...streams)
    const other = held(...polls)
    const [one, two] = scene.connections.list(10, undefined)
    for (const { id } of [one, two].flatMap(row => row ?? [])) scene.connections.find(id)?.close()
    equal(client.response.written.at(-1), 'CUT')
    deepEqual(other.got, ['CUT'])
    equal(scene.connections.find(String(one?.id)), undefined)
    deepEqual(ends(), { 'streamEnds.closed': 1, 'pollEnds.closed': 1 })
    equal(scene.subscribers, 0)
  })
})

describe('a client that is cut for being behind', () => {
  test('is named, with its channel and its address', () => {
    const client = held(...streams)
    client.response.isWritable = false
    scene.publish(content('1'))
    scene.publish(content('2'))
    scene.pass(120_000)
    deepEqual(ends(), { 'streamEnds.slow': 1 })
    equal(scene.lines.length, 1)
    match(scene.lines[0] ?? '', /^cut slow 0{8}-.*1 127\.0\.0\.1 a$/)
  })
})

describe('with a rate', () => {
  test('items reach streams and polls in their turn, and who is beyond what may wait is cut and named', () => {
    scene = new Scene({ messageRate: 20, messageHwm: 2 })
    const [one, two, three, four] = [held(...streams), held(...streams), held(...polls), held(...streams)]
    scene.publish({ ...content('x'), response: response('y').response })
    deepEqual([one.response.written.length, two.response.written.length, three.got], [2, 1, []])
    equal(four.response.written.at(-1), 'CUT')
    for (let at = 0; at < 30; at++) scene.pass(5)
    equal(two.response.written.length, 2)
    deepEqual(three.got, ['200 y'])
    one.leave()
    two.leave()
    deepEqual(ends(), { 'streamEnds.rate': 1, 'pollEnds.published': 1, 'streamEnds.client-left': 2 })
    match(scene.lines.join(), /^cut rate 0{8}-.* 127\.0\.0\.1 a$/)
  })

  test('what is published to one stream comes one by one, and whole', () => {
    scene = new Scene({ messageRate: 20 })
    const client = held(...streams)
    for (let at = 0; at < 30; at++) scene.publish(content(`${at},`))
    for (let at = 0; at < 320; at++) scene.pass(5)
    const texts = client.response.written.slice(1).map(text => /\d+,/.exec(text)?.[0])
    deepEqual(
      texts,
      Array.from({ length: 30 }, (_, at) => `${at},`),
    )
  })

  test('a client that leaves while it waits leaves nothing behind', () => {
    scene = new Scene({ messageRate: 20 })
    const clients = [held(...streams), held(...streams)]
    scene.publish(content('x'))
    equal(scene.gateway.rate?.waiting, 1)
    for (const client of clients) client.leave()
    equal(scene.gateway.rate?.waiting, 0)
    equal(scene.subscribers, 0)
  })
})
