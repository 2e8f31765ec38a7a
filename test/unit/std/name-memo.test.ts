import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { NameMemo } from '../../../src/std/name-memo.ts'

test('a name is looked for once, until there are too many or all is forgotten', () => {
  const asked: string[] = []
  const memo = new NameMemo(2, (name: string) => {
    asked.push(name)
    return { name }
  })
  const found = ['a', 'b', 'a', 'b', 'c', 'c', 'a'].map(name => memo.of(name).name)
  deepEqual(found, ['a', 'b', 'a', 'b', 'c', 'c', 'a'])
  deepEqual(asked.splice(0), ['a', 'b', 'c', 'a'])
  memo.clear()
  memo.of('c')
  deepEqual(asked, ['c'])
})
