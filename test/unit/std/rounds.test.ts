import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Rounds } from '../../../src/std/rounds.ts'

test('one question is under way at most, and nobody gets an answer to an earlier one', () => {
  const asked: ((answer: number) => void)[] = []
  const rounds = new Rounds<number>(done => asked.push(done))
  const answers: string[] = []
  const ask = (name: string) => rounds.ask(answer => answers.push(`${name} ${answer}`))
  ask('a')
  ask('b')
  ask('c')
  equal(asked.length, 1)
  asked[0]?.(1)
  deepEqual(answers, ['a 1'])
  equal(asked.length, 2)
  asked[1]?.(2)
  deepEqual(answers, ['a 1', 'b 2', 'c 2'])
  equal(asked.length, 2)
})
