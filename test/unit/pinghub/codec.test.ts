// Publications to messages and back, and what a query asks for.
import { deepEqual, equal, fail } from 'node:assert/strict'
import { test } from 'node:test'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import type { ContentKind } from '../../../src/engine/words/publication.ts'
import { contentOf, createFormats, encodeNotice, parseResume } from '../../../src/frontends/pinghub/codec.ts'
import { channelName } from '../../helpers/mesh.ts'
import { placesOnly } from '../../helpers/protocols/renderings.ts'

const epoch = parseEpoch('0badcafe')
const { plain, counting, isNotice } = createFormats()

function messageOf(payload: Uint8Array, kind: ContentKind): Uint8Array {
  const content = { kind, payload }
  return plain.encode({ channel: channelName('a'), offset: parseOffset(1), content }, epoch) ?? fail(kind)
}

const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

test('a publication is one message: base64 of bytes, all others as they are and not copied', () => {
  const bytes = new Uint8Array([9, 0xff, 0, 0xfe]).subarray(1)
  equal(Buffer.from(messageOf(bytes, 'bytes')).toString(), '/wD+')
  equal(messageOf(Buffer.alloc(0), 'bytes').length, 0)
  for (const text of ['', ' {"a": 1}', 'κ']) {
    const payload = Buffer.from(text)
    for (const kind of ['text', 'json'] as const) equal(messageOf(payload, kind), payload)
  }
})

test('what has no content is nothing, and a notice that counts one to whoever counts', () => {
  const cells = placesOnly('pinghub')
  const content = { kind: 'none', payload: Buffer.alloc(0) } as const
  const publication = { channel: channelName('a'), offset: parseOffset(7), content }
  equal(plain.encode(publication, epoch), undefined)
  equal(plain.omitted?.(publication), 'pass')
  equal(cells.without, 'nothing')
  const notice = counting.encode(publication, epoch) ?? fail('no notice')
  equal(Buffer.from(notice).toString().replace('0badcafe.7', 'EPOCH.OFFSET'), cells.withPositions)
  deepEqual([notice, Buffer.from(notice)].map(isNotice), [true, false])
})

test('what clients send is JSON where it looks like it and is some, else text', () => {
  for (const text of ['{}', '[1,{"a":null}]', '{"a": 1} ', lists(128)])
    equal(contentOf(Buffer.from(text)).kind, 'json', text)
  for (const text of [
    '',
    '{',
    '[1,]',
    ' {}',
    '1',
    '"a"',
    'null',
    '{"a":1}x',
    '['.repeat(100_000),
    lists(129),
  ]) {
    equal(contentOf(Buffer.from(text)).kind, 'text', text.slice(0, 20))
  }
})

test('that is told without making anything of it, however deep or wide it is', t => {
  const parse = t.mock.method(JSON, 'parse')
  const wide = `{${Array.from({ length: 100_000 }, (_, n) => `"${n}":0`).join()}}`
  equal(contentOf(Buffer.from(wide)).kind, 'json')
  equal(contentOf(Buffer.from(lists(500_000))).kind, 'text')
  equal(parse.mock.callCount(), 0)
})

test('a query asks to resume by one since with a position or nothing', () => {
  deepEqual(parseResume('since='), { since: undefined })
  deepEqual(parseResume('jwt=x&since=0badcafe.7'), { since: { epoch: '0badcafe', offset: 7 } })
  deepEqual(parseResume('since=0badcafe%2E7'), { since: { epoch: '0badcafe', offset: 7 } })
  const others = [
    '',
    'since',
    'since=7',
    'since=a.b',
    'since=&since=',
    'sincere=',
    'x=since=',
    '?since=',
    'since=0badcafe.7x',
  ]
  for (const query of [undefined, ...others.filter(text => text !== 'since')]) {
    equal(parseResume(query), undefined, query)
  }
})

test('a notice names the position and says whether something is missing', () => {
  const notice = encodeNotice({ epoch, offset: parseOffset(7) }, true)
  deepEqual(JSON.parse(Buffer.from(notice).toString()), { ringcast: { position: '0badcafe.7', gap: true } })
})
