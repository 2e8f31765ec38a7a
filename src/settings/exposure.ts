// Files that decide who gets in, and how far others on the machine reach them.
import { type Stats, statSync } from 'node:fs'
import { exposureAt } from '../std/regular-file.ts'

/** For the log, under its code. */
export interface SettingWarning {
  readonly code: 'file-exposed'
  /** A sentence that begins with the place. */
  readonly text: string
}

/** A file that is read for `name`. Where it holds no secret others may read it. */
export function exposureWarnings(
  name: string,
  path: string,
  stats: Stats,
  isSecret: boolean,
): readonly SettingWarning[] {
  const exposure = exposureAt(path, stats)
  if (exposure === undefined || (exposure === 'read' && !isSecret)) return []
  const bits = exposure === 'read' ? 'o-r' : 'o-w'
  const text = `${name} names ${path}, which every user of the machine may ${exposure}; chmod ${bits}`
  return [{ code: 'file-exposed', text }]
}

/** Of a file that is read elsewhere: whoever does will say where it is missing. */
export function trustWarnings(name: string, path: string): readonly SettingWarning[] {
  try {
    return path === '' ? [] : exposureWarnings(name, path, statSync(path), false)
  } catch {
    return [] // as above
  }
}
