// What an operator installs, made and started from there: the npm package. The Debian package and the image are in the soak.
import { deepEqual, equal } from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { copySources, temporaryFolder } from '../helpers/installed.ts'
import { environment, root, run, serves, version } from '../helpers/packages.ts'
import { shipped } from '../helpers/proxies.ts'

describe('the npm package', () => {
  test('holds what it needs and no more, installs into an empty folder, and serves', async t => {
    const folder = copySources(t)
    const packed = JSON.parse(run(folder, 'npm', 'pack', '--json', '--silent'))[0]
    const files: readonly string[] = packed.files.map(({ path }: { path: string }) => path)
    const wanted = [
      'package.json',
      'README.md',
      'LICENSE',
      'dist/src/main.js',
      'dist/workers/worker.js',
    ].concat(['page.html', 'page.css', 'page.js', 'icon.svg'].map(name => `dist/src/playground/page/${name}`))
    const samples = readdirSync(join(root, 'deploy'), { recursive: true, encoding: 'utf8' })
      .map(path => `deploy/${path}`)
      .filter(path => statSync(join(root, path)).isFile())
    deepEqual(
      [...wanted, ...samples, 'src/frontends/rpushd/README.md'].filter(path => !files.includes(path)),
      [],
    )
    deepEqual(
      files.filter(path => /^(test|bench|\.ci|node_modules)\/|\.map$|tsbuildinfo|(?<!\.d)\.ts$/.test(path)),
      [],
    )
    const place = temporaryFolder(t, 'npm')
    run(place, 'npm', 'install', '--silent', join(folder, packed.filename))
    const program = join(place, 'node_modules/.bin/ringcast')
    equal(run(place, program, '--version').trim(), `ringcast ${version}`)
    await serves(t, [program], environment, place)
  })
})

describe('the image', () => {
  test('is built from a context that lacks nothing', () => {
    const listed = shipped('docker/Containerfile.dockerignore')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1))
    const copied = [...shipped('docker/Containerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(
      ([, paths = '']) => paths.split(' '),
    )
    deepEqual(listed.sort(), copied.sort())
  })
})
