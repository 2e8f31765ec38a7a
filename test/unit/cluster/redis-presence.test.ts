// Who lives, who is counted, and what is written of it.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Nodes } from '../../../src/cluster/redis/nodes.ts'
import { leaseMs, Patterns } from '../../../src/cluster/redis/patterns.ts'
import { Presence } from '../../../src/cluster/redis/presence.ts'
import type { ChannelName } from '../../../src/engine/words/publication.ts'
import { channelName } from '../../helpers/mesh.ts'

describe('nodes', () => {
  test('a node that is not listed for longer than a sign counts is gone', () => {
    const nodes = new Nodes(0)
    nodes.note(['a', 'b'], 0)
    nodes.note(['a'], 14_000)
    equal(nodes.stateOf('b', 14_000), 'alive')
    nodes.note(['a'], 15_001)
    equal(nodes.stateOf('b', 15_001), 'new')
    nodes.note(['a'], 16_000)
    deepEqual([nodes.stateOf('b', 16_000), nodes.stateOf('a', 16_000)], ['gone', 'alive'])
    equal(nodes.count, 1)
  })

  test('what a node says of itself is known for as long as it is, and what it said last', () => {
    const nodes = new Nodes(0)
    nodes.note(
      ['a', 'b'],
      0,
      new Map([
        ['a', 'x'],
        ['c', 'of nobody'],
      ]),
    )
    deepEqual([...nodes.about], [['a', 'x']])
    nodes.note(['a', 'b'], 1_000, new Map([['b', 'y']]))
    deepEqual([...nodes.about].sort(), [
      ['a', 'x'],
      ['b', 'y'],
    ])
    nodes.note(['b'], 20_000)
    deepEqual([...nodes.about], [['b', 'y']])
  })

  test('a node that is not listed yet is new, until a list was read that does not have it', () => {
    const nodes = new Nodes(0)
    equal(nodes.stateOf('a', 0), 'new')
    nodes.note(['b'], 0)
    // Read in the same moment, or before it was spoken of.
    equal(nodes.stateOf('a', 5), 'new')
    nodes.note([], 6)
    equal(nodes.stateOf('a', 6), 'new')
    nodes.note(['a', 'b'], 7)
    equal(nodes.stateOf('a', 7), 'alive')
  })

  test('a list that may have been made before does not count', () => {
    const nodes = new Nodes(1_000)
    equal(nodes.stateOf('a', 0), 'new')
    nodes.note(['b'], 1_000)
    equal(nodes.stateOf('a', 1_000), 'new')
    nodes.note(['b'], 1_001)
    equal(nodes.stateOf('a', 1_001), 'gone')
  })

  test('while nothing is listed nobody dies', () => {
    const nodes = new Nodes(0)
    nodes.note(['a'], 0)
    equal(nodes.stateOf('a', 3_600_000), 'alive')
  })

  test('those that are new are remembered in bounds', () => {
    const nodes = new Nodes(0)
    for (let n = 0; n < 1_001; n++) equal(nodes.stateOf(`n${n}`, 0), 'new')
    nodes.note(['a'], 1)
    deepEqual([nodes.stateOf('n1000', 2), nodes.stateOf('n0', 2)], ['gone', 'new'])
  })
})

describe('presence', () => {
  const [one, two] = [channelName('one'), channelName('two')]

  function scene() {
    const nodes = new Nodes(0)
    const presence = new Presence('us', nodes, { now: () => 5 }, channel => (channel === one ? 0 : 1))
    const written: (readonly [number, ChannelName, number])[] = []
    const write = (up: readonly number[]) =>
      presence.write(
        lane => up.includes(lane),
        (lane, counts) => written.push(...counts.map(([channel, count]) => [lane, channel, count] as const)),
      )
    return { nodes, presence, written, write }
  }

  test('what changed is written once, and what is down waits', () => {
    const { presence, written, write } = scene()
    presence.count(one, 1)
    presence.count(one, 2)
    presence.count(two, 5)
    write([0])
    deepEqual(written.splice(0), [[0, one, 2]])
    presence.count(one, 2)
    write([0, 1])
    deepEqual(written.splice(0), [[1, two, 5]])
    presence.count(two, 0)
    write([0, 1])
    deepEqual(written, [[1, two, 0]])
    equal(presence.channels, 1)
  })

  test('all of a lane that came back is written again, and at the end taken back', () => {
    const { presence, written, write } = scene()
    presence.count(one, 1)
    presence.count(two, 2)
    write([0, 1])
    written.splice(0)
    presence.sayAgain(1)
    write([0, 1])
    deepEqual(written.splice(0), [[1, two, 2]])
    presence.giveUp(
      () => true,
      (lane, counts) => written.push(...counts.map(([channel, count]) => [lane, channel, count] as const)),
    )
    deepEqual(written, [
      [0, one, 0],
      [1, two, 0],
    ])
  })

  test('a call writes 250 at most, and a turn 2,000', () => {
    const presence = new Presence('us', new Nodes(0), { now: () => 0 }, () => 0)
    for (let n = 0; n < 2_100; n++) presence.count(channelName(`c${n}`), 1)
    const sizes: number[] = []
    const write = () =>
      presence.write(
        () => true,
        (_lane, counts) => sizes.push(counts.length),
      )
    write()
    deepEqual(sizes.splice(0), Array(8).fill(250))
    write()
    deepEqual(sizes, [100])
  })

  test('the dead and ourselves are not counted, and the dead are named', () => {
    const { nodes, presence } = scene()
    nodes.note(['us', 'they'], 0)
    const counts = ['us', '7', 'they', '20', 'gone', '300']
    deepEqual(presence.elsewhere(counts), { subscribers: 20, dead: [] })
    nodes.note(['us', 'they'], 10)
    deepEqual(presence.elsewhere(counts), { subscribers: 20, dead: ['gone'] })
  })

  test('a count is good for a second, and so many are remembered', () => {
    const { presence } = scene()
    presence.remember(one, 3, 0)
    equal(presence.remembered(one, 999), 3)
    equal(presence.remembered(one, 1_000), undefined)
    for (let n = 0; n < 10_000; n++) presence.remember(channelName(`c${n}`), 1, 0)
    equal(presence.remembered(one, 1), undefined)
    equal(presence.remembered(channelName('c0'), 1), 1)
  })
})

describe('patterns', () => {
  test('a pattern that was renewed too late has missed something', () => {
    const patterns = new Patterns()
    patterns.watch(0, 'a*', 0)
    ok(patterns.renewed(0, 'a*', leaseMs - 1))
    ok(!patterns.renewed(0, 'a*', 2 * leaseMs))
    // It was unwatched meanwhile.
    ok(patterns.renewed(0, 'b*', 0))
  })

  test('each lane has its own, and the last to go is told', () => {
    const patterns = new Patterns()
    patterns.watch(0, 'a*', 0)
    patterns.watch(0, '*b', 0)
    patterns.watch(1, 'a*', 0)
    ok(patterns.fits(0, 'xb') && !patterns.fits(1, 'xb') && !patterns.fits(2, 'xb'))
    ok(!patterns.unwatch(0, 'a*'))
    ok(!patterns.unwatch(0, 'a*'))
    ok(patterns.unwatch(0, '*b'))
    deepEqual(patterns.lanes, [1])
    patterns.forget(1)
    equal(patterns.count, 0)
  })
})
