// What nodes say of themselves to each other, and what follows from it.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aboutText, type Difference, differencesFrom, parseAbout } from '../../../src/cluster/about.ts'
import { Differences } from '../../../src/cluster/differences.ts'

const own = { version: '1.2.3', namespaces: 'aa', protocols: 'bb' }
const from = (texts: Record<string, string>) => differencesFrom(own, new Map(Object.entries(texts)))

describe('what a node says of itself', () => {
  test('is read as it was written', () => {
    deepEqual(parseAbout(aboutText(own)), own)
  })

  test('is nothing where anybody else wrote it', () => {
    for (const text of ['', ' ', 'a', 'a=1  b=2', 'a=\n', 'a=<b>', 'a=1=2', `a=${'x'.repeat(500)}`]) {
      deepEqual(parseAbout(text), {}, text)
    }
  })

  test('differs by what is another one, and by nothing that is not said', () => {
    deepEqual(
      from({
        same: aboutText(own),
        silent: '',
        older: 'version=1.2.3',
        newer: aboutText({ ...own, more: 'x' }),
      }),
      [],
    )
    deepEqual(from({ b: aboutText({ ...own, version: '2', protocols: 'x' }), c: 'namespaces=0' }), [
      { node: 'b', parts: ['version', 'protocols'], version: '2' },
      { node: 'c', parts: ['namespaces'] },
    ])
    deepEqual(from({ 'no node\n': 'version=2' }), [])
    deepEqual(from({ b: '__proto__=2 constructor=3 toString=4' }), [])
  })

  test('is told when it changes, and counted', () => {
    const told: (readonly Difference[])[] = []
    const differences = new Differences(own, now => told.push(now))
    const note = (texts: Record<string, string>) => differences.note(new Map(Object.entries(texts)))
    note({ a: aboutText(own) })
    note({ b: 'version=2' })
    note({ b: 'version=2' })
    equal(differences.count, 1)
    note({})
    deepEqual(told, [[{ node: 'b', parts: ['version'], version: '2' }], []])
    equal(differences.count, 0)
  })

  test('is told of a hundred nodes at most', () => {
    const told: number[] = []
    const differences = new Differences(own, now => told.push(now.length))
    differences.note(new Map(Array.from({ length: 300 }, (_, n) => [`n${n}`, 'version=2'])))
    deepEqual([told, differences.count], [[100], 300])
  })
})
