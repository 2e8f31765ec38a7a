// Command-line flags as the original's language reads them: one dash or two, the value behind an equals sign or as the
// next argument, and nothing behind the first argument that is no flag. Texts and order are that library's.

export interface Flag {
  readonly name: string
  readonly usage: string
  readonly default: string
}

export type ReadFlags =
  | { readonly ok: true; readonly values: ReadonlyMap<string, string> }
  /** Without a message help was asked for. */
  | { readonly ok: false; readonly message: string | undefined }

const isHelp = (name: string) => name === 'h' || name === 'help'

/** All flags take text. The last of equal ones counts. */
export function readFlags(args: readonly string[], flags: readonly Flag[]): ReadFlags {
  const values = new Map<string, string>()
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!arg.startsWith('-') || arg === '-') break
    if (arg === '--') break
    const body = arg.replace(/^--?/, '')
    if (body === '' || body.startsWith('-') || body.startsWith('=')) {
      return { ok: false, message: `bad flag syntax: ${arg}` }
    }
    const [name = '', ...rest] = body.split('=')
    if (!flags.some(flag => flag.name === name)) {
      return { ok: false, message: isHelp(name) ? undefined : `flag provided but not defined: -${name}` }
    }
    const value = rest.length > 0 ? rest.join('=') : args[++at]
    if (value === undefined) return { ok: false, message: `flag needs an argument: -${name}` }
    values.set(name, value)
  }
  return { ok: true, values }
}

/** The page behind every mistake, and behind `-h`. */
export function usageOf(program: string, flags: readonly Flag[]): readonly string[] {
  return [
    `Usage of ${program}:`,
    ...flags.flatMap(flag => [
      `  -${flag.name} string`,
      `    \t${flag.usage}${flag.default === '' ? '' : ` (default "${flag.default}")`}`,
    ]),
  ]
}
