import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hostName, unfitHost, unfitOrigin } from '../../../src/std/origin.ts'

describe('an origin in a list', () => {
  test('is one as browsers send it, in any case, and a slash at its end is forgiven', () => {
    for (const text of [
      'https://example.org',
      'https://example.org/',
      'HTTPS://Example.ORG',
      'http://example.org:8080',
      'http://localhost',
      'http://127.0.0.1:3000',
      'https://[::1]:9',
      'https://[2001:db8::1]',
      'https://xn--mnchen-3ya.example',
      'https://example.org.',
      'http://example.org:443',
      'capacitor://localhost',
      'chrome-extension://abcdefghijklmnop',
    ]) {
      deepEqual(unfitOrigin(text), undefined, text)
    }
  })

  const unfit: readonly (readonly [text: string, meant: string | undefined])[] = [
    ['example.org', 'https://example.org'],
    ['example.org:8443', 'https://example.org:8443'],
    ['//example.org', 'https://example.org'],
    ['localhost:3000', 'http://localhost:3000'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['https://example.org/app', 'https://example.org'],
    ['https://example.org/?a=b#c', 'https://example.org'],
    ['https://user@example.org', 'https://example.org'],
    ['https://example.org:443', 'https://example.org'],
    ['http://example.org:80', 'http://example.org'],
    ['https://example.org:', 'https://example.org'],
    ['https://example.org:0443', 'https://example.org'],
    ['wss://example.org', 'https://example.org'],
    ['ws://example.org:8080/x', 'http://example.org:8080'],
    ['https://m\u00fcnchen.example', 'https://xn--mnchen-3ya.example'],
    ['https://[0:0:0:0:0:0:0:1]', 'https://[::1]'],
    ['http://127.1', 'http://127.0.0.1'],
    ['example', undefined],
    ['https://', undefined],
    ['https://exa mple.org', undefined],
    ['https://example.org:65536', undefined],
    ['://x', undefined],
    ['%zz', undefined],
    ['', undefined],
  ]
  for (const [text, meant] of unfit) {
    test(`is not ${JSON.stringify(text)}${meant === undefined ? '' : `, which means ${meant}`}`, () => {
      const reason = 'no origin as browsers send it (scheme://host[:port])'
      deepEqual(unfitOrigin(text), { reason, meant })
      if (meant !== undefined) equal(unfitOrigin(meant), undefined)
    })
  }

  test('has no star, and is not that of pages without one', () => {
    for (const text of ['*', 'https://*.example.org', '*.example.org']) {
      const { reason, meant } = unfitOrigin(text) ?? {}
      match(String(reason), /a star stands for nothing in it/)
      equal(meant, undefined)
    }
    match(String(unfitOrigin('null')?.reason), /every page without an origin/)
  })
})

describe('a host in a list', () => {
  test('is a name or an address, with a port or without', () => {
    for (const [text, name] of [
      ['ops.example.org', 'ops.example.org'],
      ['Push.Internal:8080', 'push.internal'],
      ['ops:', 'ops'],
      ['10.0.0.1', '10.0.0.1'],
      ['[::1]:7878', '[::1]'],
    ] as const) {
      equal(hostName(text), name)
      deepEqual(unfitHost(text), undefined, text)
    }
  })

  for (const [text, meant] of [
    ['http://ops:7878', 'ops'],
    ['https://ops.example.org/x', 'ops.example.org'],
    ['ops/', 'ops'],
    ['user@ops', 'ops'],
    ['::1', '[::1]'],
    ['o p s', undefined],
    ['ops:http', undefined],
  ] as const) {
    test(`is not ${text}${meant === undefined ? '' : `, which means ${meant}`}`, () => {
      deepEqual(unfitHost(text), { reason: 'no host: write a name or an address alone', meant })
    })
  }

  test('has no star', () => {
    for (const text of ['*', '*.example.org'])
      match(String(unfitHost(text)?.reason), /a star stands for nothing/)
  })
})
