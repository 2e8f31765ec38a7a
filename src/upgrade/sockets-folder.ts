// The folder of unix sockets between processes of one node, in its state directory, for this user alone.

import { once } from 'node:events'
import { chmodSync, mkdirSync, renameSync } from 'node:fs'
import type { Server } from 'node:net'
import { join } from 'node:path'

const folderName = 'sockets'
/** What a unix socket's path may have (unix(7)), and what is put behind it for a moment. */
const pathBytesMax = 107
const besideBytes = 12

/** Undefined: the state directory's path is too long. */
export function socketsFolder(stateDir: string, longest: string): string | undefined {
  const folder = join(stateDir, folderName)
  return Buffer.byteLength(join(folder, longest)) + besideBytes > pathBytesMax ? undefined : folder
}

export function makeSocketsFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
}

/**
 * Takes the place of whoever listened there before, whose connections stay. Bound beside it and renamed, because Node.js removes the
 * name that it bound when it closes, and by then that may be another process's.
 */
export async function listenOver(server: Server, path: string): Promise<void> {
  const beside = `${path}.${process.pid}`
  server.listen(beside)
  await once(server, 'listening')
  chmodSync(beside, 0o600)
  renameSync(beside, path)
}
