// Which rule a request gets, and what of it goes on from there (contract §2.4; §14, fault 28).
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { choose, hostOf, uriOf } from '../../../../src/frontends/grip/proxy/choice.ts'
import type { GateExchange } from '../../../../src/net/gate/gate-exchange.ts'
import { fixture, routes } from '../given.ts'
import { FakeExchange } from './given-origin.ts'

const { table } = routes(fixture)

function chosen(target: string, more: Partial<GateExchange> = {}, settings = {}) {
  const exchange = Object.assign(new FakeExchange(target, more), more)
  return choose(exchange, {
    table,
    settings: { acceptPushpinRoute: false, acceptXForwardedProtocol: false, ...settings },
    isTrusted: rawHeaders => rawHeaders.includes('Grip-Sig'),
  })
}

function uriOfChosen(target: string, more: Partial<GateExchange>): string | undefined {
  const choice = chosen(target, more)
  return choice && uriOf(choice)
}

describe('a request', () => {
  const rows: readonly [sent: string, target: string, uri: string][] = [
    ['/sub/x?a=%20b', '/sub/x?a=%20b', 'http://h/sub/x?a=%20b'],
    ['/sub/x?', '/sub/x?', 'http://h/sub/x?'],
    ['/rem/x', '/x', 'http://h/rem/x'],
    ['/rep/x?q', '/new/basex?q', 'http://h/rep/x?q'],
    ['/ids/../sub/x', '/sub/x', 'http://h/sub/x'],
    ['/ids/%2e%2E/sub/%2fx', '/sub/%2fx', 'http://h/sub/%2fx'],
    ['*', '*', 'http://h/'],
  ]
  for (const [sent, target, uri] of rows) {
    test(`for ${sent} asks for ${target}`, () => {
      const choice = chosen(sent)
      deepEqual([choice?.target, choice && uriOf(choice)], [target, uri])
    })
  }

  test('is routed by the path that is sent, whatever dots were in it', () => {
    equal(chosen('/ids/../sub/x')?.rule.pathBeg, '/sub/')
    equal(chosen('/x/../ids/')?.rule.id, 'myroute')
  })

  test('whose rule would lead where none leads has none', () => {
    const own = routes('*,path_beg=/pub,path_rem=4 o:80').table
    const exchange = new FakeExchange('/pub../secret')
    const settings = { acceptPushpinRoute: false, acceptXForwardedProtocol: false }
    equal(choose(exchange, { table: own, settings, isTrusted: () => false }), undefined)
  })

  test('without a host is one for localhost', () => {
    equal(hostOf({ host: undefined }), 'localhost')
    equal(uriOfChosen('/sub/', { host: '' }), 'http://localhost/sub/')
  })

  test('counts as one over TLS where it is, or where who is believed says so', () => {
    equal(uriOfChosen('/x', { isTls: true }), 'https://h/x')
    const rawHeaders = ['X-Forwarded-Proto', 'https']
    equal(chosen('/x', { rawHeaders })?.isTls, false)
    equal(chosen('/x', { rawHeaders }, { acceptXForwardedProtocol: true })?.isTls, true)
  })

  test('names its rule where that is accepted', () => {
    const rawHeaders = ['Pushpin-Route', 'onlyid']
    equal(chosen('/x', { rawHeaders })?.rule.id, undefined)
    equal(
      chosen('/x', { rawHeaders: ['Host', 'h', ...rawHeaders] }, { acceptPushpinRoute: true })?.rule.id,
      'onlyid',
    )
  })

  test('of a GRIP proxy is trusted', () => {
    equal(chosen('/x')?.isTrusted, false)
    equal(chosen('/x', { rawHeaders: ['Grip-Sig', 's'] })?.isTrusted, true)
  })
})
