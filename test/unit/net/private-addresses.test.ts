// Which addresses are private: each net at its first and last address, and what lies beside it.
import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { createIsPrivate } from '../../../src/net/outgoing/private-addresses.ts'

const isPrivate = createIsPrivate()

for (const address of [
  ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '127.0.0.1', '127.255.255.255'],
  ...['169.254.0.0', '169.254.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  ...['::', '::1', 'fc00::', 'fdff:ffff::1', 'fe80::', 'febf:ffff::1', '::ffff:10.0.0.1', '::ffff:7f00:1'],
]) {
  test(`${address} is private`, () => equal(isPrivate(address), true))
}

for (const address of [
  ...['1.0.0.0', '9.255.255.255', '11.0.0.0', '126.255.255.255', '128.0.0.0', '169.253.255.255'],
  ...['169.255.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0', '8.8.8.8'],
  ...['::2', 'fbff::1', 'fec0::1', 'fe7f::1', '2001:db8::1', '::ffff:8.8.8.8'],
]) {
  test(`${address} is not private`, () => equal(isPrivate(address), false))
}
