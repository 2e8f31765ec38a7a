// Addresses in lists, and what no setting can be blamed for by its type.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { mistakesIn, parseLocalAddress } from '../../../src/frontends/grip/listening.ts'
import { gripSection } from '../../../src/frontends/grip/settings.ts'
import { readSettings } from '../../../src/settings/settings.ts'

describe('addresses in lists', () => {
  test('a unix socket with what its file gets', () => {
    deepEqual(parseLocalAddress('/a/b.sock?mode=0660&user=u&group=g'), {
      path: '/a/b.sock',
      mode: 0o660,
      user: 'u',
      group: 'g',
    })
    deepEqual(parseLocalAddress('unix:/a'), {
      path: '/a',
      mode: undefined,
      user: undefined,
      group: undefined,
    })
    for (const text of [
      'a',
      '/a?mode=999',
      '/a?mode=1',
      '/a?x=1',
      '/a?mode=660&mode=660',
      '/a?user=',
      '/a?b?c',
      '',
    ]) {
      equal(parseLocalAddress(text), undefined, text)
    }
  })

  test('what no type refuses is told', () => {
    const { values } = readSettings([gripSection], {
      environment: {
        RINGCAST_GRIP_TLS_LISTEN: '443,unix:/x',
        RINGCAST_GRIP_LOCAL_LISTEN: 'x',
        RINGCAST_GRIP_X_FORWARDED_FOR: 'append,prepend',
        RINGCAST_GRIP_CDN_LOOP: 'a, b',
        RINGCAST_GRIP_CONTROL_USER: 'a:b',
      },
    })
    const mistakes = mistakesIn(values['grip'] as never)
    equal(mistakes.length, 7)
    for (const sentence of mistakes) match(sentence, /^RINGCAST_GRIP_/)
  })
})
