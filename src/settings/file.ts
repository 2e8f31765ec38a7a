// The settings file, YAML or JSON, as one flat map from path (`rpushd.heartbeat_ms`) to value.
import type { Stats } from 'node:fs'
import { createRequire } from 'node:module'
import type * as yaml from 'yaml'
import type { Document, Node, YAMLError } from 'yaml'
import { readRegularFile } from '../std/regular-file.ts'

/** Loaded where there is a file: it costs 50 ms, and most nodes are set up by their environment. */
const loadYaml = (): typeof yaml => createRequire(import.meta.url)('yaml')

/** A value as YAML reads it, and as it is spelled: `0123` is the number 123 and the text 0123. */
export interface FileValue {
  readonly plain: unknown
  /** The same, with the spelling in place of each number and truth. */
  readonly spelled: unknown
}

export interface FileReading {
  readonly values: ReadonlyMap<string, FileValue>
  readonly mistakes: readonly string[]
  /** Undefined where it cannot be read. */
  readonly stats?: Stats | undefined
}

/** A thousand times what all settings take. */
const fileBytesMax = 4 * 1_048_576

/** Sections are the keys whose values are not taken whole. */
export function readSettingsFile(path: string, sections: ReadonlySet<string>): FileReading {
  const reading = readRegularFile(path, { bytesMax: fileBytesMax, follow: true })
  if (!reading.ok) return refused(`the settings file ${path} cannot be read: ${reading.reason}`)
  return { ...parseFile(path, reading.bytes.toString('utf8'), sections), stats: reading.stats }
}

function parseFile(path: string, text: string, sections: ReadonlySet<string>): FileReading {
  const document = loadYaml().parseDocument(text, { prettyErrors: true, logLevel: 'error' })
  // What is a warning to YAML, an unknown tag, changes the value.
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) return refused(...faults.map(fault => `the settings file ${path}: ${textOf(fault)}`))
  const root = plainOf(document)
  if (!root.ok) return refused(`the settings file ${path}: ${root.detail}`)
  if (root.value === null || root.value === undefined) return { values: new Map(), mistakes: [] }
  if (!isRecord(root.value)) return refused(`the settings file ${path} must hold keys and values`)
  return flatten(path, root.value, spelledOf(document), sections)
}

function refused(...mistakes: readonly string[]): FileReading {
  return { values: new Map(), mistakes }
}

/**
 * Without what the library quotes of the file behind a colon: it may be a piece of a secret. `at line 2, column 3` comes
 * from the library, too.
 */
function textOf({ code, message }: YAMLError): string {
  const [first = ''] = message.split('\n')
  const place = / at line \d+, column \d+/.exec(first)?.[0] ?? ''
  const text = ownTexts[code] ?? first.replace(place, '').split(': ')[0]?.replace(/:$/, '')
  return `${text}${place}`
}

const ownTexts: Readonly<Record<string, string>> = {
  TAG_RESOLVE_FAILED: 'an exclamation mark begins a tag of YAML, and this one is unknown; quote the value',
  BAD_DQ_ESCAPE: 'a backslash in double quotes is followed by what is no escape',
}

/** Aliases can make a value endless, by holding itself, or as good as endless: no setting is either. */
function plainOf(document: {
  toJS(): unknown
}): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly detail: string } {
  try {
    const value = document.toJS()
    JSON.stringify(value)
    return { ok: true, value }
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(/\n|: /)[0] : String(error)
    return { ok: false, detail: `its aliases cannot be followed: ${reason}` }
  }
}

/** Its aliases can be followed. */
function spelledOf(document: Document<Node>): Record<string, unknown> {
  const copy = document.clone()
  loadYaml().visit(copy, {
    Scalar(place, node) {
      const isSpelled = typeof node.value === 'number' || typeof node.value === 'boolean'
      if (place !== 'key' && isSpelled && node.source !== undefined) node.value = node.source
    },
  })
  const root: unknown = copy.toJS()
  return isRecord(root) ? root : {}
}

function flatten(
  path: string,
  root: Record<string, unknown>,
  spelled: Record<string, unknown>,
  sections: ReadonlySet<string>,
): FileReading {
  const values = new Map<string, FileValue>()
  const mistakes: string[] = []
  for (const [key, value] of Object.entries(root)) {
    const as = spelled[key]
    if (!sections.has(key)) values.set(key, { plain: value, spelled: as })
    else if (isRecord(value) && isRecord(as)) {
      for (const [own, inner] of Object.entries(value))
        values.set(`${key}.${own}`, { plain: inner, spelled: as[own] })
    } else if (value !== null) mistakes.push(`the settings file ${path}: ${key} must hold keys and values`)
  }
  return { values, mistakes }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
