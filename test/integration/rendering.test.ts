// One channel in several protocols: every row of the tables of renderings is played, with publisher, owner and subscribers
// on different workers; then sizes at and beyond each limit, and names of channels that one protocol has and another has not.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AdminClient, adminSecret } from '../helpers/admin-client.ts'
import { type Ground, protocols, startGround } from '../helpers/protocols/ground.ts'
import {
  type Answer,
  filledBetween,
  isReader,
  omitted,
  opened,
  type Protocol,
  post,
  type Reader,
} from '../helpers/protocols/protocol.ts'
import { type Refused, type Rendered, refusedRows, renderedRows } from '../helpers/protocols/renderings.ts'

const rendered = renderedRows(protocols.map(({ name }) => name))
const refused = refusedRows(protocols.map(({ name }) => name))

/** The API is no front-end, but publishes. */
const api = {
  name: 'api',
  bodyBytesMax: 1_048_576,
  filled: filledBetween('"text":"', '"', channel => `{"channel":"${channel}","text":""}`),
} satisfies Partial<Protocol>
const sources = [...protocols, api]

/** The largest publication here as it is rendered at its longest, so that nobody who reads it in one piece is too slow. */
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
  // Whoever was closed says why here; rpushd's largest frame is less than others publish.
  const closed = /^subscriber-(?!omitted$|draining$)/
  deepEqual(
    ground.daemon.log.filter(({ code }) => closed.test(String(code))),
    [],
  )
})

async function readAll(channel: string): Promise<Reader[]> {
  const all: Reader[] = []
  for (const protocol of protocols)
    all.push(await opened(protocol.read(ground.at(protocol, channel, 2), channel)))
  readers.push(...all)
  return all
}

async function publish(from: string, channel: string, content: string | Uint8Array): Promise<Answer> {
  const protocol = protocols.find(({ name }) => name === from)
  if (protocol !== undefined) return protocol.publish(ground.at(protocol, channel, 1), channel, content)
  const { status, text } = await admin.publish(`{"channel":${JSON.stringify(channel)},${content}}`)
  return { status, body: text }
}

function mask(text: string): string {
  return text.replace(/"timestamp":\d{10}\b/, '"timestamp":NOW')
}

test('every protocol says what it publishes to others, and what it makes of what others publish', () => {
  for (const { name } of protocols) {
    ok(
      rendered.some(({ from }) => from === name),
      `no table of renderings has a row from ${name}`,
    )
    ok(
      rendered.some(({ from, gets }) => from !== name && gets.has(name)),
      `no table of renderings has a column for ${name}`,
    )
  }
})

for (const { name: from } of sources) {
  const rows: readonly Rendered[] = rendered.filter(row => row.from === from)
  const channel = `rendered-${from}`

  describe(`what ${from} publishes`, () => {
    const got: string[][] = []
    /** What a protocol writes nothing of, nobody can wait for. */
    const heard = (name: string) => rows.filter(({ gets }) => gets.get(name) !== 'nothing')

    before(async () => {
      const all = await readAll(channel)
      for (const { content, sent } of rows) {
        const { status, body } = await publish(from, channel, sent)
        ok(status === 200 || status === 204, `${content}: ${status} ${body}`)
      }
      got.push(
        ...(await Promise.all(
          all.map((reader, index) => reader.next(heard(protocols[index]?.name ?? '').length)),
        )),
      )
    })

    for (const [index, { name }] of protocols.entries()) {
      test(`reaches ${name} as the tables say`, () => {
        const told = heard(name).flatMap((row, at) => (row.gets.has(name) ? [[row, at] as const] : []))
        deepEqual(
          told.map(([{ content }, at]) => [content, mask(got[index]?.[at] ?? '')]),
          told.map(([{ content, gets }]) => [content, gets.get(name)]),
        )
      })
    }
  })

  test(`what ${from} cannot publish is refused, and nobody gets anything`, async () => {
    const closedRows: readonly Refused[] = refused.filter(row => row.from === from)
    const closed = `${channel}-refused`
    const all = await readAll(closed)
    for (const { content, sent, status, answer } of closedRows) {
      const { body, ...got } = await publish(from, closed, sent)
      equal(`${content}: ${got.status}`, `${content}: ${status}`)
      ok(body.includes(answer), `${content}: ${body}`)
    }
    equal((await publish('api', closed, '"data":{}')).status, 200)
    for (const reader of all) equal((await reader.next(1))[0], '{}')
  })
}

/** The one long word in it, or all of it. */
function wordOf(text = ''): string {
  return /x{9,}/.exec(text)?.[0] ?? text
}

async function publishTooMuch(from: string, channel: string, content: string): Promise<Answer> {
  const protocol = protocols.find(({ name }) => name === from)
  if (protocol !== undefined) return protocol.publish(ground.at(protocol, channel, 1), channel, content, 1)
  const headers = {
    host: 'localhost',
    'content-type': 'application/json',
    authorization: `Bearer ${adminSecret}`,
  }
  const body = `{"channel":${JSON.stringify(channel)},${content}}`
  return post(ground.daemon.address('admin'), '/v1/publications', headers, body, 1)
}

/** As JSON a word has quotes. */
const quotes = 2

describe('sizes', () => {
  for (const source of sources) {
    const { name: from, bodyBytesMax, filled } = source
    const { tooLarge = 413 }: Partial<Protocol> = source
    test(`what ${from} takes at most reaches everybody whole, or is told; a byte more is refused`, async () => {
      const channel = `size-${from}`
      const all = await readAll(channel)
      const tooMuch = await publishTooMuch(from, channel, filled(bodyBytesMax + 1, channel))
      equal(tooMuch.status, tooLarge)
      match(tooMuch.body, /limit|too large|more than/i)
      const content = filled(bodyBytesMax, channel)
      const { status } = await publish(from, channel, content)
      ok(status === 200 || status === 204)
      const texts = await Promise.all(all.map(reader => reader.next(1)))
      const word = wordOf(content)
      for (const [index, { name, rendersBytesMax = Number.POSITIVE_INFINITY }] of protocols.entries()) {
        const expected = word.length + quotes > rendersBytesMax ? omitted : word
        ok(wordOf(texts[index]?.[0]) === expected, `${name} renders it as it was sent`)
      }
    })
  }
})

/** Names, and the status of a publish by those that are here. */
const names: readonly (readonly [what: string, name: string, statuses: Readonly<Record<string, number>>])[] =
  [
    [
      'that suits all',
      'a.b-c_D',
      { rpushd: 204, pinghub: 200, pushy: 200, grip: 200, pushwire: 200, api: 200 },
    ],
    [
      'of 64 bytes',
      'n'.repeat(64),
      { rpushd: 204, pinghub: 200, pushy: 200, grip: 200, pushwire: 200, api: 200 },
    ],
    [
      'of 65 bytes',
      'n'.repeat(65),
      { rpushd: 204, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'that begins with a digit',
      '1a',
      { rpushd: 204, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'with a colon',
      'a.b:c-d_e',
      { rpushd: 204, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'of 191 bytes',
      'n'.repeat(191),
      { rpushd: 204, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'of 192 bytes',
      'n'.repeat(192),
      { rpushd: 400, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'of 201 bytes',
      'n'.repeat(201),
      { rpushd: 400, pinghub: 200, pushy: 400, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'of 255 characters',
      'é'.repeat(255),
      { rpushd: 400, pinghub: 200, pushy: 400, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'of 256 characters',
      'n'.repeat(256),
      { rpushd: 400, pinghub: 400, pushy: 400, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'of 1,025 bytes',
      'n'.repeat(1_025),
      { rpushd: 400, pinghub: 400, pushy: 400, grip: 400, pushwire: 422, api: 422 },
    ],
    ['with a slash', 'a/b', { rpushd: 400, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 }],
    ['with a blank', 'a b', { rpushd: 400, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 }],
    [
      'with a letter beyond ASCII',
      'grün',
      { rpushd: 400, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    ['with an emoji', '😀', { rpushd: 400, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 }],
    ['with NUL', 'a\0b', { rpushd: 400, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 }],
    [
      'with a percent sign',
      'a%2Fb',
      { rpushd: 400, pinghub: 200, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'with a slash in front',
      '/a',
      { rpushd: 400, pinghub: 301, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'with an empty segment',
      'a//b',
      { rpushd: 400, pinghub: 301, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    [
      'with a step back',
      'a/../b',
      { rpushd: 400, pinghub: 301, pushy: 200, grip: 200, pushwire: 422, api: 200 },
    ],
    ['of dots alone', '..', { rpushd: 204, pinghub: 301, pushy: 200, grip: 200, pushwire: 422, api: 200 }],
    ['that is empty', '', { rpushd: 400, pinghub: 200, pushy: 401, grip: 200, pushwire: 422, api: 200 }],
  ]

describe('a channel’s name', () => {
  for (const [what, name, statuses] of names) {
    test(`${what} is one channel to those that can say it, and the others refuse it`, async () => {
      const all: Reader[] = []
      for (const protocol of protocols.filter(one => one.name in statuses)) {
        const outcome = await protocol.read(ground.at(protocol, name, 2), name)
        if (isReader(outcome)) all.push(outcome)
        else equal(outcome.status < 300, false)
        const { status } = await protocol.publish(ground.at(protocol, name, 1), name, '{"n":1}')
        equal(isReader(outcome), status < 300, `${protocol.name} reads what it publishes`)
        equal(status, statuses[protocol.name], protocol.name)
      }
      readers.push(...all)
      equal((await publish('api', name, '"data":{"n":3}')).status, statuses['api'])
      for (const reader of all) {
        let [text = ''] = await reader.next(1)
        while (JSON.parse(text).n !== 3) [text = ''] = await reader.next(1)
      }
    })
  }
})
