import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, isLoopback, parseAddress } from '../../../src/std/address.ts'

const rows = [
  { text: '127.0.0.1:80', address: { host: '127.0.0.1', port: 80 }, loopback: true },
  { text: '8080', address: { host: '127.0.0.1', port: 8080 }, loopback: true },
  { text: '0', address: { host: '127.0.0.1', port: 0 }, loopback: true },
  { text: '[::1]:65535', address: { host: '::1', port: 65_535 }, loopback: true },
  { text: '0.0.0.0:1', address: { host: '0.0.0.0', port: 1 }, loopback: false },
  { text: 'localhost:1', address: { host: 'localhost', port: 1 }, loopback: true },
  { text: '[::ffff:127.0.0.1]:1', address: { host: '::ffff:127.0.0.1', port: 1 }, loopback: false },
  { text: '1.push:1', address: { host: '1.push', port: 1 }, loopback: false },
  { text: 'push.example:443', address: { host: 'push.example', port: 443 }, loopback: false },
  { text: '127.0.0.1.example:443', address: { host: '127.0.0.1.example', port: 443 }, loopback: false },
]

test('addresses are host and port, or a port on loopback', () => {
  for (const { text, address, loopback } of rows) {
    const parsed = parseAddress(text)
    deepEqual(parsed, address, text)
    equal(parsed && isLoopback(parsed), loopback, text)
  }
  equal(formatAddress({ host: '::1', port: 80 }), '[::1]:80')
})

test('a path is an address of this machine', () => {
  for (const path of ['/run/ringcast.sock', '/a', `/${'x'.repeat(103)}`, '/a b:80', '/κ']) {
    const parsed = parseAddress(`unix:${path}`)
    deepEqual(parsed, { host: '', port: 0, path })
    ok(parsed && isLoopback(parsed))
    equal(formatAddress(parsed), `unix:${path}`)
  }
})

test('what is no address is refused', () => {
  for (const text of [
    '',
    'a',
    ':80',
    '1.2.3.4',
    '65536',
    '1.2.3.4:65536',
    '300.1.1.1:80',
    '1.2.3:80',
    '1.2.3.4.5:80',
    '127.1:80',
    '01.2.3.4:80',
    '0:80',
    'push.1:80',
    '[1.2.3.4]:80',
    '[:::]:80',
    '[12345::]:80',
    '::1:80',
    'a b:80',
    '-1',
    '80 ',
    'http://a:80',
    'unix:',
    'unix:/',
    'unix:a.sock',
    'unix:./a.sock',
    'unix:/run/',
    'unix:/a\0b',
    `unix:/${'x'.repeat(104)}`,
    `unix:/${'κ'.repeat(52)}`,
    'UNIX:/a',
  ]) {
    equal(parseAddress(text), undefined, text)
  }
})
