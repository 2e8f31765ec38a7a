import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { compact, elementsOf, membersOf } from '../../../src/std/json-text.ts'

describe('JSON text in parts', () => {
  test('keeps digits, order, equal names and escapes', () => {
    deepEqual(elementsOf(' [ 1.0 , "a,]\\"" ,{"b":[1,2]}, [] ]\n'), ['1.0', '"a,]\\""', '{"b":[1,2]}', '[]'])
    deepEqual(elementsOf('[ \n]'), [])
    deepEqual(membersOf('{"b" : 1e400,"\\u0061":":","b":{}}'), [
      { name: 'b', text: '1e400' },
      { name: 'a', text: '":"' },
      { name: 'b', text: '{}' },
    ])
    deepEqual(membersOf('{}'), [])
  })

  test('loses no more than white space that means nothing', () => {
    equal(compact(' {"a b" : [ 1.50 ,\t"\\" ]" ] ,\r\n"c":null } '), '{"a b":[1.50,"\\" ]"],"c":null}')
  })

  test('has the parts of any value, however it is laid out', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1, '\t'), (values, space) => {
        const text = JSON.stringify(values, null, space)
        equal(compact(text), JSON.stringify(values))
        deepEqual(
          elementsOf(text).map(part => compact(part)),
          values.map(value => JSON.stringify(value)),
        )
      }),
    )
  })
})
