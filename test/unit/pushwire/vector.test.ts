// Cursors and laps, and positions as text.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { parseEpoch } from '../../../src/engine/words/position.ts'
import {
  cursorOf,
  lapAbove,
  lapOf,
  offsetOf,
  parseCursor,
} from '../../../src/frontends/pushwire/wire/cursors.ts'
import {
  fitsVector,
  formatVector,
  parseVector,
  vectorPlacesMax,
  vectorUnitsMax,
} from '../../../src/frontends/pushwire/wire/vector.ts'

const lapLength = 2 ** 51

test('lap and offset are read off any cursor', () => {
  for (const lap of [0, 1, 2, 3] as const) {
    for (const offset of [0, 1, 113_400_000_000_000, lapLength - 1]) {
      const cursor = cursorOf(lap, offset)
      equal(Number.isSafeInteger(cursor), true)
      deepEqual([lapOf(cursor), offsetOf(cursor)], [lap, offset])
    }
  }
  equal(cursorOf(3, lapLength - 1), Number.MAX_SAFE_INTEGER)
})

test('a feed goes on in the lowest lap, not below its own, in which its client has seen nothing as high', () => {
  for (const [lap, offset, highest, expected] of [
    [0, 7, 0, 0],
    [0, 7, 6, 0],
    [0, 7, 7, 1],
    [2, 7, 0, 2],
    [0, 7, lapLength + 6, 1],
    [0, 7, lapLength + 7, 2],
    [1, 7, 3 * lapLength + 6, 3],
    [1, 7, 3 * lapLength + 7, undefined],
    [0, 7, Number.MAX_SAFE_INTEGER, undefined],
  ] as const) {
    equal(lapAbove(lap, offset, highest), expected)
  }
})

test('a cursor of a query is digits', () => {
  for (const cursor of [0, 42, Number.MAX_SAFE_INTEGER]) equal(parseCursor(String(cursor)), cursor)
  equal(parseCursor('007'), 7)
  for (const text of ['', ' 7', '-1', '1.0', '1e3', '0x1', '9007199254740992', '18446744073709551615', '٣']) {
    equal(parseCursor(text), undefined)
  }
})

const epoch = parseEpoch('9f2c01ab')

test('positions are written and read again', () => {
  const vector = new Map([
    ['chat', { epoch, cursor: 42 }],
    ['data.x-1', { epoch: undefined, cursor: 0 }],
  ])
  const text = 'chat:9f2c01ab.42,data.x-1:0'
  equal(formatVector(vector), text)
  deepEqual(parseVector(text), vector)
  deepEqual(parseVector('{"chat":"9f2c01ab.42","data.x-1":0}'), vector)
  equal(formatVector([]), '')
  for (const empty of ['', '  ', '{}', ' { } ']) deepEqual(parseVector(empty), new Map())
})

test('either form may have blanks, the last of equal names counts, and names of no channel are dropped', () => {
  const vector = new Map([['chat', { epoch: undefined, cursor: 2 }]])
  for (const text of [
    ' chat : 1 , chat:2 ',
    'chat:2,Chat:3,:4,a b:5,ä:6,__proto__:7',
    `chat:2,${'n'.repeat(65)}:3`,
    '{"chat":1, "ch\\u0061t" : 2 }',
    '{"chat":"2","a,b":3,"":4,"__proto__":5}',
  ]) {
    deepEqual(parseVector(text), vector, text)
  }
})

test('what is no vector is none', () => {
  for (const text of [
    'chat',
    'chat:',
    ':',
    ',',
    'chat:1,',
    ',chat:1',
    'chat:-1',
    'chat:1.5.7',
    'chat:.7',
    'chat:a.',
    'chat:9007199254740992',
    'chat:9f2c01ab.42 data:7',
    'x:y:8',
    `chat:${'e'.repeat(65)}.7`,
    '42',
    '[1]',
    '{',
    '{"chat":1}x',
    '{"chat":null}',
    '{"chat":[1]}',
    '{"chat":{"a":1}}',
    '{"chat":1.5}',
    '{"chat":1e3}',
    '{"chat":true}',
  ]) {
    equal(parseVector(text), undefined, text)
  }
})

test('a vector has a bound in places and in length', () => {
  const names = Array.from({ length: vectorPlacesMax }, (_, n) => `c${n}`)
  const list = names.map(name => `${name}:1`).join()
  const object = `{${names.map(name => `"${name}":1`).join()}}`
  equal(parseVector(list)?.size, vectorPlacesMax)
  equal(parseVector(object)?.size, vectorPlacesMax)
  equal(parseVector(`${list},c:1`), undefined)
  equal(parseVector(object.replace('}', ',"c":1}')), undefined)
  const short = 'chat:1'
  equal(parseVector(short.padEnd(vectorUnitsMax))?.size, 1)
  equal(parseVector(short.padEnd(vectorUnitsMax + 1)), undefined)
})

test('channels fit a vector where it can be read again at its longest', () => {
  const cursor = Number.MAX_SAFE_INTEGER
  for (const length of [1, 40, 54, 55, 64]) {
    const names = Array.from({ length: vectorPlacesMax }, (_, n) =>
      `n${n}`.padEnd(length, 'x').slice(0, length),
    )
    const places = names.map(name => [name, { epoch, cursor }] as const)
    const isRead = parseVector(formatVector(places)) !== undefined
    equal(fitsVector(names), isRead, `names of ${length}`)
    equal(fitsVector([...names, 'c']), false)
  }
})
