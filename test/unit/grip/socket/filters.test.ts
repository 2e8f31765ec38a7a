// What is published to WebSockets passes the filters of its channel (contract §7; rows 203 and 258).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { itemWith } from '../hold/given-hold.ts'
import { order, SocketScene, subscribe } from './given-session.ts'

function say(
  scene: SocketScene,
  text: string,
  meta: Record<string, string> = {},
  contentFilters?: string[],
): void {
  const socket = { action: 'send', type: 'text', content: Buffer.from(text), contentFilters } as const
  scene.publish({ ...itemWith({}), socket, meta: new Map(Object.entries(meta)) })
}

const bob = order('set-meta', { name: 'user', value: 'bob' })

describe('an item with filters in its way', () => {
  test('is dropped for whom it is not, by what the origin set last', async () => {
    const scene = new SocketScene()
    const { end, peer } = await scene.open({}, bob, subscribe('a', ['skip-self', 'skip-users']))
    say(scene, '1', { sender: 'bob' })
    say(scene, '2', { sender: 'al' })
    say(scene, '3', { skip_users: 'x, bob' })
    end.text(order('set-meta', { name: 'user', value: 'eve' }))
    say(scene, '4', { sender: 'bob' })
    deepEqual(peer.got, ['text 2', 'text 4'])
    equal(scene.gateway.filters.counters.filtersDropped, 2)
  })

  test('needs another channel of the same client, by the name that its origin has for it', async () => {
    const scene = new SocketScene()
    const { peer } = await scene.openBy(
      '*,prefix=p- o:80',
      {},
      subscribe('a', ['require-sub']),
      subscribe('b'),
    )
    const socket = { action: 'send', type: 'text', content: Buffer.from('x') } as const
    for (const wanted of ['b', 'c'])
      scene.publish({ ...itemWith({}), socket, meta: new Map([['require_sub', wanted]]) }, 'p-a')
    deepEqual(peer.got, ['text x'])
  })

  test('is altered for each client by itself', async () => {
    const scene = new SocketScene()
    const { peer } = await scene.open({}, bob, subscribe('a', ['var-subst']))
    const plain = await scene.open({}, subscribe('a'))
    say(scene, 'o %(user)s 5%%')
    deepEqual([peer.got, plain.peer.got], [['text o bob 5%'], ['text o %(user)s 5%%']])
  })

  test('knows so much of a client, and no more', async () => {
    const scene = new SocketScene()
    const big = (name: string, length: number) => order('set-meta', { name, value: 'x'.repeat(length) })
    const { end, peer } = await scene.open({}, big('a', 8_000), big('b', 190), subscribe('a', ['var-subst']))
    say(scene, '%(b)s')
    end.text(big('b', 191))
    say(scene, '%(b)s')
    end.text(order('set-meta', { name: 'a' }))
    end.text(big('b', 191))
    say(scene, '%(b)s')
    deepEqual(
      peer.got.map(text => text.length - 'text '.length),
      [190, 191],
    )
  })

  test('that fails is dropped, and closes a client of a route that debugs', async () => {
    const scene = new SocketScene()
    const { peer } = await scene.open({}, subscribe('a', ['var-subst']))
    const debugged = await scene.openBy('*,debug o:80', {}, subscribe('a', ['var-subst']))
    say(scene, '%(who)s')
    say(scene, 'next')
    deepEqual(peer.got, ['text next'])
    equal(debugged.peer.got.length, 1)
    equal(/^close 1011 filter error: var-subst: /.test(debugged.peer.got[0] ?? ''), true)
  })

  test('is for those with the filters that it names, though there are none', async () => {
    const scene = new SocketScene()
    const { peer } = await scene.open({}, subscribe('a'))
    const filtered = await scene.open({}, bob, subscribe('a', ['var-subst']))
    say(scene, 'hi %(user)s', {}, ['var-subst'])
    say(scene, 'all', {}, [])
    deepEqual([peer.got, filtered.peer.got], [['text all'], ['text hi bob']])
    equal(scene.gateway.filters.counters.filtersFailed, 2)
  })

  test('waits for an origin that is asked, and what comes behind it waits, too', async () => {
    const scene = new SocketScene()
    const url = order('set-meta', { name: 'url', value: '/check' })
    const { peer } = await scene.open({}, url, subscribe('a', ['http-modify']), subscribe('b'))
    say(scene, 'one')
    scene.text('beside', 'b')
    equal(peer.got.length, 0)
    equal(scene.origin.last.request.path, '/check')
    scene.origin.last.answer(200, 'ONE')
    deepEqual(peer.got, ['text ONE', 'text beside'])
  })

  test('and whose origin answers amidst a message of the other origin comes behind that, in order', async () => {
    const scene = new SocketScene()
    const url = order('set-meta', { name: 'url', value: '/check' })
    const { end, peer } = await scene.open({}, url, subscribe('a', ['http-modify']), subscribe('b'))
    say(scene, 'one')
    end.say.message('text', Buffer.from('m:be'), true, false)
    scene.text('beside', 'b')
    scene.origin.last.answer(200, 'ONE')
    end.say.message('text', Buffer.from('gin'), false, true)
    deepEqual(peer.got, ['text be…', 'text …gin', 'text ONE', 'text beside'])
  })
})

describe('a WebSocket that resumes from history', () => {
  const from = (prevId: string) => order('subscribe', { channel: 'a', 'prev-id': prevId })

  function publish(scene: SocketScene, ...ids: readonly string[]): void {
    for (const id of ids) {
      const socket = { action: 'send', type: 'text', content: Buffer.from(id) } as const
      scene.publish({ ...itemWith({}), socket, id })
    }
  }

  test('gets what followed, then what is published', async () => {
    const scene = new SocketScene({ resumeFromHistory: true })
    publish(scene, '1', '2', '3')
    const { end, peer } = await scene.open({}, from('1'))
    publish(scene, '4')
    deepEqual([peer.got, end.heard], [['text 2', 'text 3', 'text 4'], []])
  })

  test('whose history does not go back so far has its origin told where it is', async () => {
    const scene = new SocketScene({ resumeFromHistory: true })
    publish(scene, '1', '2', '3', '4')
    const { end, peer } = await scene.open({}, from('1'))
    publish(scene, '5')
    deepEqual([peer.got, end.heard], [['text 5'], ['last a 1']])
  })

  test('is closed where its origin cannot be told', async () => {
    const scene = new SocketScene({ resumeFromHistory: true })
    const { end, peer } = await scene.open()
    end.canTell = false
    end.text(from('1'))
    await scene.settle()
    deepEqual([peer.got, end.heard], [["close 1011 channel 'a' cannot be resumed"], ['leave']])
  })

  test('is none unless the setting says so', async () => {
    const scene = new SocketScene()
    publish(scene, '1', '2')
    const { end, peer } = await scene.open({}, from('1'))
    deepEqual([peer.got, end.heard], [[], []])
  })
})
