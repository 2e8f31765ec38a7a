// The command line: finds the command, hands it what it needs, and returns the code that the process ends with.
import { Command, CommanderError } from 'commander'
import { packageVersion } from '../admin/version.ts'
import type { PrimaryOptions } from '../app/primary.ts'
import type { Frontend } from '../frontends/frontend.ts'
import * as registry from '../frontends/registry.ts'
import { unknownText } from '../settings/names.ts'
import type { Environment } from '../settings/settings.ts'
import { systemClock } from '../std/clock.ts'
import { systemRandom } from '../std/random.ts'
import { visibleLine } from '../std/visible.ts'
import { addCheck } from './check.ts'
import { addDropIns, findDropIn, runDropIn } from './drop-in.ts'
import { withHyphens } from './flags.ts'
import { addHealthy } from './healthy.ts'
import { exitCode, openTerminal, type Shell, type Terminal } from './output.ts'
import { addPub } from './pub.ts'
import { findPublisher, runPublisher } from './publisher.ts'
import { addRing } from './ring.ts'
import { addSettings } from './settings.ts'
import { addStart } from './start.ts'
import { addSub } from './sub.ts'
import { addToken } from './token.ts'
import { addUpgrade } from './upgrade.ts'

export { socketVariables } from '../app/socket-variables.ts'

/** For tests; a program leaves them out. */
export interface RunOptions {
  readonly terminal?: Terminal
  readonly known?: readonly Frontend[]
  readonly start?: (options: PrimaryOptions) => Promise<void>
}

/** `args` come after the program's name. Undefined: a node was started, and runs on. */
export async function run(
  args: readonly string[],
  environment: Environment,
  options: RunOptions = {},
): Promise<number | undefined> {
  const terminal = options.terminal ?? openTerminal()
  const code = await runCommand(args, environment, terminal, options)
  if (code !== undefined) await terminal.flush()
  return code
}

async function runCommand(
  args: readonly string[],
  environment: Environment,
  terminal: Terminal,
  options: RunOptions,
): Promise<number | undefined> {
  let code: number | undefined
  const shell: Shell = {
    terminal,
    environment,
    known: options.known ?? Object.values(registry),
    clock: systemClock,
    random: systemRandom,
    start: options.start ?? startNode,
    end: given => {
      code = given
    },
  }
  // Bytes that are no UTF-8 became U+FFFD before we had them: a channel or a file of another name.
  const lost = args.findIndex(arg => arg.includes('\ufffd')) + 1
  if (lost > 0) {
    shell.terminal.complain(`argument ${lost} is not UTF-8`)
    return exitCode.usage
  }
  const dropIn = findDropIn(shell, args)
  if (dropIn !== undefined) {
    await runDropIn(dropIn, args.slice(1), shell)
    return code
  }
  const publisher = findPublisher(shell, args)
  if (publisher !== undefined) {
    await runPublisher(publisher, args.slice(2), shell)
    return code
  }
  const program = createProgram(shell)
  const stranger = strangeCommand(program, args)
  if (stranger !== undefined) {
    shell.terminal.complain(stranger)
    return exitCode.usage
  }
  try {
    await program.parseAsync(withHyphens(args), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version end the same way as mistakes, but with 0.
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage
  }
  return code
}

/** The primary is loaded for start alone: it brings the native library's room and the log with it. */
async function startNode(options: PrimaryOptions): Promise<void> {
  const { startPrimary } = await import('../app/primary.ts')
  await startPrimary(options)
}

function createProgram(shell: Shell): Command {
  const { terminal } = shell
  const program = new Command('ringcast')
    .description(
      'A push daemon: it holds the connections of your clients, so that your web application need not. ' +
        'Without a command a node is started.',
    )
    .usage('[command] [flags]')
    .version(`ringcast ${packageVersion()}`, '--version', 'print the version')
    .helpOption('-h, --help', 'print this page')
    .helpCommand('help [command]', 'print the page of a command')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: text => terminal.print(text.trimEnd()),
      // A whole page where a command needs a second word.
      writeErr(text) {
        for (const line of text.trimEnd().split('\n')) terminal.complain(line)
      },
      outputError: (text, write) => write(visibleLine(sentenceOf(text))),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .addHelpText('after', programEnd(shell))
  const adds = [
    addStart,
    addCheck,
    addHealthy,
    addSettings,
    addToken,
    addPub,
    addSub,
    addRing,
    addUpgrade,
    addDropIns,
  ]
  for (const add of adds) add(program, shell)
  for (const command of program.commands) command.showHelpAfterError(`see: ringcast ${command.name()} --help`)
  return program
}

function programEnd({ known }: Shell): string {
  return [
    '',
    'Examples:',
    '  ringcast                          a node for development, on loopback, with secrets made up',
    '  ringcast check                    what is wrong with my settings?',
    '  ringcast healthy                  does the node here serve?',
    '  ringcast settings --yaml          a settings file to begin with',
    `  ringcast --only ${(known[0]?.name ?? '').padEnd(18)}start this protocol alone`,
    '',
    'Exit codes: 0 done, 1 refused or failed, 2 wrong usage; each command tells its',
    'own with --help.',
  ].join('\n')
}

/** The first argument looks like a command, and there is none of that name. */
function strangeCommand(program: Command, [first, second]: readonly string[]): string | undefined {
  const names = [...program.commands.map(command => command.name()), 'help']
  const name = first === 'help' ? second : first
  if (name === undefined || name.startsWith('-') || names.includes(name)) return undefined
  return `the command ${name} ${unknownText(name, names)} (ringcast --help lists all)`
}

/** Commander's sentences in the house's form: one line, no capital, no `error:`. */
function sentenceOf(text: string): string {
  return text
    .trim()
    .replace(/^error: /, '')
    .replace(/\s*\n\(Did you mean (.*?)\?\)/, '; did you mean $1?')
    .replace(/\.$/, '')
}
