// The codes of the log against the sources and the list for operators.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { frontends } from '../../../src/app/worker.ts'
import { codesReference, logCodes } from '../../../src/telemetry/codes.ts'
import { closeOf, lineAt, scan } from '../../tidy/scan.ts'

const ofFrontends: Readonly<Record<string, string>> = Object.assign(
  {},
  ...frontends.map(({ codes }) => codes),
)
const allCodes: Readonly<Record<string, string>> = { ...logCodes, ...ofFrontends }

const root = join(import.meta.dirname, '../../..')

interface Call {
  readonly place: string
  /** Undefined where the call has no code, or none that can be searched for. */
  readonly code: string | undefined
}

/** Every line at level warn or above. The receiver is called log in the whole house. */
function callsIn(path: string, text: string): Call[] {
  const { code } = scan(text)
  return [...code.matchAll(/(?<![\w$])#?log\??\.(?:warn|error|fatal)(?=\()/g)].map(({ index, 0: call }) => {
    const open = index + call.length
    const given = text.slice(open, closeOf(code, open))
    return { place: `${path}:${lineAt(text, index)}`, code: /\bcode: '([^']+)'/.exec(given)?.[1] }
  })
}

function callsInSources(): Call[] {
  const names = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const files = names.filter(name => name.endsWith('.ts'))
  return files.flatMap(name => callsIn(`src/${name}`, readFileSync(join(root, 'src', name), 'utf8')))
}

describe('codes of the log', () => {
  test('a call without a code is found, over several lines too; comments and other receivers are not', () => {
    const sample = [
      "log.warn({ code: 'setting-weak' }, 'a')",
      "this.#log.error({ err: error }, 'b')",
      "// log.error('c')",
      "dependencies.log.error(\n  { code: 'worker-ended', slot },\n  'd',\n)",
      "log.fatal({ code }, 'e')",
      "dialog.error('f')",
      "log.info('g')",
    ].join('\n')
    deepEqual(callsIn('a.ts', sample), [
      { place: 'a.ts:1', code: 'setting-weak' },
      { place: 'a.ts:2', code: undefined },
      { place: 'a.ts:4', code: 'worker-ended' },
      { place: 'a.ts:8', code: undefined },
    ])
  })

  test('every warning and anything worse has one, written out where it is logged', () => {
    const calls = callsInSources()
    ok(calls.length >= Object.keys(allCodes).length)
    const without = calls.filter(({ code }) => code === undefined).map(({ place }) => place)
    deepEqual(
      without,
      [],
      "add code: '…' of src/telemetry/codes.ts, or of the front-end's own codes, as the first field",
    )
  })

  test('the table has every code that is logged, and no other', () => {
    const logged = new Set(callsInSources().map(({ code = '' }) => code))
    deepEqual(Object.keys(allCodes).sort(), [...logged].sort())
    deepEqual(Object.keys(logCodes), Object.keys(logCodes).toSorted())
    const declared = [logCodes, ...frontends.map(({ codes = {} }) => codes)].flatMap(codes =>
      Object.keys(codes),
    )
    equal(new Set(declared).size, declared.length, 'each is declared once')
  })

  test('a code is a few lower-case words, and its meaning a sentence', () => {
    for (const [code, meaning] of Object.entries(allCodes)) {
      ok(/^[a-z]+(?:-[a-z]+)+$/.test(code), code)
      ok(/^[A-Z].*[.?]$/.test(meaning), code)
    }
  })

  test('the list for operators is up to date', () => {
    const readme = readFileSync(join(root, 'src/telemetry/README.md'), 'utf8')
    const start = readme.indexOf('| code | meaning |')
    const list = readme.slice(start, readme.indexOf('\n\n', start))
    equal(
      list,
      codesReference(ofFrontends),
      'replace the list in src/telemetry/README.md by the expected one',
    )
  })
})
