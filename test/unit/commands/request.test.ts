// What is asked past fetch, and how its connection ends.
import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { requestFrom } from '../../../src/commands/request.ts'
import { until } from '../../helpers/until.ts'

test('a request leaves it to its client to close, who does so behind the answer', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'request-'))
  const socketPath = join(folder, 'a.sock')
  const server = createServer((asked, answer) => {
    asked.resume().on('end', () => answer.end(`${asked.method} ${asked.headers.connection}`))
  }).listen(socketPath)
  t.after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  await once(server, 'listening')
  let closed = 0
  server.on('connection', socket => socket.on('close', () => closed++))

  const { signal } = new AbortController()
  const answer = await requestFrom({ socketPath }, '/', { method: 'POST', body: 'x'.repeat(300_000), signal })
  deepEqual([answer.status, await answer.text()], [200, 'POST keep-alive'])
  await until('it to be closed', () => closed === 1)
  equal(server.listening, true)
})
