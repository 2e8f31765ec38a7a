// Request targets to channels, and what becomes of those that are none.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseTarget } from '../../../src/frontends/pinghub/path.ts'

const channelOf = (raw: string) => {
  const target = parseTarget(raw, undefined)
  return target.kind === 'channel' ? target.channel : target.kind
}

describe('a target', () => {
  test('is the channel behind its first slash, decoded once', () => {
    const rows = [
      ['/', ''],
      ['/a', 'a'],
      ['/a/b/', 'a/b/'],
      ['/a%2Fb', 'a/b'],
      ['/%252F', '%2F'],
      ['/a+b', 'a+b'],
      ['/κ', 'κ'],
      ['/%ce%BA', 'κ'],
      ['/.a/..b/c.', '.a/..b/c.'],
      ['/...', '...'],
      ['/%EF%BF%BD', '\ufffd'],
      ['/a%00b', 'a\0b'],
    ] as const
    for (const [raw, channel] of rows) equal(channelOf(raw), channel, raw)
  })

  test('that is unclean is moved, with its query as it was', () => {
    const rows = [
      ['//', undefined, '/'],
      ['//a//b/../c', 'q=1&q=%zz', '/a/c?q=1&q=%zz'],
      ['/a/', '', undefined],
      ['//a', '', '/a?'],
      ['/a/.', undefined, '/a'],
      ['/a/./', undefined, '/a/'],
      ['/../..', undefined, '/'],
      ['/a/../..//b//', undefined, '/b/'],
      ['/%2e%2e/a', undefined, '/a'],
      ['//%c3%a4 \'!*"<%', undefined, undefined],
      ["//κ'!*(~-_.$&+,:;=@", undefined, '/%CE%BA%27%21%2A%28~-_.$&+,:;=@'],
      ['//%ff', undefined, '/%FF'],
      ['a', undefined, '/a'],
    ] as const
    for (const [raw, query, location] of rows) {
      const target = parseTarget(raw, query)
      equal(target.kind === 'moved' ? target.location : undefined, location, raw)
    }
  })

  test('is malformed where an escape or a character is none', () => {
    for (const raw of ['/%', '/%a', '/%zz', '/%%61', '/a\x7f', '/a\tb']) {
      deepEqual(parseTarget(raw, undefined), { kind: 'malformed' }, raw)
    }
    deepEqual(parseTarget('/a', 'b\x01'), { kind: 'malformed' })
  })

  test('that is no UTF-8 is told from one that is', () => {
    for (const raw of ['/%ff', '/%c3', '/%ed%a0%80', '/%c0%af', '/\ufffd'])
      equal(channelOf(raw), 'not-utf8', raw)
  })

  test('has up to 256 code points with its slash', () => {
    for (const character of ['a', 'κ', '%CE%BA', '😀', '%F0%9F%98%80']) {
      equal(typeof channelOf(`/${character.repeat(255)}`), 'string')
      equal(channelOf(`/${character.repeat(255)}`), decodeURIComponent(character).repeat(255))
      equal(channelOf(`/${character.repeat(256)}`), 'bad-length')
    }
  })
})
