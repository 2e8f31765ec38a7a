// Questions to the worker that owns a key.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Asker } from '../../../src/app/asker.ts'
import type { KeyQuestion } from '../../../src/threads/control.ts'

/** Keys in `b` are another worker's. */
function createAsker() {
  const sent: { readonly question: KeyQuestion; readonly done: (answer: unknown) => void }[] = []
  const asker = new Asker({
    room: 'gate',
    slot: 0,
    ownerOf: key => (String(key).startsWith('b') ? 1 : 0),
    here: (key, question) => `${key} ${question} here`,
    elsewhere: (question, done) => sent.push({ question, done }),
  })
  return { asker, sent }
}

test('one about a key of this worker is answered at once, and leaves it for nobody', () => {
  const { asker, sent } = createAsker()
  const answers: unknown[] = []
  asker.ask('a', 'what', answer => answers.push(answer))
  deepEqual([answers, sent.length, asker.owns('a')], [['a what here'], 0, true])
})

test('any other one goes to the owner', () => {
  const { asker, sent } = createAsker()
  const answers: unknown[] = []
  asker.ask('b', 'what', answer => answers.push(answer))
  deepEqual([answers, asker.owns('b')], [[], false])
  deepEqual(sent[0]?.question, { room: 'gate', key: 'b', question: 'what', slot: 1 })
  sent[0]?.done(7)
  deepEqual(answers, [7])
})

test('a thousand may be under way; one more is told undefined, until there is an answer', () => {
  const { asker, sent } = createAsker()
  const answers: unknown[] = []
  const ask = () => asker.ask('b', 'what', answer => answers.push(answer))
  for (let count = 0; count < 1_000; count++) ask()
  deepEqual([sent.length, answers], [1_000, []])
  ask()
  deepEqual([sent.length, answers], [1_000, [undefined]])
  sent[0]?.done(7)
  ask()
  deepEqual([sent.length, answers], [1_001, [undefined, 7]])
  equal(asker.owns('b'), false)
})
