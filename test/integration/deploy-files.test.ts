// What the shipped files and pages say about the program and the kernel, held against both.
import { deepEqual, ok } from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { sectionsFor } from '../../src/app/node.ts'
import { frontends } from '../../src/app/worker.ts'
import { fileVariableOf, variableOf } from '../../src/settings/names.ts'
import { parseAddress } from '../../src/std/address.ts'
import { shipped } from '../helpers/proxies.ts'

const folder = resolve(import.meta.dirname, '../../deploy')
const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path =>
  statSync(join(folder, path)).isFile(),
)
const sections = sectionsFor(frontends)

describe('the shipped files', () => {
  test('name only settings that there are', () => {
    const known = sections.flatMap(({ name, fields }) =>
      Object.keys(fields).flatMap(key => {
        const variable = variableOf(name, key)
        return [variable, fileVariableOf(variable)]
      }),
    )
    const strange = paths.flatMap(path => {
      const named = shipped(path).match(/\bRINGCAST_[A-Z_]+/g) ?? []
      return named.filter(name => !known.includes(name)).map(name => `${path}: ${name}`)
    })
    deepEqual(strange, [])
  })

  test('name only metrics that there are', () => {
    const listed = readFileSync(join(folder, '../src/admin/README.md'), 'utf8')
    const pages = paths.filter(path => path.endsWith('.md'))
    const strange = pages.flatMap(path => {
      const named = shipped(path).match(/\bringcast_[a-z_]+/g) ?? []
      return named.filter(name => !listed.includes(`| \`${name}\` |`)).map(name => `${path}: ${name}`)
    })
    deepEqual(strange, [])
  })

  test('name only files that there are', () => {
    const pages = paths.filter(path => path.endsWith('.md'))
    const missing = pages.flatMap(path => {
      const quoted = [...shipped(path).matchAll(/[`(]([a-z]+\/[\w./-]+\.\w+|[\w-]+\.md)[`)]/g)]
      const named = quoted.map(([, name = '']) => name)
      return named.filter(name => !existsSync(join(folder, name)) && !existsSync(join(folder, '..', name)))
    })
    deepEqual(missing, [])
  })

  test('are each listed in the page of their folder', () => {
    const listed = shipped('README.md')
    const inner = /^debian\/(?!build)|^docker\/.*ignore$|^README\.md$/
    deepEqual(
      paths.filter(path => !inner.test(path) && !listed.includes(path)),
      [],
    )
  })

  test('give streams more time than there is between two heartbeats', () => {
    const [rpushd] = frontends.filter(({ name }) => name === 'rpushd')
    const heartbeat = rpushd?.section.fields['heartbeatMs']
    ok(heartbeat?.type === 'integer')
    const files = ['nginx/ringcast-rpushd.conf', 'haproxy/ringcast-rpushd.cfg', 'apache/ringcast-rpushd.conf']
    for (const file of files) {
      const longest = Math.max(
        ...[...shipped(file).matchAll(/time(?:out)?\w*[ =](?:server )?(\d+)s?\b/g)].map(([, s]) => Number(s)),
      )
      ok(longest * 1_000 > 2 * heartbeat.default, `${file}: ${longest} s`)
    }
  })
})

describe('deploy/sysctl/90-ringcast.conf', () => {
  const lines = shipped('sysctl/90-ringcast.conf')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))

  test('has only keys that the kernel knows, but for those it forgives', () => {
    const keys = lines.map(line => /^(-?[a-z0-9_.]+) = [\d ,-]+$/.exec(line)?.[1] ?? `not a setting: ${line}`)
    const unknown = keys.filter(
      key => !key.startsWith('-') && !existsSync(`/proc/sys/${key.replaceAll('.', '/')}`),
    )
    deepEqual(unknown, [])
  })

  test('keeps the ports of the node from outgoing connections', () => {
    const reserved =
      lines.find(line => line.startsWith('net.ipv4.ip_local_reserved_ports'))?.split(/[ ,]/) ?? []
    const first = Number(/ip_local_port_range = (\d+)/.exec(lines.join('\n'))?.[1])
    const ports = sections
      .flatMap(({ fields }) => Object.values(fields))
      .flatMap(field => (field.type === 'address' ? [parseAddress(field.default)?.port ?? 0] : []))
    deepEqual(
      ports.filter(port => port >= first && !reserved.includes(String(port))),
      [],
    )
  })

  test('lets a process have as many descriptors as the unit asks for', () => {
    const most = Number(/fs\.nr_open = (\d+)/.exec(lines.join('\n'))?.[1])
    const wanted = Number(/^LimitNOFILE=(\d+)$/m.exec(shipped('systemd/ringcast.service'))?.[1])
    const usual = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'))
    ok(wanted <= most)
    ok(wanted <= Math.max(usual, 1_048_576), 'also without our file')
  })
})
