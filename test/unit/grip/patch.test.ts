// Patches of stored bodies: rows 212 to 215 of the contract with what is mended in them, and the operations of RFC 6902.
import { equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { applyPatch } from '../../../src/frontends/grip/item/patch.ts'

function patched(stored: string, ...operations: unknown[]): string {
  return Buffer.from(applyPatch(Buffer.from(stored), JSON.stringify(operations))).toString()
}

const [add, remove, replace, move, copy] = ['add', 'remove', 'replace', 'move', 'copy']

const rows: readonly [what: string, stored: string, operations: readonly object[], expected: string][] = [
  ['replace', '{"a":1}\n', [{ op: replace, path: '/a', value: 2 }], '{"a":2}\n'],
  ['add at an index inserts', '{"l":[1,2]}', [{ op: add, path: '/l/0', value: 3 }], '{"l":[3,1,2]}'],
  ['add behind the last', '[1]', [{ op: add, path: '/1', value: 2 }], '[1,2]'],
  ['append', '[1]\r\n', [{ op: add, path: '/-', value: [] }], '[1,[]]\r\n'],
  ['remove', '{"b":1,"a":{"c":2}}', [{ op: remove, path: '/a/c' }], '{"a":{},"b":1}'],
  ['remove an element', '[1,2,3]', [{ op: remove, path: '/1' }], '[1,3]'],
  ['move', '{"a":[1],"b":{}}', [{ op: move, from: '/a/0', path: '/b/x' }], '{"a":[],"b":{"x":1}}'],
  ['move within a list', '[1,2,3]', [{ op: move, from: '/0', path: '/2' }], '[2,3,1]'],
  [
    'copy is of its own',
    '{"a":{}}',
    [
      { op: copy, from: '/a', path: '/b' },
      { op: add, path: '/a/x', value: 1 },
    ],
    '{"a":{"x":1},"b":{}}',
  ],
  [
    'test that holds',
    '{"a":{"y":1,"x":2}}',
    [
      { op: 'test', path: '/a', value: { x: 2, y: 1 } },
      { op: remove, path: '/a' },
    ],
    '{}',
  ],
  [
    'escapes',
    '{"a/b":1,"m~n":2}',
    [
      { op: remove, path: '/a~1b' },
      { op: replace, path: '/m~0n', value: 3 },
    ],
    '{"m~n":3}',
  ],
  ['the whole document', '{"a":1}', [{ op: replace, path: '', value: [1] }], '[1]'],
  ['an empty name', '{"":1}', [{ op: replace, path: '/', value: 2 }], '{"":2}'],
  ['no operation sorts and packs', '{ "b" : 1,\n "a" : 2 }\n', [], '{"a":2,"b":1}\n'],
  ['prototypes are names', '{}', [{ op: add, path: '/constructor', value: 1 }], '{"constructor":1}'],
]

const failures: readonly (readonly [what: string, stored: string, operations: readonly object[]])[] = [
  ['no JSON', 'timeout\n', [{ op: add, path: '/a', value: 1 }]],
  ['no such path', '{"a":1}', [{ op: replace, path: '/b', value: 1 }]],
  [
    'half of it goes',
    '{ "a":1}',
    [
      { op: replace, path: '/a', value: 2 },
      { op: remove, path: '/b' },
    ],
  ],
  ['unknown operation', '{ "a":1}', [{ op: 'increase', path: '/a' }]],
  ['no operation', '{ "a":1}', [[]]],
  ['no value', '{ "a":1}', [{ op: add, path: '/a' }]],
  ['test that fails', '{ "a":1}', [{ op: 'test', path: '/a', value: '1' }]],
  ['beyond the end', '[ 1]', [{ op: add, path: '/2', value: 1 }]],
  ['index with a zero', '[ 1,2]', [{ op: remove, path: '/01' }]],
  ['no pointer', '{ "a":1}', [{ op: remove, path: 'a' }]],
  ['bad escape', '{ "a":1}', [{ op: remove, path: '/~2' }]],
  ['into itself', '{ "a":{}}', [{ op: move, from: '/a', path: '/a/b' }]],
  ['all of it away', '{ "a":1}', [{ op: remove, path: '' }]],
  ['inherited', '{ }', [{ op: remove, path: '/constructor' }]],
  ['into a number', '{ "a":1}', [{ op: add, path: '/a/b', value: 1 }]],
  ['too many', '[ 1]', Array(1_001).fill({ op: 'test', path: '/0', value: 1 })],
]

describe('patches', () => {
  for (const [what, stored, operations, expected] of rows) {
    test(what, () => equal(patched(stored, ...operations), expected))
  }

  test('members called __proto__ are members', () => {
    const stored = Buffer.from('{"__proto__":{"a":1}}')
    const patch =
      '[{"op":"copy","from":"/__proto__","path":"/b"},{"op":"add","path":"/__proto__","value":[]}]'
    equal(Buffer.from(applyPatch(stored, patch)).toString(), '{"__proto__":[],"b":{"a":1}}')
  })

  test('one that fails leaves the body as it is stored', () => {
    for (const [what, stored, operations] of failures) equal(patched(stored, ...operations), stored, what)
    const stored = Buffer.from('{ }')
    for (const patch of ['{}', 'no JSON', 'null']) equal(applyPatch(stored, patch), stored)
  })

  test('copies of copies end soon', () => {
    const doubling = Array.from({ length: 900 }, (_, n) => ({ op: copy, from: '', path: `/${n}` }))
    const stored = '{ "a":"x"}'
    equal(patched(stored, ...doubling), stored)
    const deepening = Array.from({ length: 900 }, () => ({ op: copy, from: '/a', path: '/a/a' }))
    equal(patched('{ "a":{}}', ...deepening), '{ "a":{}}')
  })

  test('what is patched is one compact line of JSON, whatever the document', () => {
    fc.assert(
      fc.property(fc.json(), json => {
        const text = patched(`${json}\n`)
        ok(text.endsWith('\n') && JSON.stringify(JSON.parse(text)).length === text.length - 1)
      }),
    )
  })
})
