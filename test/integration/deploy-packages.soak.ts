// What an operator installs, made and started from there: the Debian package, and the image, whose Containerfile is followed
// without a container.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { follow } from '../helpers/containerfile.ts'
import { copySources, startInstalled, temporaryFolder } from '../helpers/installed.ts'
import { environment, root, run, version } from '../helpers/packages.ts'
import { shipped } from '../helpers/proxies.ts'

describe('the Debian package', () => {
  test('unpacks into the places of Debian, and serves from there as its unit says', async t => {
    const sources = copySources(t)
    const out = temporaryFolder(t, 'deb')
    run(sources, 'env', 'DEB_COMPRESSION=none', join(sources, 'deploy/debian/build.sh'), out)
    const [name = ''] = readdirSync(out)
    match(name, new RegExp(`^ringcast_${version.replace('-', '~')}_\\w+\\.deb$`))
    const place = temporaryFolder(t, 'root')
    run(out, 'dpkg', '-x', name, place)
    run(out, 'dpkg', '-e', name, join(place, 'DEBIAN'))
    const unit = readFileSync(join(place, 'usr/lib/systemd/system/ringcast.service'), 'utf8')
    equal(unit, shipped('systemd/ringcast.service'))
    const sockets = readFileSync(join(place, 'usr/lib/systemd/system/ringcast.socket'), 'utf8')
    equal(sockets, shipped('systemd/ringcast.socket'))
    for (const path of [
      'copyright',
      'changelog.gz',
      'README.md',
      'from-rpushd.md',
      'several-nodes.md',
      'tuning.md',
      'examples',
    ])
      accessSync(join(place, 'usr/share/doc/ringcast', path))
    equal(readFileSync(join(place, 'DEBIAN/conffiles'), 'utf8'), '/etc/ringcast/ringcast.env\n')
    run(place, 'md5sum', '--check', '--quiet', 'DEBIAN/md5sums')

    run(place, 'env', `DPKG_ROOT=${place}`, 'DEBIAN/postinst', 'configure')
    const program = join(place, 'usr/bin/ringcast')
    equal(run(place, program, '--version').trim(), `ringcast ${version}`)
    await servesAsUnit(t, unit, place)

    run(place, 'env', `DPKG_ROOT=${place}`, 'DEBIAN/postrm', 'purge')
    deepEqual(readdirSync(join(place, 'etc/ringcast')), ['ringcast.env'])
  })
})

describe('the image', () => {
  test('is made of files that exist, serves, and tells its health', async t => {
    const text = shipped('docker/Containerfile')
    const work = temporaryFolder(t, 'image')
    const built = follow(text, root, work)
    deepEqual(built.images, ['node:22-slim', 'node:22-slim'])
    ok(built.user !== 'root', 'it does not run as root')
    equal(built.environment['RINGCAST_MODE'], 'production')
    ok(
      !readdirSync(join(built.folder, 'node_modules')).includes('typescript'),
      'tools of development stay behind',
    )
    const state = join(built.root, built.environment['RINGCAST_STATE_DIR'] ?? '')
    deepEqual(readdirSync(state), [])
    const daemon = await startInstalled(
      t,
      [process.execPath, ...built.entrypoint.slice(1)],
      { ...built.environment, ...environment, RINGCAST_STATE_DIR: state },
      built.folder,
    )
    equal(built.entrypoint[0], 'node')
    const health = () => {
      const [program, ...args] = built.healthcheck
      equal(program, 'node')
      const env = { ...built.environment, ...environment, RINGCAST_ADMIN_LISTEN: daemon.address('admin') }
      return spawnSync(process.execPath, args, { cwd: built.folder, env, encoding: 'utf8' }).status
    }
    equal(health(), 0)
    equal(await daemon.stop(), 0)
    equal(health(), 1)
    ok(
      readdirSync(state).some(name => name.startsWith('snapshot.')),
      'a stopped node leaves its state',
    )
  })
})

/** Environment and credentials as the unit gives them, with the folders of a system that stands under `place`. */
async function servesAsUnit(t: TestContext, unit: string, place: string): Promise<void> {
  const state = join(place, 'var/lib')
  mkdirSync(join(state, 'ringcast'), { recursive: true })
  const credentials = [...unit.matchAll(/^LoadCredential=(.*):(.*)$/gm)]
  const folder = join(place, 'credentials')
  mkdirSync(folder)
  for (const [, id = '', path = ''] of credentials) {
    equal(statSync(join(place, path)).mode & 0o777, 0o600, `${path} is for root alone`)
    run(place, 'cp', join(place, path), join(folder, id))
  }
  const given = Object.fromEntries(
    [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value.replace('%S', state).replace('%d', folder),
    ]),
  )
  equal(given['RINGCAST_MODE'], 'production')
  const { RINGCAST_RPUSHD_LISTEN, RINGCAST_ADMIN_LISTEN } = environment
  const program = join(place, /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '')
  accessSync(program, constants.X_OK)
  const daemon = await startInstalled(
    t,
    [program],
    { ...given, RINGCAST_RPUSHD_LISTEN, RINGCAST_ADMIN_LISTEN },
    place,
  )
  const [secret = ''] = credentials.map(([, id = '']) => readFileSync(join(folder, id), 'utf8'))
  match(secret, /^[0-9a-f]{48}$/, 'the secrets that the package made up are in force')
  const health = await fetch(`http://${daemon.address('rpushd')}/healthz`)
  equal(health.status, 200)
  equal(await daemon.stop(), 0)
  ok(readdirSync(join(state, 'ringcast')).some(name => name.startsWith('snapshot.')))
}
