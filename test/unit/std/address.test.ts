import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress, isLoopback, parseAddress } from '../../../src/std/address.ts'

const rows = [
  { text: '127.0.0.1:80', address: { host: '127.0.0.1', port: 80 }, loopback: true },
  { text: '8080', address: { host: '127.0.0.1', port: 8080 }, loopback: true },
  { text: '0', address: { host: '127.0.0.1', port: 0 }, loopback: true },
  { text: '[::1]:65535', address: { host: '::1', port: 65_535 }, loopback: true },
  { text: '0.0.0.0:1', address: { host: '0.0.0.0', port: 1 }, loopback: false },
  { text: 'localhost:1', address: { host: 'localhost', port: 1 }, loopback: true },
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

test('what is no address is refused', () => {
  for (const text of [
    '',
    'a',
    ':80',
    '1.2.3.4',
    '65536',
    '1.2.3.4:65536',
    '::1:80',
    'a b:80',
    '-1',
    '80 ',
    'http://a:80',
  ]) {
    equal(parseAddress(text), undefined, text)
  }
})
