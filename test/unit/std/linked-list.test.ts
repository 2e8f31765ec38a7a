import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Linked, LinkedList } from '../../../src/std/linked-list.ts'

interface Entry extends Linked<Entry> {
  readonly name: number
}

const entryOf = (name: number): Entry => ({ name, previous: undefined, next: undefined })

function namesOf(list: LinkedList<Entry>): number[] {
  const names: number[] = []
  for (let entry = list.first; entry !== undefined; entry = entry.next) names.push(entry.name)
  return names
}

/** From the end to the beginning. */
function namesBackwards(list: LinkedList<Entry>): number[] {
  let last = list.first
  while (last?.next !== undefined) last = last.next
  const names: number[] = []
  for (let entry = last; entry !== undefined; entry = entry.previous) names.push(entry.name)
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
    const step = fc.record({ name: fc.nat({ max: 9 }), comes: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const list = new LinkedList<Entry>()
        const entries = Array.from({ length: 10 }, (_, name) => entryOf(name))
        let model: number[] = []
        for (const { name, comes } of steps) {
          const entry = entries[name] ?? entryOf(name)
          list.remove(entry)
          model = model.filter(other => other !== name)
          if (!comes) continue
          list.append(entry)
          model.push(name)
        }
        deepEqual(namesOf(list), model)
        deepEqual(namesBackwards(list), model.toReversed())
        equal(list.size, model.length)
      }),
    )
  })
})
