// By which ids a WebSocket is known, to observers and to commands, and that nobody knows it behind its end.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { originFailed, unreachableCause } from '../../../../src/frontends/grip/proxy/failures.ts'
import { SocketScene } from './given-session.ts'

/** What observers were told so far. */
function idsIn(scene: SocketScene): ReadonlySet<string> {
  scene.pass(1_000)
  return new Set(
    scene.statistics.flatMap(({ type, fields }) => (type === 'conn' ? [String(fields['id'])] : [])),
  )
}

describe('a WebSocket is known', () => {
  test('by the id that its origin knows, from the beginning', async () => {
    const scene = new SocketScene()
    scene.connectionId = 'mine'
    const { peer } = await scene.open()
    deepEqual([...idsIn(scene)], ['mine'])
    equal(scene.connections.find('mine') !== undefined, true)
    peer.say.gone()
    deepEqual([...idsIn(scene)], ['mine'])
    equal(scene.connections.find('mine'), undefined)
  })

  test('by no id of an end that was not reached', async () => {
    const scene = new SocketScene()
    const { end } = scene.ask('* o:80 p:80,over_http')
    scene.connectionId = 'second'
    end.say.failed(originFailed(unreachableCause(['o:80']), false))
    scene.end.open()
    await scene.settle()
    const [first = '', second = '', ...more] = idsIn(scene)
    deepEqual([second, more], ['second', []])
    const lines = scene.statistics.flatMap(({ type, fields }) =>
      type === 'conn' ? [`${fields['id']} ${fields['unavailable'] === true ? 'gone' : 'there'}`] : [],
    )
    deepEqual(lines.slice(1), [`${first} gone`, 'second there'])
    equal(scene.connections.find(first), undefined)
    scene.peer.say.gone()
    for (const id of idsIn(scene)) equal(scene.connections.find(id), undefined)
  })
})
