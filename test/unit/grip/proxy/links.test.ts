// Where links of an origin lead (contract §5.6): to where the client asked, by its own rule, or where that was allowed.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { linkTo } from '../../../../src/frontends/grip/proxy/links.ts'
import { ruleOf } from '../given.ts'

const line = '*,path_beg=/a/,replace_beg=/b/,as_host=other,header=X:1 o:80'

function linkOf(uri: string, { rule = ruleOf(line), base = 'http://h/a/x', allowed = ['ally', '::1'] } = {}) {
  const asked: string[] = []
  const link = linkTo(uri, { uri: base, rule }, host => {
    asked.push(host)
    return allowed.includes(host)
  })
  return { link, asked }
}

describe('a link', () => {
  test('to where the client asked goes by the same rule, which nobody has to allow', () => {
    const { link, asked } = linkOf('http://h/a/n?q=1')
    const rule = ruleOf(line)
    deepEqual(link, { rule, targets: rule.targets, target: '/b/n?q=1', host: 'h', isTls: false })
    deepEqual(asked, [])
  })

  test('leads out of its rule by no path', () => {
    for (const uri of ['http://h/admin', 'http://h/a/../admin', 'http://h/a/%2e%2e/admin', 'http://h/ax']) {
      deepEqual(linkOf(uri), { link: undefined, asked: ['h'] }, uri)
    }
    equal(linkOf('http://h/pub../x', { rule: ruleOf('*,path_beg=/pub,path_rem=4 o:80') }).link, undefined)
  })

  test('to another scheme or port, or to the address of a machine, is one to elsewhere', () => {
    for (const [uri, host] of [
      ['https://h/a/n', 'h'],
      ['http://h:8080/a/n', 'h'],
      ['http://169.254.169.254/latest', '169.254.169.254'],
      ['http://2130706433/', '127.0.0.1'],
      ['http://0x7f.1/', '127.0.0.1'],
      ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
      ['http://h@evil/', 'evil'],
    ] as const) {
      deepEqual(linkOf(uri), { link: undefined, asked: [host] }, uri)
    }
  })

  test('to an allowed host goes there by itself, without what the rule does to requests', () => {
    const { link } = linkOf('https://ally/n?q')
    deepEqual(
      [link?.target, link?.host, link?.isTls, link?.rule.headers, link?.rule.asHost],
      ['/n?q', 'ally', true, [], undefined],
    )
    const [target] = link?.targets ?? []
    deepEqual(target?.place, { kind: 'tcp', host: 'ally', port: 443 })
    deepEqual([target?.ssl, target?.untrusted, target?.subscriptions], [true, false, []])
    deepEqual(linkOf('http://[::1]:81/').link?.targets[0]?.place, { kind: 'tcp', host: '::1', port: 81 })
  })

  test('of an origin that is not trusted leads to no private address', () => {
    const { link } = linkOf('http://ally/', { rule: ruleOf('* o:80,untrusted') })
    deepEqual(
      link?.targets.map(({ untrusted }) => untrusted),
      [true],
    )
  })
})
