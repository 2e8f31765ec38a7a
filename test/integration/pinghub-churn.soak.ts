// The same for longer than a test should take.
import { test } from 'node:test'
import { churn } from '../helpers/pinghub/churn.ts'

test('51 subscribers get all 40,000 posts of 20 publishers in one order while 50,000 clients come and go', async t => {
  await churn(t, { steady: 51, passing: 50_000, publishers: 20, posts: 40_000, deadlineMs: 60_000 })
})
