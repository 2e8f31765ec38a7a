import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkAccess } from '../../../src/admin/access.ts'

const names = { hosts: ['ops.example.org', 'Push.Internal:8080'], origins: ['https://ops.example.org/'] }

function ask(headers: Readonly<Record<string, string>>) {
  return checkAccess(name => headers[name], names)
}

function codeOf(headers: Readonly<Record<string, string>>): string {
  const access = ask(headers)
  return access.ok ? 'ok' : access.code
}

describe('the Host of a request', () => {
  test('may be any IP address, localhost or a listed name, in any case and with any port', () => {
    const own = ['127.0.0.1', '127.0.0.1:7878', '10.1.2.3:80', '[::1]', '[::1]:7878', '[2001:DB8::1]']
    const named = ['localhost', 'LOCALHOST:7878', 'ops.example.org', 'OPS.example.org:1', 'push.internal']
    for (const host of [...own, ...named, 'push.internal:']) equal(codeOf({ host }), 'ok', host)
  })

  test('may be nothing else', () => {
    const foreign = [
      'evil.example',
      'localhost.evil.example',
      'evil.localhost',
      'ops.example.org.',
      'localhost.',
    ]
    const odd = ['', ':7878', '127.1', '0x7f.0.0.1', '256.0.0.1', '::1', '[::1', '[localhost]', 'a@127.0.0.1']
    const glued = ['127.0.0.1:7878:9', '127.0.0.1/x', '127.0.0.1 ', '127.0.0.1:port']
    for (const host of [...foreign, ...odd, ...glued]) equal(codeOf({ host }), 'host-not-allowed', host)
    equal(codeOf({}), 'host-not-allowed')
  })
})

describe('the Origin of a request', () => {
  const host = 'localhost'

  test('is answered where it is listed, and kept as the browser wrote it', () => {
    const origin = 'https://ops.example.org'
    deepEqual(ask({ host, origin }), { ok: true, origin })
    deepEqual(ask({ host, origin, 'sec-fetch-site': 'cross-site' }), { ok: true, origin })
    deepEqual(ask({ host }), { ok: true, origin: undefined })
  })

  test('is refused where it is not', () => {
    const foreign = [
      'https://evil.example',
      'http://ops.example.org',
      'https://ops.example.org:8443',
      'null',
      '',
    ]
    for (const origin of [...foreign, 'http://localhost']) {
      equal(codeOf({ host, origin }), 'origin-not-allowed', origin)
    }
  })

  test('may not be left out by a page of another site', () => {
    equal(codeOf({ host, 'sec-fetch-site': 'cross-site' }), 'origin-not-allowed')
    equal(codeOf({ host, 'sec-fetch-site': 'Cross-Site' }), 'origin-not-allowed')
    for (const site of ['none', 'same-origin', 'same-site']) {
      equal(codeOf({ host, 'sec-fetch-site': site }), 'ok', site)
    }
  })
})

test('a refusal says which setting to look at', () => {
  const access = ask({ host: 'evil.example' })
  ok(!access.ok && access.detail.includes('RINGCAST_ADMIN_HOSTS'))
})

describe("the listener's own pages", () => {
  const codeFor = (headers: Readonly<Record<string, string>>, hasPages = true) => {
    const access = checkAccess(name => headers[name], names, hasPages)
    return access.ok ? 'ok' : access.code
  }

  test('have the Host in their Origin, and are let in where there are pages', () => {
    for (const host of ['127.0.0.1:7878', '[::1]:7878', 'Localhost:7878', 'ops.example.org']) {
      const headers = { host, origin: `http://${host.toLowerCase()}`, 'sec-fetch-site': 'same-origin' }
      equal(codeFor(headers), 'ok', host)
      equal(codeFor(headers, false), 'origin-not-allowed', host)
    }
  })

  test('are not those of another port, scheme or host, nor of a Host that is not ours', () => {
    const host = '127.0.0.1:7878'
    for (const origin of ['http://127.0.0.1:3000', 'http://127.0.0.1', `https://${host}`, 'null', ''])
      equal(codeFor({ host, origin }), 'origin-not-allowed', origin)
    equal(codeFor({ host: 'evil.example', origin: 'http://evil.example' }), 'host-not-allowed')
    equal(codeFor({ host, 'sec-fetch-site': 'cross-site' }), 'origin-not-allowed')
  })
})
