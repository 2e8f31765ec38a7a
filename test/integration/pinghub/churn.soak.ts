// The same for longer than a test should take, on one daemon and always the same paths. In rounds, because the clients
// answer no ping and what they heard is kept.
import { test } from 'node:test'
import { churn } from '../../helpers/pinghub/churn.ts'
import { progress, scaled } from '../../helpers/soak/budget.ts'

test('51 subscribers get all posts of 20 publishers in one order while clients come and go', async t => {
  const rounds = scaled(20)
  const round = { steady: 51, passing: 5_000, publishers: 20, posts: 4_000, deadlineMs: 60_000 }
  await churn(t, round, rounds, done => progress(`pinghub, round ${done} of ${rounds}: ${round.posts} posts`))
})
