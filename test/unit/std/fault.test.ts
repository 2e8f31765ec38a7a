import { deepEqual, equal } from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { codeOf, Fault, faultText } from '../../../src/std/fault.ts'

test('a fault has a code, a sentence and what caused it, and is not tried again unless it says so', () => {
  const cause = new Error('the disk is full')
  const fault = new Fault('file-unwritable', 'it cannot be written', { cause })
  deepEqual(
    [fault.code, fault.message, fault.cause, fault.isRetryable],
    ['file-unwritable', 'it cannot be written', cause, false],
  )
  equal(new Fault('folder-held', 'it is in use', { isRetryable: true }).isRetryable, true)
})

test('whatever was thrown has a code and a message', () => {
  const thrown = (act: () => unknown): unknown => {
    try {
      return act()
    } catch (error) {
      return error
    }
  }
  const missing = thrown(() => statSync('/nowhere/at/all'))
  equal(codeOf(missing), 'ENOENT')
  equal(codeOf(new Fault('folder-held', 'it is in use')), 'folder-held')
  deepEqual([codeOf(new Error('plain')), faultText(new Error('plain'))], ['plain', 'plain'])
  deepEqual([codeOf('text'), faultText(7)], ['text', '7'])
})
