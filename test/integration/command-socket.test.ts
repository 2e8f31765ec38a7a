// `pub` and `sub` where the admin listener is a unix socket.
import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand, startCommand } from '../helpers/command.ts'
import { startDaemon } from '../helpers/daemon.ts'

const guarded = { RINGCAST_ADMIN_SECRET: 'operator-secret-0123456789' }

test('a listener on a unix socket is reached by its settings and by --url', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'command-api-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const address = `unix:${join(folder, 'admin.sock')}`
  const listen = { RINGCAST_ADMIN_LISTEN: address }
  const daemon = await startDaemon({
    workers: 2,
    environment: { RINGCAST_HISTORY_SIZE: '100', ...guarded, ...listen },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  equal(daemon.address('admin'), address)
  const bySettings = { environment: { ...guarded, ...listen } }
  const first = await runCommand(['pub', 'demo', '1'], bySettings)
  deepEqual([first.code, first.errors], [0, ''])
  const since = first.out.split(' ')[0] ?? ''
  const following = ['sub', 'demo', '--since', since, '--limit', '2', '--url', address]
  const follower = startCommand(following, { environment: guarded })
  t.after(() => follower.process.kill('SIGKILL'))
  const second = await runCommand(['pub', 'demo', '--text', '--url', address], {
    environment: guarded,
    input: 'x'.repeat(300_000),
  })
  deepEqual([second.code, second.errors], [0, ''])
  equal((await runCommand(['pub', 'demo', '{"n":3}'], bySettings)).code, 0)
  equal(await follower.ended, 0)
  equal(follower.out(), `${'x'.repeat(300_000)}\n{"n":3}\n`)

  const refused = await runCommand(['pub', 'demo', '1', '--url', address], {
    environment: { RINGCAST_ADMIN_SECRET: 'another-secret' },
  })
  equal(refused.code, 1)
  const aside = await runCommand(['sub', 'demo', '--all-protocols'], bySettings)
  deepEqual(
    [aside.code, aside.errors],
    [1, `ringcast: ${address} is a socket, and this needs an address of TCP; say --url\n`],
  )
  equal(await daemon.stop(), 0)
  const gone = await runCommand(['sub', 'demo', '--no-reconnect', '--url', address], bySettings)
  equal(gone.code, 3)
  match(gone.errors, /admin\.sock does not answer: connect ENOENT/)
})
