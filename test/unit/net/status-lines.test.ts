import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { test } from 'node:test'
import { statusLineOf } from '../../../src/net/status-lines.ts'

test('statuses have the phrases of Node.js', () => {
  const statuses = Object.keys(STATUS_CODES).map(Number)
  assert.ok(statuses.length > 60)
  assert.deepEqual(
    statuses.map(statusLineOf),
    statuses.map(status => `${status} ${STATUS_CODES[status]}`),
  )
})

test('a status without a phrase keeps its space', () => {
  assert.equal(statusLineOf(299), '299 ')
})
