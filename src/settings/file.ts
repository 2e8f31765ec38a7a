// The settings file, YAML or JSON, as one flat map from path (`rpushd.heartbeat_ms`) to value.
import type { Stats } from 'node:fs'
import { parseDocument } from 'yaml'
import { readRegularFile } from '../std/regular-file.ts'

export interface FileReading {
  readonly values: ReadonlyMap<string, unknown>
  readonly mistakes: readonly string[]
  /** Undefined where it cannot be read. */
  readonly stats?: Stats | undefined
}

/** A thousand times what all settings take. */
const fileBytesMax = 4 * 1_048_576

/** Sections are the keys whose values are not taken whole. */
export function readSettingsFile(path: string, sections: ReadonlySet<string>): FileReading {
  const reading = readRegularFile(path, { bytesMax: fileBytesMax, follow: true })
  if (!reading.ok) {
    return { values: new Map(), mistakes: [`the settings file ${path} cannot be read: ${reading.reason}`] }
  }
  return { ...parseFile(path, reading.bytes.toString('utf8'), sections), stats: reading.stats }
}

function parseFile(path: string, text: string, sections: ReadonlySet<string>): FileReading {
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error' })
  const faults = document.errors.map(({ message }) => `the settings file ${path}: ${message.split('\n')[0]}`)
  if (faults.length > 0) return { values: new Map(), mistakes: faults }
  const plain = plainOf(document)
  if (!plain.ok) return { values: new Map(), mistakes: [`the settings file ${path}: ${plain.detail}`] }
  const { root } = plain
  if (root === null || root === undefined) return { values: new Map(), mistakes: [] }
  if (!isRecord(root)) {
    return { values: new Map(), mistakes: [`the settings file ${path} must hold keys and values`] }
  }
  return flatten(path, root, sections)
}

/** Aliases can make a value endless, by holding itself, or as good as endless: no setting is either. */
function plainOf(document: {
  toJS(): unknown
}): { readonly ok: true; readonly root: unknown } | { readonly ok: false; readonly detail: string } {
  try {
    const root = document.toJS()
    JSON.stringify(root)
    return { ok: true, root }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return { ok: false, detail: `its aliases cannot be followed: ${reason}` }
  }
}

function flatten(path: string, root: Record<string, unknown>, sections: ReadonlySet<string>): FileReading {
  const values = new Map<string, unknown>()
  const mistakes: string[] = []
  for (const [key, value] of Object.entries(root)) {
    if (!sections.has(key)) values.set(key, value)
    else if (isRecord(value))
      for (const [own, inner] of Object.entries(value)) values.set(`${key}.${own}`, inner)
    else if (value !== null) mistakes.push(`the settings file ${path}: ${key} must hold keys and values`)
  }
  return { values, mistakes }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
