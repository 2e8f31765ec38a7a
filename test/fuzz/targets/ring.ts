// What nodes of a ring ask one another, and are answered: another version may have written it, so whatever comes is taken as
// it was meant, or not at all.
import assert, { deepEqual } from 'node:assert/strict'
import { parseChannelName } from '../../../src/engine/words/publication.ts'
import { packAnswers, parseAnswers } from '../../../src/ring/answers.ts'
import { packQuestions, parseQuestions, questionsMax } from '../../../src/ring/questions.ts'
import { packExact, unpack } from '../../../src/std/msgpack.ts'
import { damagedValues } from '../damage.ts'
import type { Target } from '../target.ts'

const payload = Buffer.from('{"n":1}')
const asked = [
  [
    ['publish', ['news', 'fuzz', 'key', 0, payload, ['id', 'event'], { loud: payload }, ['i2', 'i1']]],
    ['presence', 'news'],
    ['inspect', 'news', 'e1', 41, 100, 'i1'],
    ['inspect', 'news', '', -1, 0, null],
  ],
  [],
]
const answered = [
  [
    ['published', 'e1', 41, 3, false],
    ['present', -1],
    ['inspected', 'news', 'e1', 41, 2, [[41, 0, payload, ['id']]], true, false, 1, 600, 41],
    ['refused', 'owner-lost'],
  ],
  [
    ['unplaced', 'held', 2],
    ['present', 2],
    ['refused', 'elsewhere'],
    ['refused', 'draining'],
  ],
]

const questions: Target = {
  name: 'ring-questions',
  inputs: damagedValues(asked),
  check(bytes) {
    const parsed = parseQuestions(bytes)
    if (parsed === undefined) return
    assert(parsed.length <= questionsMax)
    for (const question of parsed) {
      const channel = question.kind === 'publish' ? question.draft.channel : question.channel
      deepEqual(parseChannelName(channel), channel)
    }
    // What was understood is said again in the same way.
    const again = packQuestions(parsed)
    // The library leaves a view of its own on what it read, so the bytes are compared alone.
    deepEqual(Buffer.from(packQuestions(parseQuestions(again) ?? [])), Buffer.from(again))
  },
}

const known = parseQuestions(packExact(asked[0])) ?? []
assert(known.length > 0)

const answers: Target = {
  name: 'ring-answers',
  inputs: damagedValues(answered),
  check(bytes) {
    const parsed = parseAnswers(bytes, known)
    if (parsed === undefined) return
    deepEqual(
      parsed.map(({ kind }) => kind),
      known.map(({ kind }) => kind),
    )
    assert(Array.isArray(unpack(packAnswers(parsed, known))))
  },
}

export const ringTargets: readonly Target[] = [questions, answers]
