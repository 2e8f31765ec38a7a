// The map over nodes, and what a change of it moves: exact parts, held against many keys.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ketamaRing, plainRing } from '../../../src/engine/ring.ts'
import { createNodeMap, type NodeShape, type RingShape, sharesOf } from '../../../src/ring/node-map.ts'
import { movedOf, planOf } from '../../../src/ring/plan.ts'

function node(name: string, host: number, workers: number, weight = 1): NodeShape {
  return {
    name,
    weight,
    labels: Array.from({ length: workers }, (_, slot) => `10.0.0.${host}:${8090 + slot}`),
  }
}

const nodes = [node('a', 1, 2), node('b', 2, 3, 2), node('c', 3, 2)]
const keys = Array.from({ length: 20_000 }, (_, index) => `room/${index}`)
const maps = ['ketama', 'plain'] as const

function ownersOf(shape: RingShape): readonly (string | undefined)[] {
  const placeOf = createNodeMap(shape)
  return keys.map(key => shape.nodes[placeOf(key).node]?.name)
}

describe('the map over nodes', () => {
  test("is the proxy's over all workers: nodes, then their workers, each with the weight of its node", () => {
    const weights = [1, 1, 2, 2, 2, 1, 1]
    const rings = {
      ketama: ketamaRing(
        nodes.flatMap(({ labels }) => labels),
        weights,
      ),
      plain: plainRing(weights),
    }
    const places = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 0],
      [2, 1],
    ]
    for (const map of maps) {
      const placeOf = createNodeMap({ map, nodes })
      for (const key of keys.slice(0, 2_000)) {
        const { node: at, slot } = placeOf(key)
        deepEqual([at, slot], places[rings[map](key)])
      }
    }
  })

  test('of one node with one worker gives it everything', () => {
    for (const map of maps)
      deepEqual(createNodeMap({ map, nodes: [node('a', 1, 1)] })('x'), { node: 0, slot: 0 })
  })
})

describe('a plan', () => {
  for (const map of maps) {
    test(`has parts that are those of many keys (${map})`, () => {
      const before = { map, nodes }
      const after = { map, nodes: [node('a', 1, 2, 3), node('b', 2, 3, 2), node('d', 4, 2)] }
      const [one, other] = [ownersOf(before), ownersOf(after)]
      let sum = 0
      for (const share of sharesOf(before, after)) {
        sum += share.part
        const counted = keys.filter((_, at) => one[at] === share.before && other[at] === share.after).length
        // Five times what chance allows a part of 20,000 keys.
        const spread = 5 * Math.sqrt((share.part * (1 - share.part)) / keys.length)
        ok(Math.abs(counted / keys.length - share.part) <= spread, JSON.stringify({ share, counted }))
      }
      ok(Math.abs(sum - 1) < 1e-9, `parts are ${sum} together`)
    })

    test(`of no change moves nothing (${map})`, () => {
      const plan = planOf({ map, nodes }, { map, nodes })
      equal(plan.moves, 0)
      ok(Math.abs(plan.nodes.reduce((sum, { before }) => sum + before, 0) - 1) < 1e-9)
    })
  }

  test('of a fifth node moves about a fifth, all of it there', () => {
    const four = { map: 'ketama', nodes: [1, 2, 3, 4].map(at => node(`n${at}`, at, 8)) } as const
    const five = { map: 'ketama', nodes: [...four.nodes, node('n5', 5, 8)] } as const
    const { moves, nodes: changes } = planOf(four, five)
    ok(moves > 0.17 && moves < 0.23, `${moves}`)
    deepEqual(
      changes.filter(({ joins }) => joins > 0).map(({ name }) => name),
      ['n5'],
    )
    const channels = keys.map(name => ({ name, subscribers: undefined }))
    const moved = movedOf(four, five, channels)
    ok(Math.abs(moved.length / keys.length - moves) < 0.02)
    const after = createNodeMap(five)
    ok(moved.every(({ name }) => after(name).node === 4))
  })
})
