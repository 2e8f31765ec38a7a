// The model notices what it is there to notice: with a fault played on the engines it finds a sequence that shows it.
import { equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Mutation } from '../helpers/mesh-mutation.ts'
import { checkModel } from '../helpers/model-property.ts'

const runs = 200

/** The faults, and what the model says of them. */
const faults: readonly { readonly mutation: Mutation; readonly says: RegExp }[] = [
  { mutation: 'lose-batch', says: /has everything|contiguous|for no reason|covers|was never answered/ },
  { mutation: 'answer-early', says: /where nothing is|with the place of another/ },
  { mutation: 'live-early', says: /has everything|contiguous|for no reason|covers/ },
]

describe('the model', () => {
  for (const { mutation, says } of faults) {
    test(`goes red under ${mutation}`, t => {
      const { failed, errorInstance } = checkModel(t, runs, mutation)
      equal(failed, true)
      match(String(errorInstance), says)
    })
  }

  test('is green without a fault', t => {
    const { failed, errorInstance } = checkModel(t, runs)
    equal(failed, false, String(errorInstance))
  })
})
