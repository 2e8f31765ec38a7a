// A socket that listens and that nobody accepts from, for a process or a listener that is given it: what systemd has.
import { ok } from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, renameSync } from 'node:fs'
import { createServer, type ListenOptions, type Server } from 'node:net'
import type { TestContext } from 'node:test'
import { loadNativeCalls } from '../../src/net/inherited/native-calls.ts'
import { nameBeside } from '../../src/net/socket-path.ts'

/** Its descriptor, which the test has until its end. */
export async function listeningSocket(t: TestContext, options: ListenOptions): Promise<number> {
  const calls = await loadNativeCalls()
  ok(typeof calls !== 'string', String(calls))
  const { path } = options
  // Node.js removes the name that it gave.
  const server = createServer().listen(path === undefined ? options : { path: nameBeside(path) })
  await once(server, 'listening')
  if (path !== undefined) renameSync(nameBeside(path), path)
  const { fd } = (server as Server & { readonly _handle: { readonly fd: number } })._handle // of Node.js itself
  const descriptor = calls.double(fd)
  server.close()
  t.after(() => closeSync(descriptor))
  return descriptor
}
