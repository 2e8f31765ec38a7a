import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { pushySection } from '../../../src/frontends/pushy/settings.ts'
import { readSettings } from '../../../src/settings/settings.ts'

test('a cookie has a name that a cookie can have', () => {
  const mistakesOf = (name: string) =>
    readSettings([pushySection], { environment: { RINGCAST_PUSHY_COOKIE: name } }).mistakes
  for (const name of ['', 'token', '__Host-token', 'a.b~c']) deepEqual(mistakesOf(name), [])
  for (const name of ['a b', 'a=b', 'a;b', 'caf\u00e9', '"a"']) {
    deepEqual(mistakesOf(name), [
      `RINGCAST_PUSHY_COOKIE must be a name that a cookie can have, not '${name}'`,
    ])
  }
})
