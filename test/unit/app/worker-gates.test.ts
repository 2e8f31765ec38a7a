// Gates of one worker whose certificate cannot be used: it listens without them, and with them as soon as it can.
import { deepEqual, equal } from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { WorkerGates } from '../../../src/app/worker-gates.ts'
import { systemClock } from '../../../src/std/clock.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { createAuthority } from '../../helpers/certificates.ts'
import { freePort } from '../../helpers/proxies.ts'
import { until } from '../../helpers/until.ts'

test('a door without a certificate opens on the reload that finds one', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'gates-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const files = { certificate: join(folder, 'a.crt'), key: join(folder, 'a.key') }
  for (const path of Object.values(files)) writeFileSync(path, 'none')
  const port = await freePort()
  const codes: string[] = []
  const log = { error: ({ code }: { code: string }) => codes.push(code) } as unknown as Log<string> // it asks for no more
  const door = { name: 'tls', setting: 'tlsListen', isGate: true } as const
  const address = { protocol: 'a', door, address: { host: '127.0.0.1', port }, certificate: files }
  const gates = new WorkerGates(systemClock, log, [address], { slot: 0, workers: 1 })
  t.after(() => gates.close())
  gates.open('a', { tls: { handle() {} } })
  // Before the node serves a reload opens nothing.
  gates.reload()
  deepEqual([codes, await isOpen(port)], [[], false])
  await gates.listen()
  deepEqual([codes, await isOpen(port)], [['certificate-unreadable'], false])
  gates.reload()
  deepEqual([codes.length, await isOpen(port)], [2, false])
  const { certPath, keyPath } = createAuthority(t).issue('IP:127.0.0.1')
  copyFileSync(certPath, files.certificate)
  copyFileSync(keyPath, files.key)
  gates.reload()
  gates.reload()
  await until('the door to be open', () => isOpen(port))
  writeFileSync(files.key, 'none')
  gates.reload()
  deepEqual(codes.slice(2), ['reload-refused'])
  equal(await isOpen(port), true)
})

function isOpen(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
