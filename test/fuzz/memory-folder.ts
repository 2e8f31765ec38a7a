// Where files of a test cost no disk: a hundred thousand of them are written in a run.
import { accessSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

function findMemoryFolder(): string {
  try {
    accessSync('/dev/shm')
    return '/dev/shm'
  } catch {
    return tmpdir() // slower, but all the same
  }
}

const memoryFolder = findMemoryFolder()

/** A new folder that goes with the process. */
export function makeFolder(prefix: string): string {
  const folder = mkdtempSync(join(memoryFolder, prefix))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
