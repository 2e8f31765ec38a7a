// Scripts for browsers, from the sources or from the build. The sources are TypeScript: their types are blanked when they
// are asked for, so that development needs no build here either.
import { readFileSync } from 'node:fs'
import module from 'node:module'
import { extname } from 'node:path'

/** What this file itself has: the build changes all of them alike. */
const ending = extname(import.meta.filename)

/** `path` is without its ending. Throws where there is no such file. */
export function readScript(path: string): string {
  const text = readFileSync(path + ending, 'utf8')
  return ending === '.ts' ? blankTypes(text) : text
}

/** Node.js calls this experimental once per thread, on standard error; the house runs on stripped types anyway. */
function blankTypes(text: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return module.stripTypeScriptTypes(text)
  } finally {
    process.emitWarning = emitWarning
  }
}
