// `ringcast <protocol> …`: the command line of the program that the protocol's front-end replaces. Arguments, texts
// and exit codes are the front-end's; nothing here reads them.
import { closeSync, openSync } from 'node:fs'
import type { Command } from 'commander'
import type { DropIn } from '../frontends/frontend.ts'
import type { CommandEnding } from '../frontends/publish.ts'
import { flagOf } from '../settings/names.ts'
import { faultText } from '../std/fault.ts'
import { visibleText } from '../std/visible.ts'
import { exitCode, type Shell } from './output.ts'

interface Replacement {
  readonly name: string
  readonly dropIn: DropIn
}

/** The protocol whose own command line these arguments are. */
export function findDropIn({ known }: Shell, [name]: readonly string[]): Replacement | undefined {
  const dropIn = known.find(frontend => frontend.name === name)?.dropIn
  return dropIn === undefined || name === undefined ? undefined : { name, dropIn }
}

/** For the list of commands; `runDropIn` is called before this one would be. */
export function addDropIns(program: Command, { known }: Shell): void {
  for (const { name, dropIn } of known) {
    if (dropIn === undefined) continue
    program
      .command(name)
      .summary(dropIn.summary.replace(/\.$/, ''))
      .usage('[arguments of the original]')
      .description(
        `${dropIn.summary}\n\nArguments, variables and exit codes are those of the program that ${name} replaces.`,
      )
      .helpOption(false)
  }
}

export async function runDropIn(
  { name, dropIn }: Replacement,
  args: readonly string[],
  shell: Shell,
): Promise<void> {
  const reading = dropIn.read(args, shell.environment, shell.clock.unixMs())
  if (reading.ok) {
    const { logFile } = reading
    const failure = logFile === undefined ? undefined : redirectOutput(logFile)
    if (failure !== undefined) {
      process.stderr.write(`error opening log file: ${visibleText(failure)}\n`)
      return shell.end(exitCode.failed)
    }
    for (const remark of reading.remarks ?? []) process.stderr.write(`${visibleText(remark)}\n`)
    const flags = new Map([[flagOf('', 'only'), name]])
    return shell.start({ environment: reading.environment, flags })
  }
  endAs(reading, shell)
}

/** Ends as the program does that is imitated. */
export function endAs({ lines, status, asErrors }: CommandEnding, shell: Shell): void {
  for (const line of lines) {
    if (asErrors) process.stderr.write(`${visibleText(line)}\n`)
    else shell.terminal.print(line)
  }
  shell.end(status)
}

/**
 * From here on standard output and error are the end of that file, for all threads: a file that is opened gets the
 * least free number. Nothing was printed yet. Returns why it cannot be.
 */
function redirectOutput(path: string): string | undefined {
  try {
    closeSync(openSync(path, 'a'))
  } catch (error) {
    return faultText(error)
  }
  for (const descriptor of [1, 2]) {
    closeSync(descriptor)
    openSync(path, 'a')
  }
  return undefined
}
