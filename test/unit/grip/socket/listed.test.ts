// A WebSocket as operators and statistics know it: why it ended, its place in the list, and the rate at which it is given items.
import { deepEqual, equal, match } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { content } from '../hold/given-hold.ts'
import { order, SocketScene, subscribe } from './given-session.ts'

const none = Buffer.alloc(0)

let scene: SocketScene
beforeEach(() => {
  scene = new SocketScene()
})

/** All that has ended, by why, and nothing is held any more. */
function ends(): Readonly<Record<string, number>> {
  const { holds, ...counts } = scene.gateway.connections.statistics
  equal(holds, 0)
  return counts
}

describe('the end of a WebSocket is counted', () => {
  test('where its client closes, whoever answers, or leaves', async () => {
    const one = await scene.open()
    one.peer.say.closing(1000, none)
    one.end.say.closed(1000, none)
    const two = await scene.open()
    two.peer.say.closing(1000, none)
    scene.pass(5_000)
    const three = await scene.open()
    three.peer.say.closing(1000, none)
    three.end.say.lost('it went')
    const four = await scene.open()
    four.end.text(order('detach'))
    four.peer.say.closing(1000, none)
    const five = await scene.open()
    five.peer.say.gone()
    deepEqual(ends(), { 'socketEnds.client-left': 5 })
  })

  test('where its origin closes, or has it cut', async () => {
    const one = await scene.open()
    one.end.say.closed(1000, none)
    one.peer.say.closing(1000, none)
    const two = await scene.open()
    two.end.say.disconnected()
    deepEqual(ends(), { 'socketEnds.origin': 2 })
  })

  test('where a close is published', async () => {
    await scene.open({}, subscribe('a'))
    scene.tell({ action: 'close', code: 4000 })
    deepEqual(ends(), { 'socketEnds.published': 1 })
  })

  test('where its origin is lost', async () => {
    const { end } = await scene.open()
    end.say.lost('it broke')
    deepEqual(ends(), { 'socketEnds.origin-failed': 1 })
  })

  test('where its client does not read, who is named', async () => {
    const { peer } = await scene.open({}, subscribe('a'))
    peer.isTaking = false
    scene.text('one')
    scene.text('two')
    scene.pass(120_000)
    equal(peer.got.at(-1), 'CUT')
    deepEqual(ends(), { 'socketEnds.slow': 1 })
    match(scene.lines.join(), /^cut slow 0{8}-.*1 127\.0\.0\.1 a$/)
  })

  test('where the node stops, by the gate or by the engine', async () => {
    await scene.open()
    await scene.open({}, subscribe('a'))
    scene.mesh.engines[0]?.drain(0, () => {})
    scene.sockets.drain(0, () => {})
    deepEqual(ends(), { 'socketEnds.stopped': 2 })
  })

  test('where an operator closes it', async () => {
    const { end, peer } = await scene.open()
    const [row] = scene.connections.list(10, undefined)
    scene.connections.find(String(row?.id))?.close()
    deepEqual([peer.got, end.heard], [['close 1000'], ['leave']])
    deepEqual(ends(), { 'socketEnds.closed': 1 })
  })

  test('where history does not go back to where its client is, and its origin cannot be told', async () => {
    scene = new SocketScene({ resumeFromHistory: true })
    scene.mesh.subscribe(0, 'a')
    for (const id of ['1', '2', '3', '4', '5']) scene.publish(content(id, { id }))
    const { end, peer } = await scene.open()
    end.canTell = false
    end.text(order('subscribe', { channel: 'a', 'prev-id': '1' }))
    scene.mesh.settle()
    deepEqual(peer.got, ["close 1011 channel 'a' cannot be resumed"])
    deepEqual(ends(), { 'socketEnds.missed': 1 })
  })

  test('where a channel is not to be had', async () => {
    const { end } = await scene.open()
    scene.mesh.engines[0]?.drain(0, () => {})
    end.text(subscribe('a'))
    deepEqual(ends(), { 'socketEnds.lost': 1 })
  })

  test('once, and not of what was never open', async () => {
    const asking = scene.ask()
    asking.exchange.leave()
    scene.ask().end.say.refused({ status: 403, reason: 'No', rawHeaders: [] }, none)
    const { end, peer } = await scene.open()
    end.say.closed(1000, none)
    end.say.lost('late')
    peer.say.gone()
    deepEqual(ends(), { 'socketEnds.origin': 1 })
  })
})

describe('a WebSocket in the list', () => {
  test('is there with its channels from its 101 to its end, by one id', async () => {
    const { end, peer } = await scene.openBy('*,id=r o:80', {}, subscribe('a'))
    end.text(subscribe('b'))
    scene.ask()
    const [row, ...others] = scene.connections.list(10, undefined)
    const { id, ...known } = row ?? { id: '' }
    deepEqual(
      [known, others],
      [{ type: 'ws', mode: 'ws', peer: '127.0.0.1', tls: false, route: 'r', channels: ['a', 'b'] }, []],
    )
    equal(scene.connections.list(1, 'b')[0]?.id, id)
    deepEqual(scene.connections.list(1, 'c'), [])
    peer.say.gone()
    equal(scene.connections.find(id), undefined)
  })

  test('leaves it as soon as somebody closes, and its channels with it', async () => {
    const { end } = await scene.open({}, subscribe('a'))
    end.say.closed(1000, none)
    deepEqual([scene.connections.list(10, undefined), scene.subscribers], [[], 0])
  })

  test('has its origin asked where a command says so', async () => {
    const { end } = await scene.open()
    const [row] = scene.connections.list(10, undefined)
    scene.connections.find(String(row?.id))?.refresh()
    deepEqual(end.heard, ['refresh'])
  })
})

describe('with a rate', () => {
  test('a WebSocket has its items in their turn', async () => {
    scene = new SocketScene({ messageRate: 20 })
    const { peer } = await scene.open({}, subscribe('a'))
    scene.publishAll('0', '1', '2', '3', '4')
    deepEqual(peer.got, ['text 0'])
    scene.pass(50)
    deepEqual(peer.got, ['text 0', 'text 1'])
    for (let at = 0; at < 40; at++) scene.pass(5)
    deepEqual(peer.got, ['text 0', 'text 1', 'text 2', 'text 3', 'text 4'])
    peer.say.gone()
    deepEqual(ends(), { 'socketEnds.client-left': 1 })
  })

  test('one that is beyond what may wait is told to come again, and named', async () => {
    scene = new SocketScene({ messageRate: 20, messageHwm: 1 })
    const pairs = [
      await scene.open({}, subscribe('a')),
      await scene.open({}, subscribe('a')),
      await scene.open({}, subscribe('a')),
    ]
    scene.text('x')
    deepEqual(
      pairs.map(({ peer }) => peer.got),
      [['text x'], [], ['close 1013']],
    )
    for (let at = 0; at < 20; at++) scene.pass(5)
    deepEqual(pairs[1]?.peer.got, ['text x'])
    for (const { peer } of pairs) peer.say.gone()
    deepEqual(ends(), { 'socketEnds.rate': 1, 'socketEnds.client-left': 2 })
    match(scene.lines.join(), /^cut rate 0{8}-.* 127\.0\.0\.1 a$/)
    equal(scene.gateway.rate?.waiting, 0)
  })
})
