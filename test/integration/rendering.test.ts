// One channel in several protocols: every row of src/engine/README.md is played, with publisher, owner and subscribers on
// different workers; then sizes, at and beyond each limit, and names of channels that one protocol has and another has not.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { readSocket } from '../conformance/pinghub/protocol.ts'
import { EventStream } from '../conformance/pushy/client.ts'
import { readEvents } from '../conformance/pushy/protocol.ts'
import { tokenFor } from '../conformance/pushy/vocabulary.ts'
import { Connection } from '../conformance/rpushd/client.ts'
import { readUntilEnd } from '../conformance/rpushd/protocol.ts'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Ground, protocols, startGround } from '../helpers/protocols/ground.ts'
import {
  type Answer,
  isReader,
  omitted,
  opened,
  post,
  type Reader,
  send,
} from '../helpers/protocols/protocol.ts'

const readme = readFileSync(new URL('../../src/engine/README.md', import.meta.url), 'utf8')
const sources = ['rpushd', 'Pinghub', 'pushy', 'API'] as const

/** The largest publication here as pushy renders it, so that nobody who reads it in one piece is too slow. */
const outboxes = {
  RINGCAST_ENGINE_OUTBOX_BYTES_MAX: '8388608',
  RINGCAST_ENGINE_CONNECTION_BYTES_MAX: '8388608',
}

let ground: Ground
let admin: AdminClient
const readers: Reader[] = []

before(async () => {
  ground = await startGround({ RINGCAST_ADMIN_SECRET: adminSecret, ...outboxes })
  admin = new AdminClient(ground.daemon.address('admin'))
})

after(async () => {
  for (const reader of readers) reader.leave()
  equal(await ground.stop(), 0)
  deepEqual(ground.daemon.errors, [])
})

async function readAll(channel: string): Promise<Reader[]> {
  const all: Reader[] = []
  for (const protocol of protocols)
    all.push(await opened(protocol.read(ground.at(protocol, channel, 2), channel)))
  readers.push(...all)
  return all
}

async function publish(from: string, channel: string, content: string | Uint8Array): Promise<Answer> {
  const protocol = protocols.find(({ name }) => name === from.toLowerCase())
  if (protocol !== undefined) return protocol.publish(ground.at(protocol, channel, 1), channel, content)
  const { status, text } = await admin.publish(`{"channel":${JSON.stringify(channel)},${content}}`)
  return { status, body: text }
}

/** The cells of the rows that begin with a source and have so many. */
function rowsOf(from: string, cells: number): string[][] {
  const rows = readme.split('\n').filter(line => line.startsWith(`| ${from} |`))
  return rows.map(line => line.split(' | ').map(cellOf)).filter(row => row.length === cells)
}

function cellOf(cell: string): string {
  const text = /`(.*)`/.exec(cell)?.[1] ?? cell.replace(/^\| | \|$/g, '')
  return text.replace(/⟨([0-9A-F]+)⟩/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
}

function mask(text: string): string {
  return text.replace(/"timestamp":\d{10}\b/, '"timestamp":NOW')
}

for (const from of sources) {
  const rows = rowsOf(from, 6)
  const channel = `rendered-${from}`

  describe(`what ${from} publishes`, () => {
    const got: string[][] = []

    before(async () => {
      const all = await readAll(channel)
      for (const [, content = '', sent = ''] of rows) {
        const { status, body } = await publish(from, channel, sent)
        ok(status === 200 || status === 204, `${content}: ${status} ${body}`)
      }
      got.push(...(await Promise.all(all.map(reader => reader.next(rows.length)))))
    })

    for (const [index, { name }] of protocols.entries()) {
      test(`reaches ${name} as the table says`, () => {
        const rendered = rows.map(([, content], at) => [content, mask(got[index]?.[at] ?? '')])
        ok(rows.length > 3)
        deepEqual(
          rendered,
          rows.map(row => [row[1], row[3 + index]]),
        )
      })
    }
  })

  test(`what ${from} cannot publish is refused, and nobody gets anything`, async () => {
    const refused = `${channel}-refused`
    const all = await readAll(refused)
    for (const [, content, sent = '', status, answer = ''] of rowsOf(from, 5)) {
      const { body, ...got } = await publish(from, refused, sent)
      equal(`${content}: ${got.status}`, `${content}: ${status}`)
      ok(body.includes(answer), `${content}: ${body}`)
    }
    if (from === 'Pinghub') match((await publish(from, refused, Buffer.from([0xff]))).body, /UTF-8/)
    equal((await publish('pushy', refused, '{}')).status, 200)
    for (const reader of all) equal(mask((await reader.next(1))[0] ?? ''), '{"timestamp":NOW}')
  })
}

/** The largest body of each, and contents that make a body of so many bytes. */
const sized: readonly (readonly [
  from: string,
  bytesMax: number,
  contentOf: (bytes: number, channel: string) => string,
])[] = [
  ['rpushd', 16_384, filled('"', '"', channel => `{"channel":"${channel}","message":""}`)],
  ['Pinghub', 1_048_576, filled('', '', () => '')],
  ['pushy', 1_048_576, filled('{"a":"', '"}', () => '{"data":{"a":""}}')],
  ['API', 1_048_576, filled('"text":"', '"', channel => `{"channel":"${channel}","text":""}`)],
]

function filled(open: string, close: string, emptyBody: (channel: string) => string) {
  return (bytes: number, channel: string) =>
    open + 'x'.repeat(bytes - Buffer.byteLength(emptyBody(channel))) + close
}

/** The one long word in it, or all of it. */
function wordOf(text = ''): string {
  return /x{9,}/.exec(text)?.[0] ?? text
}

async function publishTooMuch(from: string, channel: string, content: string): Promise<Answer> {
  const protocol = protocols.find(({ name }) => name === from.toLowerCase())
  if (protocol !== undefined) return protocol.publish(ground.at(protocol, channel, 1), channel, content, 1)
  const headers = {
    host: 'localhost',
    'content-type': 'application/json',
    authorization: `Bearer ${adminSecret}`,
  }
  const body = `{"channel":${JSON.stringify(channel)},${content}}`
  return post(ground.daemon.address('admin'), '/v1/publications', headers, body, 1)
}

describe('sizes', () => {
  for (const [from, bytesMax, contentOf] of sized) {
    test(`what ${from} takes at most reaches everybody whole, or is told; a byte more is refused`, async () => {
      const channel = `size-${from}`
      const all = await readAll(channel)
      const refused = await publishTooMuch(from, channel, contentOf(bytesMax + 1, channel))
      equal(refused.status, 413)
      match(refused.body, /limit|too large|more than/i)
      const content = contentOf(bytesMax, channel)
      const { status } = await publish(from, channel, content)
      ok(status === 200 || status === 204)
      const rendered = await Promise.all(all.map(reader => reader.next(1)))
      const word = wordOf(content)
      const whole = [word.length > 65_533 ? omitted : word, word, word]
      ok(
        rendered.every(([text], index) => wordOf(text) === whole[index]),
        'as they were sent',
      )
    })
  }

  test('what grows sixfold as JSON still reaches pushy whole', async () => {
    const channel = 'size-nul'
    const all = await readAll(channel)
    equal((await publish('Pinghub', channel, Buffer.alloc(1_048_576))).status, 200)
    const [rpushd, pinghub, pushy] = await Promise.all(
      all.map(async reader => (await reader.next(1))[0] ?? ''),
    )
    equal(rpushd, omitted)
    equal(pinghub?.length, 1_048_576)
    equal(pushy?.length, '{"data":""}'.length + 6 * 1_048_576)
  })

  test('a frame of rpushd holds 65,535 bytes; an ordinary stream ends where one is missing', async () => {
    const channel = 'size-frame'
    const [reader] = await readAll(channel)
    const [protocol] = protocols
    ok(reader && protocol)
    const rest = await readUntilEnd(ground.at(protocol, channel, 2), channel)
    for (const letters of [65_533, 65_534]) {
      equal((await publish('Pinghub', channel, 'x'.repeat(letters))).status, 200)
    }
    const [first, second] = await reader.next(2)
    deepEqual([first?.length, second], [65_535, omitted])
    deepEqual(
      (await rest()).map(text => text.length),
      [65_535],
    )
  })

  test('a Pinghub WebSocket publishes 65,536 bytes, and is told by 1009 where it sends more', async () => {
    const channel = 'size-socket'
    const [rpushd, , pushy] = await readAll(channel)
    ok(rpushd && pushy)
    const socket = await readSocket(ground.daemon.address('pinghub'), channel)
    ok('say' in socket)
    readers.push(socket)
    socket.say('{"a":1}')
    socket.say(Buffer.from('[1]'))
    socket.say('x'.repeat(65_536))
    deepEqual(await rpushd.next(3), ['{"a":1}', '[1]', omitted])
    const [first, second, third] = await pushy.next(3)
    deepEqual([first, second, third?.length], ['{"a":1}', '{"data":[1]}', '{"data":""}'.length + 65_536])
    socket.say('x'.repeat(65_537))
    equal(await socket.closeCode(), 1009)
  })
})

/** Names, and the status of a publish in rpushd, Pinghub, pushy and the API. */
const names: readonly (readonly [what: string, name: string, ...statuses: readonly number[]])[] = [
  ['that suits all', 'a.b:c-d_e', 204, 200, 200, 200],
  ['of 191 bytes', 'n'.repeat(191), 204, 200, 200, 200],
  ['of 192 bytes', 'n'.repeat(192), 400, 200, 200, 200],
  ['of 201 bytes', 'n'.repeat(201), 400, 200, 400, 200],
  ['of 255 characters', 'é'.repeat(255), 400, 200, 400, 200],
  ['of 256 characters', 'n'.repeat(256), 400, 400, 400, 200],
  ['of 1,025 bytes', 'n'.repeat(1_025), 400, 400, 400, 422],
  ['with a slash', 'a/b', 400, 200, 200, 200],
  ['with a blank', 'a b', 400, 200, 200, 200],
  ['with a letter beyond ASCII', 'grün', 400, 200, 200, 200],
  ['with an emoji', '😀', 400, 200, 200, 200],
  ['with NUL', 'a\0b', 400, 200, 200, 200],
  ['with a percent sign', 'a%2Fb', 400, 200, 200, 200],
  ['with a slash in front', '/a', 400, 301, 200, 200],
  ['with an empty segment', 'a//b', 400, 301, 200, 200],
  ['with a step back', 'a/../b', 400, 301, 200, 200],
  ['of dots alone', '..', 204, 301, 200, 200],
  ['that is empty', '', 400, 200, 401, 200],
]

describe('a channel’s name', () => {
  for (const [what, name, ...statuses] of names) {
    test(`${what} is one channel to those that can say it, and the others refuse it`, async () => {
      const all: Reader[] = []
      const got: number[] = []
      for (const protocol of protocols) {
        const outcome = await protocol.read(ground.at(protocol, name, 2), name)
        if (isReader(outcome)) all.push(outcome)
        else equal(outcome.status < 300, false)
        const { status } = await protocol.publish(ground.at(protocol, name, 1), name, `{"n":${got.length}}`)
        equal(isReader(outcome), status < 300, `${protocol.name} reads what it publishes`)
        got.push(status)
      }
      readers.push(...all)
      got.push((await publish('API', name, '"data":{"n":3}')).status)
      deepEqual(got, statuses)
      for (const reader of all) {
        let [text = ''] = await reader.next(1)
        while (JSON.parse(text).n !== 3) [text = ''] = await reader.next(1)
      }
    })
  }

  test('with a star is read by POST /sse in pushy; in the address of a stream it is a pattern', async () => {
    const connection = new Connection(ground.daemon.address('pushy'))
    const headers = { authorization: `Bearer ${tokenFor('*')}`, 'content-type': 'application/json' }
    send(connection, 'POST', '/sse', headers, '{"channels":["star.*"]}')
    equal((await connection.head()).status, 200)
    const events = new EventStream(connection)
    const pattern = await opened(readEvents(ground.daemon.address('pushy'), 'star.*'))
    readers.push(pattern)
    for (const [channel, content] of [
      ['star.a', '{"n":1}'],
      ['star.*', '{"n":2}'],
    ] as const) {
      equal((await publish('Pinghub', channel, content)).status, 200)
    }
    match((await events.event()) ?? '', /^event: message\ndata: {"n":2}\n/)
    deepEqual((await pattern.next(2)).sort(), ['{"n":1}', '{"n":2}'])
    connection.leave()
  })
})
