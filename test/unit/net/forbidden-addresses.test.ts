import { deepEqual, equal } from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { describe, test } from 'node:test'
import { type CallAddress, parseCallUrl } from '../../../src/net/outgoing/call-url.ts'
import { allowanceFault, createIsForbidden } from '../../../src/net/outgoing/forbidden-addresses.ts'
import { parseAddress } from '../../../src/std/address.ts'

const listeners = (...texts: string[]) => texts.flatMap(text => parseAddress(text) ?? [])

describe('addresses of an operator', () => {
  test('that no service lies at are forbidden, however they are spelled', () => {
    const isForbidden = createIsForbidden([], [])
    const forbidden = [
      '0.0.0.0',
      '0.1.2.3',
      '169.254.169.254',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::ffff:0.0.0.0',
      '::ffff:169.254.169.254',
      '::ffff:a9fe:a9fe',
      'fe80::1',
      'fe80::1%eth0',
      'febf::1',
      'ff02::1',
      '64:ff9b::169.254.169.254',
      '2002:a9fe:a9fe::1',
      'fd00:ec2::254',
      '100.100.100.200',
      '::ffff:192.0.0.192',
    ]
    deepEqual(
      forbidden.filter(address => !isForbidden(address, 80)),
      [],
    )
    const open = ['127.0.0.1', '::1', '10.0.0.1', '192.168.0.1', 'fd00::1', '223.255.255.255', '2001:db8::1']
    deepEqual(
      open.filter(address => isForbidden(address, 80)),
      [],
    )
  })

  test('where the node itself listens are forbidden, at that port alone', () => {
    const isForbidden = createIsForbidden([], listeners('127.0.0.1:9100', '[::1]:9101', 'unix:/run/x'))
    equal(isForbidden('127.0.0.1', 9100), true)
    equal(isForbidden('::ffff:127.0.0.1', 9100), true)
    equal(isForbidden('::ffff:7f00:1', 9100), true)
    equal(isForbidden('127.0.0.1', 9101), false)
    equal(isForbidden('127.0.0.2', 9100), false)
    equal(isForbidden('0:0:0:0:0:0:0:1', 9101), true)
  })

  test('a listener on all addresses is reached by each of this machine', () => {
    const own = Object.values(networkInterfaces()).flatMap(list => list ?? [])
    for (const everywhere of ['0.0.0.0:9100', '[::]:9100', 'some.name:9100']) {
      const isForbidden = createIsForbidden([], listeners(everywhere))
      for (const { address } of own) equal(isForbidden(address, 9100), true, address)
      equal(isForbidden('127.3.2.1', 9100), true)
      equal(isForbidden('192.0.2.1', 9100), false)
    }
    const isForbidden = createIsForbidden([], listeners('localhost:9100'))
    deepEqual(
      [isForbidden('::1', 9100), isForbidden('127.0.0.1', 9100), isForbidden('10.0.0.1', 9100)],
      [true, true, false],
    )
  })

  test('that are listed are open', () => {
    const allow = ['169.254.169.254', 'fe80::/64', '127.0.0.1:9100', 'nonsense']
    const isForbidden = createIsForbidden(allow, listeners('127.0.0.1:9100', '127.0.0.1:9101'))
    equal(isForbidden('169.254.169.254', 80), false)
    equal(isForbidden('169.254.169.253', 80), true)
    equal(isForbidden('fe80::7', 80), false)
    equal(isForbidden('fe80:0:0:1::7', 80), true)
    equal(isForbidden('127.0.0.1', 9100), false)
    equal(isForbidden('127.0.0.1', 9101), true)
  })

  test('exceptions are addresses, nets or places', () => {
    for (const text of ['10.0.0.1', '10.0.0.0/8', '10.0.0.1:80', '::1', 'fe80::/10', '[::1]:80']) {
      equal(allowanceFault(text), undefined, text)
    }
    for (const text of [
      '',
      'a.example',
      '10.0.0.0/33',
      '10.0.0/8',
      '10.0.0.1:0',
      '80',
      'a.example:80',
      'unix:/x',
    ]) {
      equal(typeof allowanceFault(text), 'string', text)
    }
  })
})

describe('a URL of an operator', () => {
  const read = (text: string) => parseCallUrl(text) as CallAddress // each of these is one

  test('says host, port, path and the header', () => {
    deepEqual(read('http://a.example/x?y=1'), {
      target: { host: 'a.example', port: 80, isTls: false },
      path: '/x?y=1',
      host: 'a.example',
    })
    deepEqual(read('https://[::1]:8443'), {
      target: { host: '::1', port: 8443, isTls: true },
      path: '/',
      host: '[::1]:8443',
    })
    equal(read('https://a.example').target.port, 443)
    equal(read('http://0x7f.1/').target.host, '127.0.0.1')
  })

  test('that must not be one', () => {
    for (const text of [
      '',
      '/x',
      'ftp://a/',
      'http://u@a/',
      'http://u:p@a/',
      'http://a/#b',
      'http://a/#',
      'http://',
    ]) {
      equal(typeof parseCallUrl(text), 'string', text)
    }
  })
})
