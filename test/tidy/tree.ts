// The project's own files as text, and the form in which a tidy rule reports what it finds.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'

export interface SourceFile {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

export interface Finding {
  readonly path: string
  readonly line: number
  readonly found: string
  readonly instead: string
}

const ROOT = resolve(import.meta.dirname, '../..')
const NOT_OURS = ['node_modules', 'dist', '.git']
const NOT_TEXT = /\.(?:tgz|heapsnapshot|ico|woff2?)$/
/** Documents show them, so they are there, without a text. */
const PICTURE = /\.png$/

/** Every text file of the project, and its pictures, which have none. */
export function readTree(): SourceFile[] {
  return walk('')
}

export function typeScript(files: readonly SourceFile[], ...folders: readonly string[]): SourceFile[] {
  return files.filter(
    ({ path }) => path.endsWith('.ts') && folders.some(folder => path.startsWith(`${folder}/`)),
  )
}

/** The path that a relative specifier in `from` means, or undefined for a package. */
export function resolveSpecifier(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined
}

export function assertTidy(findings: readonly Finding[]): void {
  const lines = findings.map(({ path, line, found, instead }) => `  ${path}:${line}  ${found}; ${instead}`)
  assert.ok(findings.length === 0, `${findings.length} untidy\n${lines.join('\n')}`)
}

/** A small file in memory, to show a rule red. */
export function file(path: string, ...lines: readonly string[]): SourceFile {
  return { path, text: lines.join('\n') }
}

/** What a red sample must report: `path:line` of each finding. */
export function places(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line }) => `${path}:${line}`)
}

function walk(folder: string): SourceFile[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true })
  return entries.flatMap(entry => {
    const path = posix.join(folder, entry.name)
    if (NOT_OURS.includes(entry.name) || NOT_TEXT.test(entry.name)) return []
    if (PICTURE.test(entry.name)) return [{ path, text: '' }]
    if (entry.isDirectory()) return walk(path)
    return entry.isFile() ? [{ path, text: readFileSync(join(ROOT, path), 'utf8') }] : []
  })
}
