// `ringcast check`: everything that start does before it listens, told instead of done.
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { type Configuration, readConfiguration } from '../app/configuration.ts'
import { reachableOf } from '../app/doors.ts'
import { unknownHosts } from '../app/listen-failure.ts'
import { modeSentence } from '../app/mode-sentence.ts'
import { sectionsFor } from '../app/node.ts'
import { pathOf } from '../settings/names.ts'
import type { Section, SettingValue } from '../std/setting.ts'
import { addSettingFlags } from './flags.ts'
import { alignRows, exitCode, helpEnd, refuse, type Shell } from './output.ts'

export function addCheck(program: Command, shell: Shell): void {
  const command = program
    .command('check')
    .summary('read and check all settings, and say what start would do')
    .usage('[flags]')
    .description(
      'Reads settings from flags, environment and file as start does and checks them as a whole. Prints what was ' +
        'given and where it came from, secrets as ***, the addresses of a node with these settings, and how it stands to others. Hosts that ' +
        'addresses name are looked up. Nothing is opened or written, so only start finds out that an address is in ' +
        'use or a folder cannot be written.',
    )
  const sections = sectionsFor(shell.known)
  const read = addSettingFlags(command, sections)
  command.addHelpText(
    'after',
    helpEnd(['ringcast check --config /etc/ringcast.yaml', 'RINGCAST_WORKERS=4 ringcast check'], {
      0: 'a node can start; warnings are on standard error',
      1: 'start would refuse; all mistakes are on standard error',
      2: 'wrong usage',
    }),
  )
  command.action(async () => {
    const { flags, mistakes } = read()
    if (mistakes.length > 0) return shell.end(refuse(shell, mistakes, exitCode.usage))
    const configuration = readConfiguration(
      shell.known,
      { environment: shell.environment, flags },
      shell.random,
    )
    for (const { text } of configuration.warnings) shell.terminal.complain(`warning: ${text}`)
    if (configuration.mistakes.length > 0) return shell.end(refuse(shell, configuration.mistakes))
    const names = reachableOf(configuration.frontends, configuration.ring !== undefined).map(
      ({ name }) => name,
    )
    const started = sections.filter(({ name }) => names.includes(name))
    const unknown = await unknownHosts(started, configuration.values)
    if (unknown.length > 0) return shell.end(refuse(shell, unknown))
    for (const line of report(sections, configuration)) shell.terminal.print(line)
    shell.end(exitCode.ok)
  })
}

function report(sections: readonly Section[], configuration: Configuration): readonly string[] {
  const given = givenRows(sections, configuration)
  return [
    given.length === 0 ? 'No setting is given; all have their defaults.' : 'Given:',
    ...alignRows(given),
    ...(configuration.generated.size === 0 ? [] : ['', 'Made up at each start, since this is development:']),
    ...[...configuration.generated.keys()].map(variable => `  ${variable}`),
    '',
    'Would listen on:',
    ...alignRows(listenerRows(configuration)),
    '',
    modeSentence(configuration),
    'A node can start with these settings.',
  ]
}

function givenRows(
  sections: readonly Section[],
  { values, origins, node }: Configuration,
): readonly string[][] {
  return sections.flatMap(({ name, fields }) =>
    Object.entries(fields).flatMap(([key, setting]) => {
      const path = pathOf(name, key)
      const origin = origins.get(path)
      const value = values[name]?.[key]
      if (origin === undefined || value === undefined) return []
      // A place in the file is the path itself, or the key that names a secret's file.
      const isInFile = origin === path || origin === `${path}_file`
      const from = isInFile ? `${origin} in ${node.config}` : origin
      return [[path, setting.type === 'secret' ? '***' : textOf(value), from]]
    }),
  )
}

function textOf(value: SettingValue): string {
  const hasRecords = Array.isArray(value) && value.some(item => typeof item === 'object')
  const text = hasRecords ? JSON.stringify(value) : Array.isArray(value) ? value.join(', ') : String(value)
  return text === '' ? '(empty)' : text
}

function listenerRows(configuration: Configuration): readonly string[][] {
  const { frontends, values, node, ring } = configuration
  const workers = node.workers === 0 ? availableParallelism() : node.workers
  return reachableOf(frontends, ring !== undefined).flatMap(({ name, doors }) =>
    doors.flatMap(({ setting, perWorker }) => {
      const address = values[name]?.[setting]
      if (address === undefined || address === 'off') return []
      return [[name, String(address), perWorker ? `the first of ${workers}, one for each worker` : '']]
    }),
  )
}
