// What travels between nodes comes out as it went in, and nothing that anybody writes to a broker does any harm.
import { deepEqual, equal } from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { decodeEnvelope, encodeEnvelope } from '../../../src/cluster/envelope.ts'
import type { Draft } from '../../../src/engine/words/publication.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { channelName } from '../../helpers/mesh.ts'

const channel = channelName('c')
const plain: Draft = { channel, via: 'test', content: { kind: 'json', payload: Buffer.from('{}') } }

const drafts: Readonly<Record<string, Draft>> = {
  'content alone': plain,
  'no content': { ...plain, content: { kind: 'none', payload: new Uint8Array() } },
  meta: { ...plain, meta: { id: 'a', event: 'b' } },
  'an event alone': { ...plain, meta: { event: 'b' } },
  renderings: { ...plain, renderings: { grip: { a: [1, 'x', null, true], b: Buffer.from([255]) } } },
  'a sequence': { ...plain, sequence: { id: '2', after: '1' } },
  'a loose one': { ...plain, sequence: { isLoose: true } },
  everything: {
    ...plain,
    content: { kind: 'bytes', payload: Buffer.from([0, 255]) },
    meta: { id: 'é' },
    renderings: { x: { y: 1 } },
    sequence: { id: '' },
  },
}

describe('an envelope', () => {
  for (const [says, draft] of Object.entries(drafts)) {
    test(`brings ${says}`, () => {
      const body = decodeEnvelope(encodeEnvelope(draft))
      if (typeof body === 'string') throw new Error(body)
      const { content, meta, renderings, sequence } = draft
      equal(body.content.kind, content.kind)
      deepEqual(Buffer.from(body.content.payload), Buffer.from(content.payload))
      deepEqual(body.meta, meta)
      deepEqual(body.sequence, sequence)
      deepEqual(packExact(body.renderings), packExact(renderings))
    })
  }

  test('of a later version is refused by its number, whatever else it holds', () => {
    equal(decodeEnvelope(packExact([2])), 'newer')
    equal(decodeEnvelope(packExact([2, 'x', {}])), 'newer')
  })

  test('of this version may hold more than is known', () => {
    const more = [...(unpack(encodeEnvelope(plain)) as unknown[]), 'more'] // it is a list
    equal(typeof decodeEnvelope(packExact(more)), 'object')
  })

  for (const [says, value] of Object.entries({
    'no list': { 0: 1 },
    'an earlier version': [0, 0, Buffer.from('x')],
    'a version that is none': ['1', 0, Buffer.from('x')],
    'a kind that is none': [1, 9, Buffer.from('x')],
    'a payload of text': [1, 0, 'x'],
    'a meta that is none': [1, 0, Buffer.from('x'), 7],
    'renderings that are a list': [1, 0, Buffer.from('x'), null, []],
    'a sequence that is none': [1, 0, Buffer.from('x'), null, null, { id: 'x' }],
  })) {
    test(`with ${says} is foreign`, () => equal(decodeEnvelope(packExact(value)), 'foreign'))
  }

  test('of arbitrary bytes never throws', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...Object.values(drafts)), fc.nat(100), fc.uint8Array({ maxLength: 4 }))
      .map(([draft, at, bytes]) => {
        const envelope = Buffer.from(encodeEnvelope(draft))
        envelope.set(bytes.subarray(0, Math.max(0, envelope.length - at)), Math.min(at, envelope.length))
        return new Uint8Array(envelope)
      })
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), bytes => void decodeEnvelope(bytes)),
      { numRuns: 2_000 },
    )
  })
})
