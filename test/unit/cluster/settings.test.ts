import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { clusterMistakes } from '../../../src/cluster/mistakes.ts'
import { parsePlaces } from '../../../src/cluster/places.ts'
import { type ClusterSettings, clusterSection } from '../../../src/cluster/settings.ts'
import { createAuthority } from '../../helpers/certificates.ts'

const defaults = Object.fromEntries(
  Object.entries(clusterSection.fields).map(([key, field]) => [key, 'default' in field ? field.default : []]),
) as unknown as ClusterSettings // each has its default, a secret none

const joined: ClusterSettings = { ...defaults, mode: 'redis', url: ['redis://127.0.0.1:6379'] }

const mistakesOf = (settings: Partial<ClusterSettings>) =>
  clusterMistakes({ ...joined, ...settings }).map(({ key, text }) => `${key} ${text}`)

describe('addresses of a broker', () => {
  test('name one server, several, or Sentinels and a master; ports have their usual values', () => {
    const [host, port] = ['10.0.0.1', 6_379]
    deepEqual(parsePlaces(['redis://10.0.0.1']), {
      kind: 'servers',
      isTls: false,
      masterName: '',
      places: [{ host, port }],
    })
    deepEqual(parsePlaces(['rediss://a:1/', 'rediss://[::1]:2/0', 'rediss://b']), {
      kind: 'servers',
      isTls: true,
      masterName: '',
      places: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
        { host: 'b', port },
      ],
    })
    deepEqual(parsePlaces(['redis+sentinel://a,b:7,[::2]/mymaster']), {
      kind: 'sentinels',
      isTls: false,
      masterName: 'mymaster',
      places: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 7 },
        { host: '::2', port: 26_379 },
      ],
    })
  })

  test('are the same where a list was cut at the commas of one', () => {
    const whole = parsePlaces(['redis+sentinel://a:1,b:2/m'])
    deepEqual(parsePlaces(['redis+sentinel://a:1', 'b:2/m']), whole)
    deepEqual(parsePlaces(['redis://a,b']), parsePlaces(['redis://a', 'redis://b']))
  })

  test('that mean nothing are told apart', () => {
    for (const [urls, sentence] of [
      [[], /names no server/],
      [['127.0.0.1:6379'], /must look like .*, not '127.0.0.1:6379'/],
      [['nats://a'], /must look like/],
      [['redis://'], /must look like/],
      [['redis://a b'], /must look like/],
      [['redis://a?x=1'], /must look like/],
      [['redis://a:0'], /has the host 'a:0', which is none/],
      [['redis://a:65536'], /which is none/],
      [['redis://a', 'redis://1.2.3'], /'1.2.3', which is none \(entry 2\)/],
      [['redis://a,,b'], /which is none/],
      [['redis://a/1'], /names a database/],
      [['redis+sentinel://a'], /must end in the name of a master/],
      [['redis+sentinel://a/b/c'], /must look like|must end/],
      [['redis://a', 'rediss://b'], /several kinds/],
      [['redis://a', 'redis+sentinel://b/m'], /several kinds/],
      [['redis+sentinel://a/m', 'redis+sentinel://b/m'], /several times/],
      [[`redis://${Array.from({ length: 65 }, (_, at) => `h${at}`)}`], /more than 64 hosts/],
    ] as const) {
      const read = parsePlaces(urls)
      ok(typeof read === 'string', String(urls))
      match(read, sentence)
    }
    equal(typeof parsePlaces([`redis://${Array.from({ length: 64 }, (_, at) => `h${at}`)}`]), 'object')
  })

  test('with a password are refused, and not shown', () => {
    for (const url of [
      'redis://u:hidden@h',
      'redis://:hid/den@h',
      'redis://hid?den@h',
      'rediss://u:hid,den@h',
    ]) {
      for (const urls of [[url], url.split(','), ['rediss://a', url]]) {
        const read = parsePlaces(urls)
        match(String(read), /have settings of their own/)
        ok(!/hid|den@/.test(String(read)), url)
      }
    }
  })
})

describe('settings of a cluster', () => {
  test('are nothing to a node that stands alone', () => {
    deepEqual(clusterMistakes(defaults), [])
    deepEqual(mistakesOf({ mode: 'solo', url: ['?'], prefix: '{' }), [])
  })

  test('are sound with an address', () => {
    deepEqual(mistakesOf({}), [])
    deepEqual(mistakesOf({ username: 'u', password: ['p'], prefix: 'a.b:c_d-9', pingMs: 1_500 }), [])
  })

  test('need one', () => {
    deepEqual(mistakesOf({ url: [] }), ['mode is redis, which needs {url}, such as redis://127.0.0.1:6379'])
    match(String(mistakesOf({ url: ['http://a'] })), /^url must look like/)
  })

  test('say what does not go together', () => {
    match(String(mistakesOf({ username: 'u' })), /^username needs \{password\}$/)
    match(
      String(mistakesOf({ password: ['hidden', 'too'] })),
      /^password has several lines, and is one password$/,
    )
    match(String(mistakesOf({ password: ['hid\ufffd'] })), /^password is not UTF-8$/)
    match(String(mistakesOf({ pingMs: 1_501 })), /^pingMs is 1501, and must not be above \{timeoutMs\}/)
    for (const prefix of ['', 'a b', '{a}', 'a*', 'x'.repeat(33)])
      match(String(mistakesOf({ prefix })), /^prefix/)
    deepEqual(mistakesOf({ prefix: 'x'.repeat(32) }), [])
  })

  test('name authorities in PEM, for TLS', t => {
    const folder = mkdtempSync(join(tmpdir(), 'cluster-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const certificate = join(folder, 'ca.pem')
    writeFileSync(certificate, createAuthority(t).cert)
    const url = ['rediss://a']
    deepEqual(mistakesOf({ url, caFile: certificate }), [])
    match(String(mistakesOf({ caFile: certificate })), /^caFile is for TLS, but/)
    match(String(mistakesOf({ url, caFile: join(folder, 'none') })), /cannot be read/)
    writeFileSync(join(folder, 'text'), 'text')
    match(String(mistakesOf({ url, caFile: join(folder, 'text') })), /has no certificate in PEM/)
  })
})
