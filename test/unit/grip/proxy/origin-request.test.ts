// What an origin is asked: where to, under which name over TLS, and with what (contract §2.3).
import { deepEqual, throws } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { requestTo } from '../../../../src/frontends/grip/proxy/origin-request.ts'
import { callOf, ruleOf } from '../given.ts'

function targetOf(line: string, rawHeaders: readonly string[] = ['Host', 'h:8080']) {
  const rule = ruleOf(line)
  const { settings } = callOf(line)
  const [target] = rule.targets
  if (target === undefined) throw new Error('no target')
  const asked = { rule, settings, method: 'GET', target: '/x', rawHeaders, peer: '', signature: undefined }
  return requestTo(target, { ...asked, isTls: false, isTrusted: false }).target
}

describe('a target', () => {
  const tls = { host: 'o', port: 443, isTls: true, isInsecure: false, serverName: 'h' }
  const rows: readonly [line: string, target: object][] = [
    ['* o:80', { host: 'o', port: 80 }],
    ['* o:80,untrusted', { host: 'o', port: 80, isUntrusted: true }],
    ['* o:443,ssl', tls],
    ['* o:443,ssl,insecure', { ...tls, isInsecure: true }],
    ['* o:443,ssl,host=name', { ...tls, serverName: 'name' }],
    ['*,as_host=rule:1 o:443,ssl', { ...tls, serverName: 'rule' }],
    ['* o:443,ssl,trust_connect_host', { ...tls, verifyName: 'o' }],
    ['* o:443,ssl,untrusted', { ...tls, isUntrusted: true }],
    [
      '* o:443,ssl,client_cert=/c,client_key=/k',
      { ...tls, clientCertificate: { certificate: '/c', key: '/k' } },
    ],
  ]
  for (const [line, target] of rows) test(line, () => deepEqual(targetOf(line), target))

  test('that nothing connects to is a bug', () => {
    throws(() => targetOf('* test'))
  })
})
