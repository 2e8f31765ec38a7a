// Every row of the table of malformed input, whole and cut, as far as the parser is concerned.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { faultAnswer } from '../../../src/net/gate/faults.ts'
import { rows } from '../../contracts/net/gate-malformed.ts'
import { type GateRow, limits } from '../../contracts/net/gate-malformed-row.ts'
import { rows as otherRows } from '../../contracts/net/malformed.ts'
import { cutAt, type ReadRequest, readPieces } from '../../helpers/gate/reading.ts'

function describeRequest({ head, body }: ReadRequest): string {
  return `${head.method} ${head.target}${body.length === 0 ? '' : ` ${body.toString('latin1')}`}`
}

function reactionTo(pieces: readonly Buffer[]): Omit<GateRow, 'name' | 'send'> {
  const { requests, outcome } = readPieces(pieces, limits)
  const begun = requests.find(({ isWhole }) => !isWhole)
  const isTold = outcome !== 'more' && outcome !== 'last' && outcome !== 'broken'
  return {
    served: requests.filter(({ isWhole }) => isWhole).map(describeRequest),
    ...(begun === undefined ? {} : { begun: `${begun.head.method} ${begun.head.target}` }),
    told: isTold ? faultAnswer(outcome, limits).toString('latin1') : '',
    closed: outcome !== 'more',
  }
}

const byByte = (bytes: Buffer) =>
  cutAt(
    bytes,
    Array.from(bytes, (_, index) => index),
  )

describe('a gate reads, whole and cut at every byte', () => {
  for (const { name, send, ...reaction } of rows) {
    test(name, () => {
      const bytes = Buffer.from(send, 'latin1')
      deepEqual(reactionTo([bytes]), reaction)
      deepEqual(reactionTo(byByte(bytes)), reaction)
      for (let at = 1; at < bytes.length; at++)
        deepEqual(reactionTo(cutAt(bytes, [at])), reaction, `cut at ${at}`)
    })
  }

  test('the table is what it is meant to be', () => {
    ok(rows.length >= 180, `${rows.length} rows`)
    equal(new Set(rows.map(({ name }) => name)).size, rows.length)
    equal(new Set(rows.map(({ send }) => send)).size, rows.length)
  })

  test('the rows of the other listeners, the same however they are cut', () => {
    for (const { name, send } of otherRows) {
      const bytes = Buffer.from(send.join(''), 'latin1')
      const whole = reactionTo([bytes])
      deepEqual(reactionTo(byByte(bytes)), whole, name)
      deepEqual(reactionTo(send.map(segment => Buffer.from(segment, 'latin1'))), whole, name)
    }
  })
})
