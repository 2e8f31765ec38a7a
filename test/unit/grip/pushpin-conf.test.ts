// The configuration of the original, by way of `ringcast grip` (contract §3).
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseIni } from '../../../src/frontends/grip/ini.ts'
import { mistakesIn } from '../../../src/frontends/grip/listening.ts'
import { gripSection } from '../../../src/frontends/grip/settings.ts'
import { readSettings } from '../../../src/settings/settings.ts'
import { given, lines, readAll, shipped, usualFile } from './given-conf.ts'

describe('a shipped file', () => {
  const { environment, remarks = [] } = given(shipped)

  test('becomes settings of ours', () => {
    deepEqual(environment, {
      RINGCAST_MODE: 'production',
      RINGCAST_ADMIN_LISTEN: 'off',
      RINGCAST_LOG_LEVEL: 'info',
      RINGCAST_GRIP_SUBSCRIBE: '*',
      RINGCAST_GRIP_PUBLISH: '*',
      RINGCAST_GRIP_LISTEN: '0.0.0.0:7999',
      RINGCAST_GRIP_CLIENT_BUFFER_BYTES: '8192',
      RINGCAST_GRIP_CLIENT_MAXCONN: '50000',
      RINGCAST_GRIP_ROUTES: '/etc/pushpin/routes',
      RINGCAST_GRIP_DEBUG: 'false',
      RINGCAST_GRIP_AUTO_CROSS_ORIGIN: 'false',
      RINGCAST_GRIP_ACCEPT_X_FORWARDED_PROTOCOL: 'false',
      RINGCAST_GRIP_SET_X_FORWARDED_PROTOCOL: 'proto-only',
      RINGCAST_GRIP_X_FORWARDED_FOR: '',
      RINGCAST_GRIP_X_FORWARDED_FOR_TRUSTED: '',
      RINGCAST_GRIP_ORIG_HEADERS_NEED_MARK: '',
      RINGCAST_GRIP_ACCEPT_PUSHPIN_ROUTE: 'false',
      RINGCAST_GRIP_CDN_LOOP: '',
      RINGCAST_GRIP_SIG_ISS: 'pushpin',
      PUSHPIN_SIG_KEY: 'changeme',
      RINGCAST_GRIP_SOCKJS_URL: 'http://example.com/sockjs.js',
      RINGCAST_GRIP_CONTROL_LISTEN: '127.0.0.1:5561',
      RINGCAST_GRIP_CONTROL_BODY_BYTES_MAX: '1000000',
      RINGCAST_GRIP_STATS_CONNECTION_TTL_MS: '120000',
      RINGCAST_GRIP_STATS_CONNECTION_SEND: 'true',
      RINGCAST_GRIP_STATS_SUBSCRIPTION_TTL_MS: '60000',
      RINGCAST_GRIP_STATS_REPORT_INTERVAL_MS: '10000',
      RINGCAST_GRIP_STATS_FORMAT: 'tnetstring',
      RINGCAST_GRIP_MESSAGE_RATE: '2500',
      RINGCAST_GRIP_MESSAGE_HWM: '25000',
      RINGCAST_GRIP_MESSAGE_WAIT_MS: '5000',
      RINGCAST_GRIP_ID_CACHE_TTL_MS: '60000',
      RINGCAST_GRIP_CONNECTION_SUBSCRIPTION_MAX: '20',
      RINGCAST_GRIP_SUBSCRIPTION_LINGER_MS: '60000',
      RINGCAST_GRIP_ZMQ_PULL: 'tcp://127.0.0.1:5560',
      RINGCAST_GRIP_ZMQ_SUB: 'tcp://127.0.0.1:5562',
      RINGCAST_GRIP_ZMQ_SUB_CONNECT: 'false',
      RINGCAST_GRIP_ZMQ_COMMAND: 'tcp://127.0.0.1:5563',
      RINGCAST_GRIP_ZMQ_STATS: 'ipc:///w/run/pushpin-stats',
    })
  })

  test('which are sound, each of them', () => {
    const own = Object.entries(environment).filter(([name]) => /^(?:RINGCAST_GRIP|PUSHPIN)_/.test(name))
    const read = readSettings([gripSection], { environment: Object.fromEntries(own) })
    deepEqual(read.mistakes, [])
    deepEqual(mistakesIn(read.values['grip'] as never), [])
    equal(read.origins.size, own.length)
    deepEqual(read.values['grip']?.['sigKey'], ['changeme'])
  })

  test('and each option without effect is named, once', () => {
    const told = remarks.join('\n')
    for (const name of ['services', 'connmgr_bin', 'logdir']) {
      equal(told.split(`.${name}`).length, 2, name)
    }
    match(told, /update_on_first_subscription/)
    for (const quiet of ['push_in_sub_connect', 'log_from', 'allow_compression', 'http_port', 'changeme']) {
      ok(!told.includes(quiet), quiet)
    }
  })
})

describe('the configuration', () => {
  test('moves the ports of ZeroMQ by the offset, and names its files by the prefix', () => {
    const text =
      '[global]\nrundir=/r\n[handler]\npush_in_spec=tcp://127.0.0.1:5560\npush_in_sub_specs=tcp://127.0.0.1:5562, ipc://x\npush_in_sub_connect=true\nstats_spec=ipc://{rundir}/{ipc_prefix}stats\nstats_format=json\nipc_file_mode=660\n'
    const { environment } = given(text, ['--id', '2'])
    equal(environment['RINGCAST_GRIP_ZMQ_PULL'], 'tcp://127.0.0.1:5580')
    equal(environment['RINGCAST_GRIP_ZMQ_SUB'], 'tcp://127.0.0.1:5582,ipc:///w/x')
    equal(environment['RINGCAST_GRIP_ZMQ_SUB_CONNECT'], 'true')
    equal(environment['RINGCAST_GRIP_ZMQ_STATS'], 'ipc:///r/p2-stats')
    equal(environment['RINGCAST_GRIP_STATS_FORMAT'], 'json')
    equal(environment['RINGCAST_GRIP_ZMQ_IPC_MODE'], '660')
    equal(environment['RINGCAST_GRIP_ZMQ_COMMAND'], undefined)
  })

  test('says what is unknown', () => {
    const { remarks = [] } = given('[proxy]\nnosuch=1\nzurl_out_specs=ipc://x\n[what]\never=2\n')
    deepEqual(remarks, [
      `${usualFile}: unknown, and passed over: proxy.nosuch, what.ever`,
      `${usualFile}: ignored, since there are no separate processes: proxy.zurl_out_specs`,
    ])
  })

  test('has ports for Prometheus', () => {
    const { environment } = given(
      '[proxy]\nprometheus_port=127.0.0.1:9001\nprometheus_prefix=p_\n[handler]\nprometheus_port=ipc:///run/m.sock\n',
    )
    equal(environment['RINGCAST_GRIP_PROMETHEUS_PROXY_LISTEN'], '127.0.0.1:9001')
    equal(environment['RINGCAST_GRIP_PROMETHEUS_PROXY_PREFIX'], 'p_')
    equal(environment['RINGCAST_GRIP_PROMETHEUS_LISTEN'], 'unix:/run/m.sock')
    match(String(lines('[handler]\nprometheus_port=x')), /prometheus_port \(line 2\) is 'x', and no port/)
  })

  test('without a line is as the original without it', () => {
    const { environment } = given('')
    equal(environment['RINGCAST_GRIP_LISTEN'], 'off')
    equal(environment['RINGCAST_GRIP_CONTROL_LISTEN'], 'off')
    equal(environment['RINGCAST_GRIP_ID_CACHE_TTL_MS'], '0')
    equal(environment['RINGCAST_GRIP_SET_X_FORWARDED_PROTOCOL'], 'false')
    ok(!('PUSHPIN_SIG_KEY' in environment))
  })

  test('has addresses, TLS ports with their certificates, and unix sockets', () => {
    const { environment } = given(
      '[runner]\nhttp_port=127.0.0.1:80\nhttps_ports=443,[::1]:8443\nlocal_ports=run/a.sock?mode=660&group=www,/b.sock\n[handler]\npush_in_http_addr=::1\npush_in_http_port=5561',
    )
    equal(environment['RINGCAST_GRIP_LISTEN'], '127.0.0.1:80')
    equal(environment['RINGCAST_GRIP_TLS_LISTEN'], '0.0.0.0:443,[::1]:8443')
    equal(environment['RINGCAST_GRIP_TLS_CERTIFICATES'], '/etc/pushpin/runner/certs')
    equal(environment['RINGCAST_GRIP_LOCAL_LISTEN'], '/w/run/a.sock?mode=660&group=www,/b.sock')
    equal(environment['RINGCAST_GRIP_CONTROL_LISTEN'], '[::1]:5561')
  })

  test('includes a weaker file, and misses its internals alone', () => {
    const files = {
      '/c/my.conf': '[global]\ninclude=more/{ipc_prefix}x.conf\n[proxy]\ncdn_loop=own\n',
      '/c/more/pushpin-x.conf': '[proxy]\ncdn_loop=weak\nsig_iss={rundir}!\n',
    }
    const reading = readAll(['--config', '/c/my.conf'], files)
    ok(reading.ok)
    equal(reading.environment['RINGCAST_GRIP_CDN_LOOP'], 'own')
    equal(reading.environment['RINGCAST_GRIP_SIG_ISS'], 'run!')
    match(
      String(lines('[global]\ninclude=gone.conf')),
      /includes \/etc\/pushpin\/gone\.conf, which cannot be read/,
    )
  })

  test('is looked for in the usual places, in their order', () => {
    const at = (path: string, port: number) => [path, `[runner]\nhttp_port=${port}`] as const
    const all = [at('/w/config/pushpin.conf', 1), at('/w/pushpin.conf', 2), at(usualFile, 3)]
    for (const [index] of all.entries()) {
      const reading = readAll([], Object.fromEntries(all.slice(index)))
      ok(reading.ok)
      equal(reading.environment['RINGCAST_GRIP_LISTEN'], `0.0.0.0:${index + 1}`)
    }
    match(
      String(lines('', ['--config', 'gone.conf'])),
      /1,Error: no configuration can be read: \/w\/gone\.conf/,
    )
  })

  const mistakes: readonly (readonly [text: string, mistake: RegExp])[] = [
    ['[runner]\nhttp_port=x', /runner\.http_port \(line 2\) is 'x', and no port/],
    ['[runner]\nhttp_port=70000', /no port or addr:port/],
    ['[runner]\nhttps_ports=1,x', /has 'x'/],
    ['[runner]\nlog_level=high', /level from 0 to 3/],
    ['[proxy]\ndebug=perhaps', /neither true nor false/],
    ['[handler]\nmessage_wait=fast', /no whole number/],
    ['[global]\nport_offset=60000\n[handler]\npush_in_http_port=5561', /offset of 60000, and no port/],
    ['[global]\nport_offset=-1', /port_offset is '-1'/],
    ['[proxy]\nwhat is this', /line 2 is neither a section nor an option/],
  ]
  for (const [text, mistake] of mistakes) {
    test(`refuses ${JSON.stringify(text)}`, () => match(String(lines(text)), mistake))
  }

  test('numbers beyond our bounds are the bound', () => {
    const { environment } = given(
      '[runner]\nclient_buffer_size=1\nclient_maxconn=999999999999\n[handler]\nmessage_wait=-1',
    )
    equal(environment['RINGCAST_GRIP_CLIENT_BUFFER_BYTES'], '1024')
    equal(environment['RINGCAST_GRIP_CLIENT_MAXCONN'], '10000000')
    equal(environment['RINGCAST_GRIP_MESSAGE_WAIT_MS'], '0')
  })
})

test('the form of the file', () => {
  const { values, mistakes } = parseIni(
    '\ufeff[a]\r\nb = c d \r\n;x\nb=last\nq="a \\"b\\" \\\\"\n[ s ]\nk=v=w\nodd\n=x',
  )
  deepEqual(
    [...values].map(([name, { value, line }]) => [name, value, line]),
    [
      ['a.b', 'last', 4],
      ['a.q', 'a "b" \\', 5],
      ['s.k', 'v=w', 7],
    ],
  )
  deepEqual(
    mistakes.map(({ line }) => line),
    [8, 9],
  )
})
