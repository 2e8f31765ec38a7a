// The arguments of the original's program (contract §11), read and not yet judged.

export interface Arguments {
  readonly config: string | undefined
  readonly logFile: string | undefined
  readonly logLevel: string | undefined
  readonly isVerbose: boolean
  /** `[addr:]PORT`. */
  readonly port: string | undefined
  readonly id: string | undefined
  /** Lines in place of the routes file. */
  readonly routes: readonly string[]
}

export type ArgumentsReading =
  | { readonly ok: true; readonly given: Arguments }
  | { readonly ok: false; readonly wants: 'help' | 'version' }
  | { readonly ok: false; readonly mistake: string }

const withValue = ['config', 'logfile', 'loglevel', 'port', 'id', 'route'] as const

type Named = (typeof withValue)[number]

const flags: ReadonlyMap<string, 'help' | 'version' | 'verbose' | 'merge'> = new Map([
  ['-h', 'help'],
  ['--help', 'help'],
  ['-v', 'version'],
  ['--version', 'version'],
  ['--verbose', 'verbose'],
  ['-m', 'merge'],
  ['--merge-output', 'merge'],
])

/** The last of equal ones counts, but each route. A value follows behind a blank or an equals sign. */
export function readArguments(args: readonly string[]): ArgumentsReading {
  const values = new Map<Named, string>()
  const routes: string[] = []
  let isVerbose = false
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    const flag = flags.get(arg)
    if (flag === 'help' || flag === 'version') return { ok: false, wants: flag }
    // Its processes write to one place or to several; we are one.
    if (flag !== undefined) {
      isVerbose ||= flag === 'verbose'
      continue
    }
    const [, word, joined] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? []
    const name = withValue.find(each => each === word)
    if (name === undefined) return { ok: false, mistake: `unexpected argument '${arg}'` }
    const value = joined ?? args[++at]
    if (value === undefined) return { ok: false, mistake: `a value is required for '--${name}'` }
    if (name === 'route') routes.push(value)
    else values.set(name, value)
  }
  return {
    ok: true,
    given: {
      config: values.get('config'),
      logFile: values.get('logfile'),
      logLevel: values.get('loglevel'),
      isVerbose,
      port: values.get('port'),
      id: values.get('id'),
      routes,
    },
  }
}

export const usage: readonly string[] = [
  'Usage: pushpin [OPTIONS]',
  '',
  'Options:',
  '      --config <FILE>      configuration file, in place of the usual places',
  '      --logfile <FILE>     file for the log, in place of standard output',
  '      --loglevel <LEVEL>   0 errors, 1 warnings, 2 what happens, 3 details',
  '      --verbose            the same as --loglevel 3',
  '  -m, --merge-output       accepted: there is one output anyway',
  '      --port <[ADDR:]PORT> one HTTP listener, in place of those of the configuration',
  '      --id <N>             one of several on a host: ports of control are N times 10 higher',
  '      --route <LINE>       a rule, in place of the routes file; may be repeated',
  '  -h, --help               this page',
  '  -v, --version            the version that this is in place of',
]
