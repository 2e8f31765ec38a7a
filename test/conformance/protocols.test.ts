// Whoever adds a protocol adds its table.
import { deepEqual } from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'

test('every protocol has a table of exchanges that is replayed', () => {
  const paths = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  const replayed = paths.filter(path => path.endsWith('/exchanges.test.ts'))
  deepEqual(
    replayed.sort(),
    Object.keys(registry)
      .map(name => `${name}/exchanges.test.ts`)
      .sort(),
  )
})
