// What the daemons of a test run wrote, kept in a folder of the run, and the search through it for secrets: nobody
// logs a secret or a token, whatever a test does to the daemon.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** The variable that names the folder; without it nothing is kept. */
export const OUTPUT_VARIABLE = 'TEST_OUTPUT_DIR'

/** What a short text is would be found by chance. */
const SECRET_LENGTH_MIN = 8
const SECRET_VARIABLE = /^(?:(?:RINGCAST|RPUSHD|PUBLISHER)_\w*SECRET|AUTH_SECRET_KEY)$/
/** The development greeting shows the secrets it made up. */
const GREETED_SECRET = /^ {2}(\w+SECRET)=(\S+)$/
/** How a JSON Web Token begins, and with it every token of ours. */
const TOKEN = /eyJ[\w-]{10,}/
const SHOWN_LENGTH = 200

type Environment = Readonly<Record<string, string | undefined>>

export interface Output {
  /** A line of standard output; the greeting of development is left out, except that its secrets are noted. */
  printed(line: string): void
  /** A line of standard error. */
  failed(line: string): void
}

/** `environment` is what the daemon was started with; its secrets are noted. */
export function keepOutput(pid: number, environment: Environment): Output {
  const folder = process.env[OUTPUT_VARIABLE]
  if (folder === undefined) return { printed() {}, failed() {} }
  // Two runs of one test file may meet the same number of a process; they share the file then.
  const path = join(folder, `${basename(process.argv[1] ?? 'unknown')}-${pid}.txt`)
  const keep = (line: string) => appendFileSync(path, `${line}\n`)
  const noteSecret = (secret: string) => appendFileSync(join(folder, 'secrets'), `${secret}\n`)
  const given = Object.entries(environment).filter(([variable]) => SECRET_VARIABLE.test(variable))
  for (const [, secrets = ''] of given) secrets.split('\n').forEach(noteSecret)
  appendFileSync(path, '')
  return {
    printed(line) {
      const greeted = GREETED_SECRET.exec(line)?.[2]
      if (greeted !== undefined) noteSecret(greeted)
      if (environment['RINGCAST_MODE'] === 'production' || line.startsWith('{')) keep(line)
    },
    failed: keep,
  }
}

export interface Search {
  readonly outputs: number
  readonly secrets: number
  /** One sentence each: test file and process, line, and what stands there. */
  readonly found: readonly string[]
}

export function searchOutputs(folder: string): Search {
  const names = readdirSync(folder)
  const outputs = names.filter(name => name.endsWith('.txt'))
  const noted = names.includes('secrets') ? readFileSync(join(folder, 'secrets'), 'utf8').split('\n') : []
  const trimmed = noted.map(secret => secret.trim()).filter(({ length }) => length >= SECRET_LENGTH_MIN)
  const secrets = [...new Set(trimmed)]
  const found = outputs.flatMap(name => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    return lines.flatMap((line, index) => {
      const what = leakIn(line, secrets)
      return what === undefined ? [] : [`${name}:${index + 1} shows ${what}: ${line.slice(0, SHOWN_LENGTH)}`]
    })
  })
  return { outputs: outputs.length, secrets: secrets.length, found }
}

function leakIn(line: string, secrets: readonly string[]): string | undefined {
  if (TOKEN.test(line)) return 'what looks like a token'
  const secret = secrets.find(one => line.includes(one))
  return secret === undefined ? undefined : `the secret ${secret}`
}
