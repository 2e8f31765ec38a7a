// A copy of the tree without one protocol: its folder, its line in the registry, the tests, benches and helpers that have
// its name in theirs, and tests that are listed here because they speak this protocol alone.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { importsOf, scan } from '../tidy/scan.ts'
import { resolveSpecifier } from '../tidy/tree.ts'
import type { Copy } from './tree-copy.ts'

/** Where tests, benches and their helpers stand. */
const folders = ['test', 'bench'] as const

/** A file that names several protocols goes with any of them. The rest of the tree is as it was. */
export function removeProtocol(copy: Copy, name: string): void {
  const named = new RegExp(`(?<![a-z])${name}(?![a-z])`)
  for (const folder of ['src/frontends', ...folders]) {
    for (const path of pathsIn(copy, folder).filter(path => named.test(path))) remove(copy, path)
  }
  const registry = join(copy.root, 'src/frontends/registry.ts')
  const lines = readFileSync(registry, 'utf8').split('\n')
  writeFileSync(registry, lines.filter(line => !line.includes(`'./${name}/`)).join('\n'))
}

/** Tests and benches that import what is not there, themselves or by others: they are removed too, and told. */
export function removeBroken(copy: Copy): readonly string[] {
  const removed: string[] = []
  for (;;) {
    const files = folders.flatMap(folder => pathsIn(copy, folder)).filter(path => path.endsWith('.ts'))
    const all = new Set([...files, ...pathsIn(copy, 'src'), ...pathsIn(copy, 'workers')])
    const broken = files.filter(path => targetsOf(copy, path).some(target => !all.has(target)))
    if (broken.length === 0) return removed.sort()
    for (const path of broken) remove(copy, path)
    removed.push(...broken)
  }
}

/** Of the rules of the house, those about code: pages may speak of the protocol, and what served it alone is dead. */
export function rulesIn(copy: Copy): readonly string[] {
  const rules = pathsIn(copy, 'test/tidy').filter(path => path.endsWith('.test.ts'))
  return rules
    .map(path => path.replace(/^test\//, ''))
    .filter(path => !/\/(?:docs|dead)\.test\.ts$/.test(path))
}

function targetsOf(copy: Copy, path: string): readonly string[] {
  const imports = importsOf(scan(readFileSync(join(copy.root, path), 'utf8')))
  const targets = imports.map(({ specifier }) => resolveSpecifier(path, specifier))
  return targets
    .filter(target => target?.endsWith('.ts') === true && !target.startsWith('dist/'))
    .filter(target => target !== undefined)
}

function pathsIn(copy: Copy, folder: string): readonly string[] {
  return readdirSync(join(copy.root, folder), { recursive: true, encoding: 'utf8' }).map(path =>
    posix.join(folder, path),
  )
}

function remove(copy: Copy, path: string): void {
  rmSync(join(copy.root, path), { recursive: true, force: true })
}
