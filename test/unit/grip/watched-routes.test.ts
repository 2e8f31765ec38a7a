// The rules in force: out of a file that is looked at once a second, or out of the settings (contract §2.9).
import { deepEqual, equal } from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { WatchedRoutes } from '../../../src/frontends/grip/routes/watched.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const folder = mkdtempSync(join(tmpdir(), 'grip-routes-'))
after(() => rmSync(folder, { recursive: true }))

let clock: FakeClock
let told: string[]
let file: string
let count = 0

beforeEach(() => {
  clock = new FakeClock()
  told = []
  mkdirSync(join(folder, `${++count}`))
  file = join(folder, `${count}`, 'routes')
})

function watch(source: { file?: string; text?: string }): WatchedRoutes {
  return new WatchedRoutes(
    {
      clock,
      loaded: ({ rules }, warnings) =>
        void told.push(`${rules.length} rules${warnings.map(({ line }) => `, line ${line}`).join('')}`),
      failed: (from, why) => void told.push(`${from === file ? 'the file' : from} ${why}`),
    },
    { file: '', text: '', ...source },
  )
}

describe('a file of routes', () => {
  test('is read again within a second of a change, and only then', () => {
    writeFileSync(file, '* test\n')
    const routes = watch({ file })
    clock.advance(10_000)
    deepEqual(told.splice(0), ['1 rules'])
    writeFileSync(file, '* test\nnonsense\na test\n')
    clock.advance(1_000)
    deepEqual(told.splice(0), ['2 rules, line 2'])
    writeFileSync(`${file}.new`, 'b test\n')
    renameSync(`${file}.new`, file)
    clock.advance(1_000)
    deepEqual(told, ['1 rules'])
    equal(routes.table.rules[0]?.host, 'b')
  })

  test('that is gone leaves the rules as they are, is told once, and may come back', () => {
    writeFileSync(file, '* test\n')
    const routes = watch({ file })
    rmSync(file)
    clock.advance(10_000)
    deepEqual(told.splice(0), ['1 rules', 'the file cannot be read: ENOENT'])
    equal(routes.table.rules.length, 1)
    writeFileSync(file, '')
    clock.advance(1_000)
    deepEqual(told, ['0 rules'])
  })

  test('may come later', () => {
    const routes = watch({ file })
    equal(routes.table.rules.length, 0)
    writeFileSync(file, '* test\n')
    clock.advance(1_000)
    deepEqual(told, ['the file cannot be read: ENOENT', '1 rules'])
  })

  test('that nobody can look at ends nothing', () => {
    writeFileSync(file, '* test\n')
    watch({ file })
    rmSync(file)
    symlinkSync(file, file)
    clock.advance(5_000)
    deepEqual(told, ['1 rules', 'the file cannot be read: ELOOP'])
    const folded = join(file, 'below')
    const below = watch({ file: folded })
    clock.advance(5_000)
    equal(below.table.rules.length, 0)
  })
})

describe('routes of the settings', () => {
  test('hold where no file is named, and change with a reload alone', () => {
    const routes = watch({ text: '* test' })
    clock.advance(10_000)
    routes.reload({ file: '', text: 'a test\nb test' })
    deepEqual(told, ['1 rules', '2 rules'])
  })

  test('give way to a file, which a reload reads though it looks as before', () => {
    writeFileSync(file, '* test\n')
    const routes = watch({ file, text: 'a test\nb test' })
    routes.reload({ file, text: '' })
    deepEqual(told, ['1 rules', '1 rules'])
  })
})
