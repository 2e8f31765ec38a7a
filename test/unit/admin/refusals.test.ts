import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePage, parseSegment, parseStart } from '../../../src/admin/channels.ts'
import { readinessOf } from '../../../src/admin/health.ts'
import { codes, describe as describeCode, refusalReply } from '../../../src/admin/refusals.ts'
import { matchRoute, routes } from '../../../src/admin/routes.ts'
import { packageVersion } from '../../../src/admin/version.ts'

describe('a refusal', () => {
  test('is a problem of RFC 9457, whatever its code', () => {
    for (const code of codes) {
      const { status, headers, body } = refusalReply(code)
      equal(headers?.['content-type'], 'application/problem+json')
      const members = JSON.parse(String(body))
      deepEqual(Object.keys(members), ['type', 'title', 'status', 'code', 'detail'])
      deepEqual([members.type, members.status, members.code], [`urn:ringcast:refusal:${code}`, status, code])
      ok(URL.canParse(members.type))
      match(members.title, /^[A-Z].*[^.]$/)
      match(members.detail, /\.$/)
    }
  })

  test('that passes says when to come back, and one for want of a bearer says so', () => {
    for (const code of ['overloaded', 'owner-lost', 'draining'] as const) {
      const { status, headers } = refusalReply(code)
      deepEqual([status, headers?.['retry-after']], [503, '1'])
    }
    equal(refusalReply('bearer-refused').headers?.['www-authenticate'], 'Bearer')
    equal(refusalReply('not-allowed').status, 403)
  })

  test('names the places of a wrong shape', () => {
    const faults = [{ pointer: '#/0/text', detail: 'Expected a string.' }]
    deepEqual(JSON.parse(String(refusalReply('json-shape', undefined, faults).body)).errors, faults)
    equal(describeCode('draining', 'Soon over.').detail, 'Soon over.')
  })
})

describe('a route', () => {
  test('is found by its whole path', () => {
    for (const route of routes) {
      const found = matchRoute(route.path.replace('{channel}', 'a%2Fb'))
      deepEqual(found, { route, segment: route.path.includes('{') ? 'a%2Fb' : '' })
    }
    const unknown = [
      '',
      '/',
      '/v1',
      '/v1/',
      '/v1/channels',
      '/v1/channels/a/',
      '/v1/channels/a/b',
      '/livez/',
      '//livez',
    ]
    for (const path of [...unknown, '/v1/channels/a/b/history', '/v1/channels/{channel}/x', '/LIVEZ']) {
      equal(matchRoute(path), undefined, path)
    }
  })

  test('may have a channel without a name', () => {
    deepEqual(matchRoute('/v1/channels/'), { route: matchRoute('/v1/channels/a')?.route, segment: '' })
    equal(matchRoute('/v1/channels//history')?.route.action, 'history')
    equal(matchRoute('/v1/channels/history')?.route.action, 'info')
  })

  test('has a segment that is percent-encoded UTF-8 within the bounds of a name', () => {
    const good = {
      '': '',
      'a%2Fb': 'a/b',
      'gr%C3%BC%C3%9Fe': 'grüße',
      ['c'.repeat(1024)]: 'c'.repeat(1024),
      '%25': '%',
    }
    for (const [segment, name] of Object.entries(good)) equal(parseSegment(segment), name)
    for (const segment of ['%', '%4', '%ff', '%C3', '%ed%a0%80', 'c'.repeat(1025)])
      equal(parseSegment(segment), undefined)
  })
})

describe('parameters', () => {
  test('of a page have bounds', () => {
    deepEqual(parsePage(undefined), { since: undefined, limit: 100 })
    deepEqual(parsePage('limit=1000&since=e.5'), { since: { epoch: 'e', offset: 5 }, limit: 1000 })
    deepEqual(parsePage('limit=1&since='), { since: undefined, limit: 1 })
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=',
      'limit=-1',
      'limit=1.5',
      'limit=1e2',
      'since=x',
      'since=e.',
    ]) {
      ok('fault' in parsePage(query), query)
    }
  })

  test('of a stream yield to the id that a browser comes back with', () => {
    deepEqual(parseStart('since=e.5', 'e.7'), { epoch: 'e', offset: 7 })
    deepEqual(parseStart('since=5', ''), { epoch: undefined, offset: 5 })
    equal(parseStart(undefined, undefined), undefined)
    const bad = parseStart('since=5', 'odd id')
    ok(bad !== undefined && 'fault' in bad)
  })
})

test('a node is ready when all workers serve and it does not stop', () => {
  const codesOf = (draining: boolean, serving: readonly number[]) => {
    const { status, reasons } = readinessOf({
      draining,
      serving,
      workersWanted: 3,
      cluster: { mode: 'solo' },
    })
    return [status, ...reasons.map(({ code }) => code)]
  }
  deepEqual(codesOf(false, [0, 1, 2]), ['ready'])
  deepEqual(codesOf(false, [2]), ['not-ready', 'workers-missing'])
  deepEqual(codesOf(true, [0, 1]), ['not-ready', 'draining', 'workers-missing'])
  equal(
    readinessOf({ draining: false, serving: [2], workersWanted: 3, cluster: { mode: 'solo' } }).reasons[0]
      ?.text,
    '2 of 3 workers do not serve',
  )
})

test('a node whose broker is away for too long is not ready, and says who does not reach it and why', () => {
  const told = (workers: number, isTooLong: boolean) => {
    const away = { workers, forMs: 12_345, reason: 'connection refused', isTooLong }
    const cluster = { mode: 'redis', nodeId: 'n', away }
    return readinessOf({ draining: false, serving: [0, 1, 2], workersWanted: 3, cluster })
  }
  deepEqual(told(3, false), { status: 'ready', reasons: [] })
  deepEqual(told(3, true), {
    status: 'not-ready',
    reasons: [{ code: 'broker-away', text: 'no worker reaches the broker for 12 s: connection refused' }],
  })
  equal(told(1, true).reasons[0]?.text, '1 of 3 workers do not reach the broker for 12 s: connection refused')
})

test('the version is the package’s own', () => {
  match(packageVersion(), /^\d+\.\d+\.\d+/)
})
