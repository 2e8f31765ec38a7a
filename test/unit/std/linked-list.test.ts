import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Linked, LinkedList } from '../../../src/std/linked-list.ts'

interface Entry extends Linked<Entry> {
  readonly name: number
}

const entryOf = (name: number): Entry => ({ name, before: undefined, after: undefined })

function namesOf(list: LinkedList<Entry>): number[] {
  return Array.from(list, ({ name }) => name)
}

/** From the end to the beginning. */
function namesBackwards(list: LinkedList<Entry>): number[] {
  let last = list.first
  while (last?.after !== undefined) last = last.after
  const names: number[] = []
  for (let entry = last; entry !== undefined; entry = entry.before) names.push(entry.name)
  return names
}

describe('a linked list', () => {
  test('of nothing has no first entry', () => {
    const list = new LinkedList<Entry>()
    deepEqual([list.first, list.size], [undefined, 0])
  })

  test('lets an entry leave once, wherever it stands, and forgets its neighbours', () => {
    const list = new LinkedList<Entry>()
    const entry = entryOf(1)
    list.append(entry)
    list.remove(entry)
    list.remove(entry)
    deepEqual([list.first, list.size], [undefined, 0])
    list.append(entry)
    equal(list.first, entry)
  })

  test('keeps the order in which entries came, whichever leave and come again', () => {
    const step = fc.record({ name: fc.nat({ max: 9 }), move: fc.constantFrom('leave', 'come', 'use') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const list = new LinkedList<Entry>()
        const entries = Array.from({ length: 10 }, (_, name) => entryOf(name))
        let model: number[] = []
        for (const { name, move } of steps) {
          const entry = entries[name] ?? entryOf(name)
          const isIn = model.includes(name)
          model = model.filter(other => other !== name)
          if (move === 'use' && isIn) list.used(entry)
          else list.remove(entry)
          if (move === 'come') list.append(entry)
          if (move === 'come' || (move === 'use' && isIn)) model.push(name)
        }
        deepEqual(namesOf(list), model)
        deepEqual(namesBackwards(list), model.toReversed())
        equal(list.size, model.length)
      }),
    )
  })
})
