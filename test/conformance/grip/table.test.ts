// What must hold of the table itself, whoever it is played against.
import { deepEqual, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { deviations } from './deviations.ts'
import { all } from './exchanges.ts'

describe('the table', () => {
  test('has a target of its own for each row, since rows are played side by side', () => {
    const paths = all.flatMap(({ origin }) => origin.map(({ path }) => path))
    deepEqual(
      paths.filter((path, index) => paths.indexOf(path) !== index),
      [],
    )
  })

  test('has an expectation for each step, and differences for steps that there are', () => {
    for (const { name, send, expect, differs } of all) {
      ok(send.length === expect.length, name)
      for (const step of Object.keys(differs?.expect ?? {}))
        ok(1 <= Number(step) && Number(step) <= send.length, name)
    }
  })

  test('needs every reason for a difference', () => {
    const used = new Set(all.flatMap(({ differs }) => (differs === undefined ? [] : [differs.why])))
    deepEqual([...used].sort(), Object.keys(deviations).sort())
  })
})
