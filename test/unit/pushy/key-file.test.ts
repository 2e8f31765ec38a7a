// What a start says of the file with pushy's keys.
import { deepEqual } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { frontend } from '../../../src/frontends/pushy/frontend.ts'
import { fileOf, setOf, settingsWith } from './given.ts'

test('a broken file refuses the start', t => {
  const jwksFile = fileOf(t, '{"keys":[{}]}')
  const { mistakes = [] } = frontend.judgeFiles?.(settingsWith({ jwksFile })) ?? {}
  deepEqual(mistakes, [
    `the key set ${jwksFile} has no key that can be used: key 1 has the type undefined, which is none of ours`,
  ])
})

test('what is of no use in a file is told with its name, secrets among it too', t => {
  const jwksFile = fileOf(t, setOf('one').replace(']', ',{"kty":"RSA","use":"enc"}]'))
  deepEqual(frontend.judgeFiles?.(settingsWith({ jwksFile })), {
    mistakes: [],
    warnings: [
      `the key set ${jwksFile}: some are passed over: key 2 has the use "enc"`,
      `the key set ${jwksFile}: key 1 has fewer than 64 bytes, which HS512 wants (RFC 7518 section 3.2)`,
    ],
    secrets: [{ name: `the key set ${jwksFile}: key 1`, secret: 'one' }],
  })
})

test('keys come out of a regular file alone, and nobody waits for another', t => {
  const fifo = `${fileOf(t, '')}.fifo`
  execFileSync('mkfifo', [fifo])
  for (const jwksFile of [fifo, '/dev/zero']) {
    const { mistakes } = frontend.judgeFiles?.(settingsWith({ jwksFile })) ?? {}
    deepEqual(mistakes, [`the key set ${jwksFile} cannot be read: it is no regular file`])
  }
})
