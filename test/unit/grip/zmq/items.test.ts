// Messages of publishers to items, requests of commands to answers, statistics to frames, and places to endpoints.

import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Connections } from '../../../../src/frontends/grip/control/connections.ts'
import { Tally } from '../../../../src/frontends/grip/control/tally.ts'
import { answerCommand } from '../../../../src/frontends/grip/zmq/commands.ts'
import { readMessage } from '../../../../src/frontends/grip/zmq/message-item.ts'
import { endpointOf, isLocal, parsePlace, zmqMistakesIn } from '../../../../src/frontends/grip/zmq/places.ts'
import { statisticsFrame } from '../../../../src/frontends/grip/zmq/statistics.ts'
import {
  formatTnetstring,
  parseTnetstring,
  type Tnet,
} from '../../../../src/frontends/grip/zmq/tnetstring.ts'
import { conncheckTopic, parseTopic, refreshTopic } from '../../../../src/frontends/grip/zmq/topics.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const example = 'T64:7:channel,4:chat,7:formats,33:11:http-stream,14:7:content,1:x,}}}'

/** What a stream gets of it, or what is wrong. */
function contentOf(bytes: Uint8Array | string, channel?: string): string {
  const reading = readMessage(Buffer.from(bytes), channel)
  if (!reading.ok) return reading.message
  const { channel: name, stream } = reading.item
  return `${name}: ${stream?.action === 'send' ? Buffer.from(stream.content).toString('latin1') : stream?.action}`
}

describe('a message of a publisher', () => {
  const json = { channel: 'chat', formats: { 'http-stream': { content: 'y' } } }
  const stream = { formats: { 'http-stream': { content: Buffer.from([1, 2, 255]) } } }
  const rows: readonly (readonly [
    what: string,
    bytes: Uint8Array | string,
    channel: string | undefined,
    is: string,
  ])[] = [
    ['behind a T', example, undefined, 'chat: x'],
    ['without one', example.slice(1), undefined, 'chat: x'],
    ['of JSON', `J${JSON.stringify(json)}`, undefined, 'chat: y'],
    ['of bytes', formatTnetstring({ channel: 'b', ...stream }), undefined, 'b: \x01\x02\xff'],
    ['with the channel in front', `J${JSON.stringify(json)}`, 'other', 'other: y'],
    ['without one in it', formatTnetstring(stream), 'other', 'other: \x01\x02\xff'],
    ['without any', formatTnetstring(stream), undefined, "publish item object does not contain 'channel'"],
    ['that is nothing', 'junk', undefined, 'message is neither JSON nor a tnetstring'],
    ['that is empty', '', undefined, 'message is neither JSON nor a tnetstring'],
    ['that is no object', 'J[]', undefined, 'publish item object is not an object'],
  ]
  for (const [what, bytes, channel, is] of rows) test(what, () => equal(contentOf(bytes, channel), is))
})

describe('a command', () => {
  const time = new FakeClock()
  const connections = new Connections({
    random: { hex: () => '' },
    cut() {},
    observerFor: () => new Tally(time),
  })
  const refreshed: string[] = []
  const rule = { id: undefined, line: 1 }
  connections.hold({
    facts: { id: 'c1', kind: 'ws', mode: 'ws', peer: '', isTls: false, rule, channels: ['a'] },
    close() {},
    recover() {},
    refresh: () => refreshed.push('c1'),
  })
  const published: string[] = []
  const context: Parameters<typeof answerCommand>[1] = {
    uris: { command: 'tcp://127.0.0.1:5563' },
    handOver: {
      offer(draft, handled) {
        published.push(draft.channel)
        handled?.(draft.channel === 'full' ? 'overloaded' : undefined)
      },
    },
    isDraining: false,
    gather: async topic => {
      const asked = parseTopic(topic)
      return [asked === undefined ? true : connections.report(asked)]
    },
  }
  const item = (channel: string): Tnet => ({ channel, formats: { 'http-stream': { content: 'x' } } })
  const ok = (value: Tnet) => ({ success: true, value })
  const bad = (condition: string, value?: string) => ({ success: false, condition, ...(value && { value }) })
  const rows: readonly (readonly [method: string, args: Tnet | undefined, answer: object])[] = [
    ['get-zmq-uris', {}, ok({ command: 'tcp://127.0.0.1:5563' })],
    ['get-zmq-uris', undefined, ok({ command: 'tcp://127.0.0.1:5563' })],
    ['publish', { items: [item('a'), item('b')] }, ok(null)],
    ['publish', {}, bad('bad-request', "Invalid format: object does not contain 'items'")],
    ['publish', { items: {} }, bad('bad-request', "Invalid format: object contains 'items' with wrong type")],
    [
      'publish',
      { items: [item('\x01a')] },
      bad('bad-request', "Invalid format: publish item object contains 'channel' with invalid value"),
    ],
    ['publish', { items: [item('full')] }, bad('overloaded')],
    ['recover', {}, ok(null)],
    ['conncheck', { ids: ['c1', 'c2'] }, ok(['c1'])],
    ['conncheck', { ids: [] }, ok([])],
    ['conncheck', { ids: [1] }, bad('bad-request')],
    ['conncheck', {}, bad('bad-request')],
    ['refresh', { cid: 'c1' }, ok(null)],
    ['refresh', { cid: 'c2' }, bad('item-not-found')],
    ['refresh', { channel: 'a' }, ok(null)],
    ['refresh', { channel: 'nobody' }, ok(null)],
    ['refresh', {}, bad('bad-request')],
    ['nosuch', {}, bad('method-not-found')],
    ['nosuch', [], bad('bad-format')],
  ]
  for (const [method, args, answer] of rows) {
    test(`${method} ${JSON.stringify(args)}`, async () => {
      const request = formatTnetstring({ id: '7', method, ...(args !== undefined && { args }) })
      const wanted = parseTnetstring(formatTnetstring({ id: '7', ...(answer as Record<string, Tnet>) }))
      deepEqual(parseTnetstring(await answerCommand(request, context)), wanted)
    })
  }

  test('refreshes those that are asked for, and publishes in order', () => {
    deepEqual(refreshed, ['c1', 'c1'])
    deepEqual(published, ['a', 'b', 'full'])
  })

  test('to publish is refused while the node stops, by the word of the engine, and others are not', async () => {
    const ask = async (method: string, args: Tnet) =>
      String(await answerCommand(formatTnetstring({ method, args }), { ...context, isDraining: true }))
    match(await ask('publish', { items: [item('late')] }), /5:false!9:condition,8:draining,/)
    match(await ask('get-zmq-uris', {}), /true/)
    equal(published.includes('late'), false)
  })

  test('that is none is answered all the same', async () => {
    const told = String(await answerCommand(Buffer.from('oops'), context))
    equal(told, '44:7:success,5:false!9:condition,10:bad-format,}')
  })

  test('checks ten thousand connections at once, and no more', async () => {
    const ask = async (count: number) => {
      const request = formatTnetstring({
        method: 'conncheck',
        args: { ids: Array.from({ length: count }, () => 'x') },
      })
      return String(await answerCommand(request, context))
    }
    match(await ask(10_000), /true/)
    match(await ask(10_001), /bad-request/)
  })
})

describe('a topic', () => {
  test('is read as it was made', () => {
    deepEqual(parseTopic(conncheckTopic(['a b', '"'])), { ask: 'conncheck', ids: ['a b', '"'] })
    deepEqual(parseTopic(refreshTopic({ channel: 'c' })), { ask: 'refresh', wanted: { channel: 'c' } })
    equal(parseTopic('recover'), undefined)
  })
})

describe('an item of statistics', () => {
  const item = { type: 'sub', fields: { ttl: 60, channel: 'test', unavailable: true } }

  test('is its type, a blank, and its fields in order', () => {
    equal(String(statisticsFrame(item, 'json')), 'sub J{"channel":"test","ttl":60,"unavailable":true}')
    equal(
      String(statisticsFrame(item, 'tnetstring')),
      'sub T50:7:channel,4:test,3:ttl,2:60#11:unavailable,4:true!}',
    )
  })
})

describe('a place', () => {
  const rows: readonly (readonly [text: string, endpoint: string | undefined, local: boolean])[] = [
    ['tcp://127.0.0.1:5560', 'tcp://127.0.0.1:5560', true],
    ['tcp://127.0.0.1:0', 'tcp://127.0.0.1:*', true],
    ['tcp://127.0.0.1:*', 'tcp://127.0.0.1:*', true],
    ['tcp://*:5560', 'tcp://0.0.0.0:5560', false],
    ['tcp://[::1]:5560', 'tcp://[::1]:5560', true],
    ['tcp://10.0.0.1:5560', 'tcp://10.0.0.1:5560', false],
    ['ipc:///run/x', 'ipc:///run/x', true],
    [`ipc:///${'x'.repeat(106)}`, `ipc:///${'x'.repeat(106)}`, true],
    [`ipc:///${'x'.repeat(107)}`, undefined, true],
    ['tcp://127.0.0.1', undefined, true],
    ['tcp://127.0.0.1:70000', undefined, true],
    ['udp://127.0.0.1:1', undefined, true],
    ['127.0.0.1:5560', undefined, true],
    ['ipc://', undefined, true],
  ]
  for (const [text, endpoint, local] of rows) {
    test(text.slice(0, 40), () => {
      const place = parsePlace(text)
      equal(place && endpointOf(place), endpoint)
      if (place !== undefined) equal(isLocal(place), local)
    })
  }

  test('that is none is a mistake of the settings', () => {
    const none = {
      zmqPull: 'off',
      zmqSub: [],
      zmqSubConnect: false,
      zmqCommand: '',
      zmqStats: 'off',
      zmqIpcMode: '',
    }
    deepEqual(zmqMistakesIn(none), [])
    equal(zmqMistakesIn({ ...none, zmqPull: 'x', zmqSub: ['tcp://a:1', 'y'], zmqIpcMode: '9' }).length, 3)
  })
})
