// Packages that an operator installs: what the tests of each of them need.
import { equal } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { npmFromCache } from './containerfile.ts'
import { secrets } from './daemon.ts'
import { startInstalled } from './installed.ts'
import { openStream, publish } from './rpushd/proxy-clients.ts'

export const root = resolve(import.meta.dirname, '../..')
export const version = String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)

export const environment = {
  RINGCAST_MODE: 'production',
  RINGCAST_ONLY: 'rpushd',
  RINGCAST_WORKERS: '2',
  RINGCAST_RPUSHD_LISTEN: '127.0.0.1:0',
  RINGCAST_ADMIN_LISTEN: '127.0.0.1:0',
  RINGCAST_RPUSHD_SECRET: secrets.subscribe,
  RINGCAST_RPUSHD_PUBLISH_SECRET: secrets.publish,
}

/** Starts, brings a publication to a stream, and stops. */
export async function serves(
  t: TestContext,
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  place: string,
): Promise<void> {
  const daemon = await startInstalled(t, command, environment, place)
  const stream = await openStream(daemon.address('rpushd'), 'demo', '')
  await publish(daemon.address('rpushd'), 'demo', { hello: 'world' })
  equal(await stream.next(), '{"hello":"world"}')
  stream.connection.leave()
  equal(await daemon.stop(), 0)
}

/** Standard output; fails with everything that was said where the program fails. */
export function run(folder: string, program: string, ...args: readonly string[]): string {
  const env = { ...process.env, ...npmFromCache }
  return execFileSync(program, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
