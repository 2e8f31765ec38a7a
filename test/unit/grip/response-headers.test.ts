// What is said of the client, and the headers of answers (contract §4.2, §4.6, §4.7, §5.2).
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { countsAsTls, logicalPeer, parseForwardRule } from '../../../src/frontends/grip/proxy/forwarded.ts'
import { requestHeaders } from '../../../src/frontends/grip/proxy/request-headers.ts'
import {
  acceptedHeaders,
  exposedNames,
  isAccepted,
  passedHeaders,
} from '../../../src/frontends/grip/proxy/response-headers.ts'
import { callOf } from './given.ts'

describe('what is said of the client', () => {
  test('a proxy in front is believed where the settings say so', () => {
    equal(countsAsTls(['x-forwarded-proto', 'https'], false, false), false)
    equal(countsAsTls(['x-forwarded-proto', 'https'], false, true), true)
    equal(countsAsTls(['X-Forwarded-Protocol', 'wss'], false, true), true)
    equal(countsAsTls(['X-Forwarded-Protocol', 'http'], true, true), true)
    equal(countsAsTls([], false, true), false)
  })

  test('rules of X-Forwarded-For', () => {
    deepEqual(parseForwardRule(['truncate:0', 'append']), { ok: true, rule: { keep: 0, append: true } })
    deepEqual(parseForwardRule([]), { ok: true, rule: { keep: undefined, append: false } })
    deepEqual(parseForwardRule(['append', 'truncate:x']), { ok: false, word: 'truncate:x' })
    const raw = ['X-Forwarded-For', '1.1.1.1, 2.2.2.2']
    equal(logicalPeer(raw, { keep: undefined, append: false }, 'p'), '1.1.1.1')
    equal(logicalPeer(raw, { keep: 0, append: true }, 'p'), 'p')
    equal(logicalPeer([], { keep: undefined, append: true }, 'p'), 'p')
  })

  test('a connection without an address adds none', () => {
    const call = callOf('* t:1', { peer: '', settings: { forwardedFor: { keep: undefined, append: true } } })
    ok(!requestHeaders(['Host', 'h'], call).includes('X-Forwarded-For'))
  })
})

describe('an answer towards the client', () => {
  const raw = [
    ['Date', 'd'],
    ['Connection', 'close'],
    ['keep-alive', 'x'],
    ['Transfer-Encoding', 'chunked'],
    ['Content-Encoding', 'gzip'],
    ['Content-Length', '3'],
    ['Grip-Hold', 'stream'],
    ['Set-Cookie', 'a'],
    ['Set-Cookie', 'b'],
  ].flat()

  test('loses what belongs to one hop (§4.6, fault 15, row 51)', () => {
    deepEqual(
      passedHeaders(raw),
      [
        ['Date', 'd'],
        ['Content-Encoding', 'gzip'],
        ['Content-Length', '3'],
        ['Grip-Hold', 'stream'],
        ['Set-Cookie', 'a'],
        ['Set-Cookie', 'b'],
      ].flat(),
    )
  })

  test('loses instructions and length where it is accepted (§5.2)', () => {
    const kept = ['Date', 'd', 'Content-Encoding', 'gzip', 'Set-Cookie', 'a', 'Set-Cookie', 'b']
    deepEqual(acceptedHeaders(raw, undefined), kept)
    deepEqual(acceptedHeaders(raw, new Set(['date', 'grip-hold'])), ['Date', 'd'])
    deepEqual(acceptedHeaders(raw, new Set()), [])
  })

  test('says which headers are exposed', () => {
    equal(exposedNames(raw), undefined)
    const names = exposedNames(['Grip-Expose-Headers', 'Date, X-A', 'grip-expose-headers', 'ETag'])
    deepEqual([...(names ?? [])], ['date', 'x-a', 'etag'])
  })

  test('is accepted by any header of ours, or by its type (§4.7)', () => {
    ok(isAccepted(['gRIP-x', '']))
    ok(isAccepted(['content-type', 'application/grip-instruct']))
    ok(isAccepted(['Content-Type', 'Application/GRIP-Instruct; charset=utf-8']))
    ok(!isAccepted(['Content-Type', 'application/grip-instruction', 'X-Grip', '1']))
  })
})
