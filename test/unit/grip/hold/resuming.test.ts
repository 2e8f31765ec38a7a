// A hold that goes on from where its client is (ours alone: `resume_from_history`).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { HoldContext } from '../../../../src/frontends/grip/hold/hold.ts'
import { content, holdOf, response } from './given-hold.ts'
import { channel, HoldScene } from './given-holding.ts'

describe('a hold that resumes from history', () => {
  /** Three items; history keeps as many. */
  function begun(ids: readonly string[] = ['1', '2', '3'], observer?: HoldContext['observer']): HoldScene {
    const begun = new HoldScene(true, observer)
    for (const id of ids) begun.publish({ ...content(`<${id}>`, { id }), response: response(id).response })
    return begun
  }

  test('answers a long poll at once with what followed, and its origin is not asked', () => {
    const behind = begun()
    behind.poll({ prevId: '1' })
    deepEqual(behind.heard, ['answer 2'])
  })

  test('lets a long poll wait that has everything', () => {
    const upToDate = begun()
    upToDate.poll({ prevId: '3' })
    deepEqual(upToDate.heard, [])
    upToDate.publish(response('4', { id: '4', prevId: '3' }))
    deepEqual(upToDate.heard, ['answer 4'])
  })

  test('writes what followed behind the first page of a stream, once and in order, then what is published', () => {
    const behind = begun()
    behind.stream({ prevId: '1' })
    deepEqual(behind.response.written, ['<2>', '<3>'])
    behind.publish(content('<4>', { id: '4', prevId: '3' }))
    deepEqual(behind.response.written, ['<2>', '<3>', '<4>'])
    deepEqual(behind.heard, [])
  })

  test('asks the origin where history does not go back so far', () => {
    const behind = begun(['1', '2', '3', '4'])
    behind.mesh.subscribe(0, 'a')
    behind.mesh.settle()
    behind.publish(content('<5>', { id: '5', prevId: '4' }))
    behind.stream({ prevId: '1' })
    deepEqual(behind.heard, ['fetch soon'])
  })

  test('begins where it was joined, though its origin has said meanwhile that the client is elsewhere', () => {
    const moved = begun()
    const ids: (string | undefined)[] = []
    moved.onJoined = () => {
      for (const { prevId, lastId } of moved.holding.channels) ids.push(prevId, lastId)
    }
    moved.holding.join(holdOf({ mode: 'response', channels: [channel({ prevId: '1' })] }))
    moved.holding.join(holdOf({ mode: 'response', channels: [channel({ prevId: '2' })] }))
    moved.mesh.settle()
    deepEqual(ids, ['2', '1'])
  })

  test('does not hold what left before history answered', () => {
    const left = begun()
    left.holding.join(holdOf({ mode: 'response', channels: [channel({ prevId: '1' })] }))
    left.holding.leave()
    left.mesh.settle()
    equal(left.mesh.engines[0]?.statistics().hub['subscribers'], 0)
    deepEqual(left.told, [])
  })

  describe('in statistics', () => {
    let told: string[]
    const observer = {
      subscribed: (channel: string, mode: string) => void told.push(`+${channel} ${mode}`),
      unsubscribed: (channel: string, mode: string) => void told.push(`-${channel} ${mode}`),
    }
    const polling = holdOf({ mode: 'response', channels: [channel({ prevId: '1' })] })
    beforeEach(() => {
      told = []
    })

    test('is a subscriber once history has answered, until it leaves', () => {
      const scene = begun(undefined, observer)
      scene.holding.join(polling)
      deepEqual(told, [])
      scene.mesh.settle()
      deepEqual(told, ['+a response'])
      scene.holding.leave()
      scene.holding.leave()
      deepEqual(told, ['+a response', '-a response'])
    })

    test('was none where it leaves before', () => {
      const scene = begun(undefined, observer)
      scene.holding.join(polling)
      scene.holding.leave()
      scene.mesh.settle()
      deepEqual(told, [])
    })

    test('is one of the kind that it has become meanwhile', () => {
      const scene = begun(undefined, observer)
      scene.holding.join(polling)
      scene.holding.join({ ...polling, mode: 'stream' })
      scene.mesh.settle()
      scene.holding.leave()
      deepEqual(told, ['+a stream', '-a stream'])
    })

    test('is one once, where it left the channel and came back before', () => {
      const scene = begun(undefined, observer)
      scene.holding.join(polling)
      scene.holding.join(holdOf({ mode: 'response', channels: [] }))
      scene.holding.join(polling)
      scene.mesh.settle()
      scene.holding.leave()
      deepEqual(told, ['+a response', '-a response'])
    })
  })
})
