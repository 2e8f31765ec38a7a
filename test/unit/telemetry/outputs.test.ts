// The search for secrets in what daemons wrote: it must go red.
import { deepEqual } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { mintHmacToken } from '../../../src/auth/hmac-token.ts'
import { keepOutput, OUTPUT_VARIABLE, searchOutputs } from '../../helpers/outputs.ts'

const secret = 'f4a1c09be7d25836'
/** As the process of this test is called, which may run others beside it. */
const name = `${basename(process.argv[1] ?? '')}-7.txt`

/** A folder in place of the run's own, where a planted secret would fail the run. */
function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'outputs-'))
  const before = process.env[OUTPUT_VARIABLE]
  process.env[OUTPUT_VARIABLE] = folder
  t.after(() => {
    rmSync(folder, { recursive: true })
    if (before === undefined) delete process.env[OUTPUT_VARIABLE]
    else process.env[OUTPUT_VARIABLE] = before
  })
  return folder
}

test('a secret in a log line or on standard error is found, with its place', t => {
  const folder = folderOf(t)
  const output = keepOutput(7, {
    RINGCAST_MODE: 'development',
    RINGCAST_DOOR_SECRET: `0123456789,\n${secret}`,
  })
  output.printed('{"level":30,"msg":"ready"}')
  output.printed(`{"level":30,"msg":"with ${secret}"}`)
  output.failed(`ringcast: ${secret} is wrong`)
  deepEqual(searchOutputs(folder), {
    outputs: 1,
    secrets: 2,
    found: [
      `${name}:2 shows the secret ${secret}: {"level":30,"msg":"with ${secret}"}`,
      `${name}:3 shows the secret ${secret}: ringcast: ${secret} is wrong`,
    ],
  })
})

test('what looks like a token is found, whoever made it', t => {
  const folder = folderOf(t)
  const line = `{"level":30,"token":"${mintHmacToken(secret, { channel: 'a' })}"}`
  keepOutput(7, {}).printed(line)
  deepEqual(searchOutputs(folder).found, [`${name}:1 shows what looks like a token: ${line}`])
})

test('the greeting of development may show what it made up, and nobody else may', t => {
  const folder = folderOf(t)
  const output = keepOutput(7, { RINGCAST_MODE: 'development' })
  output.printed(`  RINGCAST_DOOR_SECRET=${secret}`)
  output.printed(`curl -H 'authorization: Bearer ${secret}'`)
  deepEqual(searchOutputs(folder), { outputs: 1, secrets: 1, found: [] })
  output.failed(secret)
  deepEqual(searchOutputs(folder).found, [`${name}:1 shows the secret ${secret}: ${secret}`])
})

test('production has no greeting, so whatever it prints counts', t => {
  const folder = folderOf(t)
  keepOutput(7, { RINGCAST_MODE: 'production', RPUSHD_SECRET: secret }).printed(`  A_SECRET=${secret}`)
  deepEqual(searchOutputs(folder).found.length, 1)
})

test('short secrets and empty folders find nothing', t => {
  const folder = folderOf(t)
  deepEqual(searchOutputs(folder), { outputs: 0, secrets: 0, found: [] })
  keepOutput(7, { RPUSHD_SECRET: 'ready', RINGCAST_DOOR_SECRET_FILE: '/etc/ready' }).printed(
    '{"msg":"ready /etc/ready"}',
  )
  writeFileSync(join(folder, 'other'), secret)
  deepEqual(searchOutputs(folder), { outputs: 1, secrets: 0, found: [] })
})
