// How publications reach holds: one frame each, what it stands for found by it, and one batch for all who are offered it.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Batch as EngineBatch } from '../../../src/engine/reader/subscriber.ts'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import type { Content, Publication } from '../../../src/engine/words/publication.ts'
import { Frames } from '../../../src/frontends/grip/format.ts'
import { draftOf } from '../../../src/frontends/grip/item/draft.ts'
import type { Item } from '../../../src/frontends/grip/item/item.ts'
import { content, itemWith, response } from './hold/given-hold.ts'

const epoch = parseEpoch('e1')

function publicationOf(item: Item, offset = 1): Publication {
  const draft = draftOf(item)
  if (draft === undefined) throw new Error('no draft')
  return { ...draft, offset: parseOffset(offset), timeMs: 0 } as Publication // all that is read of it
}

function batchOf(frames: Frames, ...publications: Publication[]): EngineBatch {
  const encoded = publications.map(
    publication => frames.format.encode(publication, epoch) ?? new Uint8Array(0),
  )
  const size = encoded.reduce((sum, { length }) => sum + length, 0)
  const [from, next] = [parseOffset(1), parseOffset(1 + encoded.length)]
  return { frames: encoded, bytes: Buffer.concat(encoded), size, from, next }
}

describe('a publication', () => {
  test('of a publisher of ours is the item that it was', () => {
    const frames = new Frames()
    const items = [
      content('one', { id: '1', prevId: '0' }),
      response('two'),
      itemWith({ stream: { action: 'hint' } }),
    ]
    const batch = frames.of(batchOf(frames, ...items.map((item, at) => publicationOf(item, at + 7))))
    deepEqual(
      batch.arrivals.map(({ offset, item }) => [
        offset,
        item.id,
        item.prevId,
        item.stream?.action,
        item.response?.action,
      ]),
      [
        [7, '1', '0', 'send', undefined],
        [8, undefined, undefined, undefined, 'send'],
        [9, undefined, undefined, 'hint', undefined],
      ],
    )
  })

  test('has a frame that is never empty, and as long as what streams are written', () => {
    const frames = new Frames()
    const lengths = [content('four'), content(''), response('two')].map(
      item => frames.format.encode(publicationOf(item), epoch)?.length,
    )
    deepEqual(lengths, [4, 1, 1])
  })

  test('is not taken for another one with equal bytes', () => {
    const frames = new Frames()
    const publication = publicationOf(content('same', { id: '1' }))
    const batch = batchOf(frames, publication, { ...publication, offset: parseOffset(2) })
    notEqual(batch.frames[0], batch.frames[1])
    deepEqual(
      frames.of(batch).arrivals.map(({ offset }) => offset),
      [1, 2],
    )
  })

  test('of another protocol is its content, for each kind of client', () => {
    const frames = new Frames()
    const payload: Content = { kind: 'text', payload: Buffer.from('hello') }
    const { renderings: _, ...publication } = { ...publicationOf(content('')), content: payload }
    const [arrival] = frames.of(batchOf(frames, publication)).arrivals
    const { stream, response: answer } = arrival?.item ?? {}
    ok(stream?.action === 'send' && answer?.action === 'send')
    deepEqual([String(stream.content), answer.code], ['hello', 200])
  })

  test('is looked at once for all who are offered it', () => {
    const frames = new Frames()
    const batch = batchOf(frames, publicationOf(content('one')))
    equal(frames.of(batch), frames.of(batch))
    equal(frames.of(batch).chunks, frames.of(batch).chunks)
  })
})
