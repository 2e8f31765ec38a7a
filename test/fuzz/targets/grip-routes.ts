// Routes files, configuration files and the paths of requests: whatever is in them, what was read is sound.
import assert, { equal } from 'node:assert/strict'
import { requestHeaders } from '../../../src/frontends/grip/proxy/request-headers.ts'
import { readConf } from '../../../src/frontends/grip/pushpin-conf.ts'
import { normalisePath, rewritePath } from '../../../src/frontends/grip/routes/path.ts'
import { readRoutes } from '../../../src/frontends/grip/routes/source.ts'
import { callOf, fixture } from '../../unit/grip/given.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const lines = [
  ...fixture.split('\n'),
  'a,from="washington, \\"usa\\"" b:1 # c',
  '*,proto=http,ssl=yes,path_beg=/a,header="A: b",header=C:,sig_key="x y" [::1]:1,client_cert=/a,client_key=/b zhttp/ipc:///x',
]

const confs = [
  '[global]\ninclude=x.conf\nport_offset=10\n[runner]\nhttp_port=7999\nhttps_ports=443,8443\nlocal_ports=a?mode=660\n',
  '[proxy]\nsig_key="a \\"b"\nx_forwarded_for=truncate:1,append\n[handler]\npush_in_http_port=5561\nmessage_rate=-1\n',
]

const paths = ['/a/../b/%2e%2E/c', '/pub../x', '/a/./b//..', '/%2e./%2f..', '/a%2', '*']

const rewrites = [
  { pathBeg: '/a', pathRem: 0, replaceBeg: '/static/' },
  { pathBeg: '', pathRem: 3, replaceBeg: undefined },
]

const call = callOf('*,orig_headers,header=X:y t:1', { isTls: true, settings: { cdnLoop: 'c' } })

export const targets: readonly Target[] = [
  {
    name: 'grip-routes',
    inputs: damaged([fixture, ...lines]),
    check(bytes) {
      const read = readRoutes(bytes.toString())
      if (!read.ok) return assert.notEqual(read.mistake, '')
      for (const { text, line } of read.warnings) assert.ok(text !== '' && line >= 1)
      for (const rule of read.table.rules) {
        assert.ok(rule.targets.length > 0)
        const asked = { isSocket: rule.proto === 'ws', isTls: rule.ssl === true, path: rule.pathBeg }
        // A rule that can be reached matches what it asks for, or a better one does.
        if (rule.host !== '') assert.ok(read.table.choose({ ...asked, host: rule.host }) !== undefined)
        for (const { name, value } of rule.headers) assert.ok(!/[\0\r\n]/.test(name + value))
      }
    },
  },
  {
    name: 'grip-conf',
    inputs: damaged(confs),
    check(bytes) {
      const text = bytes.toString()
      const place = { workingDir: '/w', read: (path: string) => (path === '/w/x.conf' ? confs[1] : text) }
      const read = readConf({ path: '/w/c', id: undefined }, place)
      if (!read.ok) return assert.ok(read.mistakes.length > 0)
      for (const [name, value] of Object.entries(read.environment)) {
        assert.match(name, /^(?:RINGCAST|PUSHPIN)_[A-Z_]+$/)
        equal(typeof value, 'string')
      }
    },
  },
  {
    name: 'grip-paths',
    inputs: damaged(paths),
    check(bytes) {
      const path = bytes.toString('latin1')
      const routed = normalisePath(path)
      equal(normalisePath(routed), routed)
      equal(routed.startsWith('/'), path.startsWith('/'))
      for (const each of [routed, ...rewrites.map(rule => rewritePath(routed, rule))]) {
        if (each?.startsWith('/')) assert.doesNotMatch(each, /\/(?:\.|%2e){1,2}(?:\/|$)/i)
      }
      const pieces = path.split('/')
      const raw = requestHeaders(pieces.length % 2 === 0 ? pieces : [...pieces, ''], call)
      equal(raw.length % 2, 0)
    },
  },
]
