// The version of the program, for whoever was not handed it: from the package that this file is a part of.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** From the sources and from the build. */
const places = ['../..', '../../..']

/** `unknown` where the program was taken out of its package. */
export function packageVersion(): string {
  for (const place of places) {
    const version = versionIn(join(import.meta.dirname, place, 'package.json'))
    if (version !== undefined) return version
  }
  return 'unknown'
}

function versionIn(path: string): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const isOwn =
      typeof manifest === 'object' && manifest !== null && 'name' in manifest && 'version' in manifest
    return isOwn && manifest.name === 'ringcast' ? String(manifest.version) : undefined
  } catch {
    return undefined // not there
  }
}
