// Filters of a channel, one after the other (contract §7).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { held } from '../hold/given-hold.ts'
import { Scene, wordsOf } from './given-filters.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

const sift = (filters: readonly string[], text: string, meta: Record<string, string> = {}): string =>
  wordsOf(scene.sift(filters, text, { meta: new Map(Object.entries(meta)) }))

describe('skip-self', () => {
  test('drops what the user sent, and nothing where one of both is nobody', () => {
    equal(sift(['skip-self'], 'x', { sender: 'bob' }), 'drop')
    equal(sift(['skip-self'], 'x', { sender: 'al' }), 'pass x')
    equal(sift(['skip-self'], 'x'), 'pass x')
    scene.meta = { user: '' }
    equal(sift(['skip-self'], 'x', { sender: '' }), 'pass x')
    deepEqual(scene.counted, [1, 0, 0])
  })
})

describe('skip-users', () => {
  test('drops what is for all but a list of users', () => {
    equal(sift(['skip-users'], 'x', { skip_users: 'x,bob' }), 'drop')
    equal(sift(['skip-users'], 'x', { skip_users: ' x , bob ,' }), 'drop')
    equal(sift(['skip-users'], 'x', { skip_users: 'x,bobby' }), 'pass x')
    scene.meta = {}
    equal(sift(['skip-users'], 'x', { skip_users: 'x,,' }), 'pass x')
  })
})

describe('require-sub', () => {
  test('drops what is for who has another channel, too', () => {
    equal(sift(['require-sub'], 'x', { require_sub: 'b' }), 'pass x')
    equal(sift(['require-sub'], 'x', { require_sub: 'c' }), 'drop')
    equal(sift(['require-sub'], 'x', { require_sub: '' }), 'pass x')
  })

  test('means channels by the names that their origin has for them', () => {
    scene.channels = [{ ...held('p-a'), name: 'a' }]
    equal(sift(['require-sub'], 'x', { require_sub: 'p-a' }), 'drop')
  })
})

describe('build-id', () => {
  test("has the item's own id, and of other channels where they are", () => {
    equal(wordsOf(scene.sift(['build-id'], '%I', { id: 'a1', prevId: 'a0' })), 'pass a1,b1')
    scene.channels = [held('a', { prevId: 'a0', lastId: 'a9' }), held('b', { lastId: 'b2' })]
    equal(wordsOf(scene.sift(['build-id'], '%I')), 'pass a0,b2')
  })

  test('fails where a channel of the format has no id', () => {
    equal(
      wordsOf(scene.sift(['build-id'], '%I')),
      "filter error: build-id: failed to render ID: No such variable 'a' at position 4",
    )
    deepEqual(scene.lines, [
      "filter error: build-id: failed to render ID: No such variable 'a' at position 4",
    ])
    deepEqual(scene.counted, [0, 1, 0])
  })
})

describe('filters', () => {
  test('are applied in order, the first that says no is the last, and unknown ones do nothing', () => {
    equal(
      sift(['none', 'var-subst', 'build-id'], '%(user)s'),
      "filter error: build-id: failed to render ID: No such variable 'a' at position 4",
    )
    equal(sift(['skip-self', 'var-subst'], '%(who)s', { sender: 'bob' }), 'drop')
    equal(
      sift(['var-subst', 'skip-self'], '%(who)s', { sender: 'bob' }),
      "filter error: var-subst: No such variable 'who' at position 6",
    )
    equal(sift(['var-subst', 'var-subst'], '%%%%(user)s'), 'pass %(user)s')
  })

  test('leave bytes alone that nothing alters: they are shared by all', () => {
    const bytes = Buffer.from('plain')
    const verdict = scene.sift(['skip-self', 'var-subst'], { content: bytes })
    equal(verdict.kind === 'pass' && verdict.content, bytes)
  })

  test('say whether an action is for a client, and alter nothing of it', () => {
    const action = { content: undefined }
    equal(wordsOf(scene.sift(['build-id', 'var-subst'], action)), 'pass ')
    equal(wordsOf(scene.sift(['skip-self'], action, { meta: new Map([['sender', 'bob']]) })), 'drop')
  })
})

describe('content-filters of an item', () => {
  const own = ['skip-self', 'var-subst', 'http-check', 'build-id'] as const
  const sifted = (contentFilters: readonly string[], filters: readonly string[] = own): string =>
    wordsOf(scene.sift(filters, { content: Buffer.from('x'), contentFilters }))

  test('are those of the subscription that alter contents, in order', () => {
    equal(sifted(['var-subst', 'build-id']), 'pending')
    equal(sifted([], ['skip-self', 'http-check', 'unknown']), 'pending')
  })

  test('or the item is not for this client, and nobody is asked', () => {
    const mismatch = (message: string): string =>
      `content filter mismatch: subscription=var-subst,build-id message=${message}`
    equal(sifted(['build-id', 'var-subst']), mismatch('build-id,var-subst'))
    equal(sifted(['var-subst']), mismatch('var-subst'))
    equal(sifted([]), mismatch(''))
    equal(sifted(['var-subst'], []), 'content filter mismatch: subscription= message=var-subst')
    deepEqual(scene.counted, [0, 4, 0])
    equal(scene.origin.calls.length, 0)
  })
})
