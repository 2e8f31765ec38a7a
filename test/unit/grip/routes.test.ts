// Routes: the grammar, choosing and rewriting; rows of contract §13.1.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseLine } from '../../../src/frontends/grip/routes/grammar.ts'
import { normalisePath, rewritePath } from '../../../src/frontends/grip/routes/path.ts'
import { readRoutes, routesBytesMax } from '../../../src/frontends/grip/routes/source.ts'
import type { Asked } from '../../../src/frontends/grip/routes/table.ts'
import { targetName } from '../../../src/frontends/grip/routes/target.ts'
import { fixture, routes, ruleOf } from './given.ts'

function sectionsOf(line: string) {
  const read = parseLine(line)
  if (!read.ok) return read.mistake
  return read.sections.map(({ value, properties }) => [
    value,
    ...properties.map(({ name, value }) => [name, value]),
  ])
}

describe('the grammar', () => {
  const sound: readonly (readonly [line: string, sections: unknown, from: string])[] = [
    ['apple,organic,type=gala', [['apple', ['organic', ''], ['type', 'gala']]], '2.1'],
    ['apple,from="washington, \\"usa\\""', [['apple', ['from', 'washington, "usa"']]], 'row 26'],
    ['type=gala', [['', ['type', 'gala']]], 'row 27'],
    ['  * test  # and a comment', [['*'], ['test']], '2.1'],
    ['*\ttest', [['*'], ['test']], 'our own: tabs are blanks'],
    ['a,b="#",c=d#e f', [['a', ['b', '#'], ['c', 'd']]], '2.1'],
    ['a,b=c=d,b=', [['a', ['b', 'c=d'], ['b', '']]], '2.1'],
    ['a,"b c"="d e"f', [['a', ['b c', 'd ef']]], '2.1'],
    [',path_beg=/x t', [['', ['path_beg', '/x']], ['t']], '2.1'],
    ['"\\\\" t', [['\\'], ['t']], '2.1'],
    ['', [], '2.1'],
    ['   # only this', [], '2.1'],
  ]
  for (const [line, sections, from] of sound)
    test(`${from}: ${line}`, () => deepEqual(sectionsOf(line), sections))

  const void_: readonly (readonly [line: string, mistake: RegExp, from: string])[] = [
    ['apple,organic,type="gala', /quote without an end/, 'row 25'],
    ['apple,organic,', /comma with nothing behind/, 'row 25'],
    ['apple,organic,=gala', /without a name/, 'row 25'],
    ['apple,,b', /comma with nothing behind/, '2.1'],
    ['apple,b="\\n"', /escape/, '2.1'],
    ['apple,b="\\', /quote without an end/, '2.1'],
    ['=x y', /without a name/, '2.1'],
  ]
  for (const [line, mistake, from] of void_) {
    test(`${from}: ${line} is void`, () =>
      ok(mistake.test(String(sectionsOf(line))), String(sectionsOf(line))))
  }
})

describe('choosing', () => {
  const { table } = routes(fixture)
  const asked = (path: string, more: Partial<Asked> = {}): Asked => {
    return { isSocket: false, isTls: false, host: 'other', path, ...more }
  }
  const lineOf = (text: string, ask: Asked) => routes(text).table.choose(ask)?.line

  test('row 8: the host in any case and with any port', () => {
    equal(table.choose(asked('/anything', { host: 'HOST1.TEST:9999' }))?.targets[0]?.host, 'h1')
  })

  test('rows 9 and 10: by id, and an unknown id is no route', () => {
    equal(table.choose(asked('/q', { routeId: 'onlyid' }))?.targets[0]?.host, 'onlyid')
    equal(table.choose(asked('/q', { routeId: 'nosuch' })), undefined)
    equal(table.choose(asked('/ids/x', { routeId: 'myroute' }))?.id, 'myroute')
    equal(table.choose(asked('/q', { routeId: 'myroute' })), undefined)
  })

  test('row 29: a host of its own does not fall through', () => {
    const text = 'host1.test,path_beg=/a 127.0.0.1:1\n* 127.0.0.1:2'
    equal(lineOf(text, asked('/b', { host: 'host1.test' })), undefined)
    equal(lineOf(text, asked('/a', { host: 'host1.test' })), 1)
    equal(lineOf(text, asked('/b')), 2)
  })

  test('a path is a plain prefix', () => {
    equal(table.choose(asked('/pfx/a'))?.prefix, 'p-')
    equal(table.choose(asked('/pfxx'))?.targets[0]?.place.kind, 'test')
  })

  const orders: readonly (readonly [text: string, asked: Asked, line: number | undefined])[] = [
    // A rule with proto is not beaten by a longer path.
    ['*,proto=http t:1\n*,path_beg=/long t:1', asked('/long'), 1],
    ['*,path_beg=/long t:1\n*,proto=http t:1', asked('/long'), 2],
    ['*,path_beg=/long t:1\n*,path_beg=/lo t:1', asked('/long'), 1],
    ['*,path_beg=/lo t:1\n*,path_beg=/long t:1', asked('/long'), 2],
    // The slip: a later rule with ssl wins with a shorter path, and an earlier one does not.
    ['*,path_beg=/long t:1\n*,ssl=yes t:1', asked('/long', { isTls: true }), 2],
    ['*,ssl=yes t:1\n*,path_beg=/long t:1', asked('/long', { isTls: true }), 2],
    ['*,ssl=no t:1', asked('/x', { isTls: true }), undefined],
    ['*,proto=ws t:1', asked('/x'), undefined],
    ['*,proto=ws t:1', asked('/x', { isSocket: true }), 1],
    ['*,path_beg=/caf\u00e9 t:1', asked(Buffer.from('/café').toString('latin1')), 1],
  ]
  for (const [text, ask, line] of orders) {
    test(`${JSON.stringify(text)} gives line ${line}`, () => equal(lineOf(text, ask), line))
  }

  test('a condition that was there is skipped; an id that is there twice is none', () => {
    const text = '*,id=a t:1\n*,path_beg=/x,id=a t:2\n* t:3'
    const { table, warnings } = routes(text)
    deepEqual(
      warnings.map(({ line, isVoid }) => [line, isVoid]),
      [
        [2, false],
        [3, true],
      ],
    )
    equal(table.choose(asked('/x', { routeId: 'a' })), undefined)
    equal(table.choose(asked('/x'))?.line, 2)
    equal(table.choose(asked('/'))?.line, 1)
  })
})

describe('paths', () => {
  const paths: readonly (readonly [given: string, routed: string])[] = [
    ['/ids/../th/x', '/th/x'],
    ['/ids/%2e%2E/th/x', '/th/x'],
    ['/ids/.%2e/th', '/th'],
    ['/a/./b', '/a/b'],
    ['/a/..', '/'],
    ['/a/.', '/a/'],
    ['/../../a', '/a'],
    ['/..', '/'],
    ['/a//../b', '/a/b'],
    ['/a%2eb/...%2f/%41', '/a%2eb/...%2f/%41'],
    ['/a/..%2fb', '/a/..%2fb'],
    ['*', '*'],
    ['/', '/'],
  ]
  for (const [given, routed] of paths)
    test(`${given} is ${routed}`, () => equal(normalisePath(given), routed))

  const rewritten: readonly (readonly [line: string, path: string, sent: string | undefined])[] = [
    ['*,path_beg=/rem/,path_rem=4 t:1', '/rem/abc', '/abc'],
    ['*,path_beg=/rep/,replace_beg=/new/base t:1', '/rep/abc', '/new/baseabc'],
    ['* t:1', '/x', '/x'],
    ['*,path_rem=9 t:1', '/x', '/'],
    ['*,path_rem=2 t:1', '/xyz', '/yz'],
    ['*,path_beg=/pub,replace_beg=/static/ t:1', '/pub../secret', undefined],
    ['*,path_rem=4 t:1', '/pub../secret', undefined],
  ]
  for (const [line, path, sent] of rewritten) {
    test(`${path} by ${line} is sent as ${sent}`, () => equal(rewritePath(path, ruleOf(line)), sent))
  }
})

describe('rules', () => {
  test('all properties of a condition', () => {
    const rule = ruleOf(
      'H.test,proto=http,ssl=no,path_beg=/p,id=i,prefix=x-,as_host=h:1,path_rem=1,"header=A: b",debug,aco,jsonp_mode=basic,jsonp_cb=c,jsonp_body=d,jsonp_defcb=e,jsonp_defmethod=f,session,sockjs=/s,sockjs_as_path=/t,sig_iss=u,sig_key=v,orig_headers,no_grip,log_level=1 [::1]:8',
    )
    const { targets, ...condition } = rule
    deepEqual(targets[0]?.place, { kind: 'tcp', host: '::1', port: 8 })
    deepEqual(condition, {
      line: 1,
      host: 'h.test',
      proto: 'http',
      ssl: false,
      pathBeg: '/p',
      id: 'i',
      prefix: 'x-',
      asHost: 'h:1',
      pathRem: 1,
      replaceBeg: undefined,
      headers: [{ name: 'A', value: 'b' }],
      debug: true,
      aco: true,
      jsonp: { mode: 'basic', callback: 'c', body: 'd', defaultCallback: 'e', defaultMethod: 'f' },
      session: true,
      sockjs: '/s',
      sockjsAsPath: '/t',
      sigIss: 'u',
      sigKey: 'v',
      origHeaders: true,
      noGrip: true,
      logLevel: 1,
    })
  })

  test('all properties of a target', () => {
    const [target] = ruleOf(
      '* a.test:443,ssl,insecure,host=b,trust_connect_host,client_cert=/c,client_key=/k,over_http,one_event,sub=x,sub=y,untrusted',
    ).targets
    deepEqual(target, {
      place: { kind: 'tcp', host: 'a.test', port: 443 },
      ssl: true,
      insecure: true,
      host: 'b',
      trustConnectHost: true,
      clientCertificate: { certFile: '/c', keyFile: '/k' },
      overHttp: true,
      oneEvent: true,
      subscriptions: ['x', 'y'],
      untrusted: true,
    })
  })

  test('row 20: targets are named as they are written', () => {
    const { targets } = ruleOf('* 127.0.0.1:1 [::1]:2,ssl test zhttp/ipc:///x')
    deepEqual(targets.map(targetName), ['127.0.0.1:1', '[::1]:2', 'test', 'zhttp/ipc:///x'])
  })

  const warned: readonly (readonly [line: string, text: RegExp, isVoid: boolean])[] = [
    ['*', /at least one target/, true],
    ['*,proto=tcp t:1', /proto=tcp/, true],
    ['*,ssl=1 t:1', /ssl=1/, true],
    ['*,path_beg= t:1', /empty path_beg/, true],
    ['* t', /no host:port/, true],
    ['* t:0', /1 to 65535/, true],
    ['* t:65536', /1 to 65535/, true],
    ['* [::g]:1', /no host:port/, true],
    [',path_beg=/x t:1', /neither a host nor an id/, true],
    ['a:80 t:1', /no request can name/, true],
    ['*,header=x t:1', /colon between/, true],
    ['*,header=Content-Length:0 t:1', /Content-Length/, true],
    ['*,replace_beg=/../x t:1', /dot segment/, true],
    ['* t:1,client_cert=/x', /without the other/, true],
    ['*,aggregate,host=x t:1', /'aggregate', which is unknown/, false],
    ['* t:1,trusted', /target property 'trusted', which is unknown/, false],
    ['* zhttp/tcp://127.0.0.1:1', /zhttpreq alone is served/, false],
    ['* zhttp/ipc:///x,ipc_file_mode=777', /ZeroMQ/, false],
  ]
  for (const [line, text, isVoid] of warned) {
    test(`${line} ${isVoid ? 'is void' : 'earns a warning'}`, () => {
      const { table, warnings } = routes(`\n${line}\n* test`)
      equal(warnings[0]?.line, 2)
      ok(text.test(warnings[0]?.text ?? ''), warnings[0]?.text)
      equal(warnings[0]?.isVoid, isVoid)
      // One line more holds, unless the first is for every host itself.
      ok(table.rules.some(({ line }) => line === (isVoid ? 3 : 2)))
    })
  }

  test('a key is never in a warning', () => {
    const { warnings } = routes('*,sig_key=hidden,nosuch t:1\n*,sig_key=hidden t\n*,sig_key="hidden\n')
    equal(warnings.length, 3)
    ok(!JSON.stringify(warnings).includes('hidden'))
  })

  test('a table crosses nothing but holds plain rules', () => {
    deepEqual(structuredClone(routes(fixture).table.rules).length, fixture.split('\n').length)
  })
})

describe('bounds', () => {
  test('of a file, of a line, of rules, of warnings', () => {
    const line = (n: number) => `h${n} t:1\n`
    equal(readRoutes('#'.repeat(routesBytesMax)).ok, true)
    equal(readRoutes('#'.repeat(routesBytesMax + 1)).ok, false)
    equal(readRoutes('\0').ok, false)
    equal(routes(`* t:1 #${'x'.repeat(16_377)}`).warnings.length, 0)
    equal(routes(`* t:1 #${'x'.repeat(16_378)}`).warnings[0]?.isVoid, true)
    const many = Array.from({ length: 10_000 }, (_, n) => line(n)).join('')
    equal(routes(many).table.rules.length, 10_000)
    equal(readRoutes(`${many}more t:1`).ok, false)
    equal(routes('x\n'.repeat(100)).warnings.length, 100)
    equal(routes('x\n'.repeat(5_000)).warnings.length, 101)
    equal(routes(`*${' t:1'.repeat(64)}`).table.rules.length, 1)
    equal(routes(`*${' t:1'.repeat(65)}`).table.rules.length, 0)
  })
})
