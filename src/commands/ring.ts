// `ringcast ring …`: the owner map as a proxy's configuration, so that it brings each connection to the worker that owns
// the channel (ARCHITECTURE.md, Owner map), and what a change of the nodes would move.
import { type Command, Option } from 'commander'
import { sectionsFor } from '../app/node.ts'
import { ringSettingsOf, shardSettingOf } from '../app/ring.ts'
import { ringSection } from '../ring/settings.ts'
import { flagOf } from '../settings/names.ts'
import type { SettingsReading } from '../settings/settings.ts'
import { addSettingFlags } from './flags.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'
import { haproxyMistake, haproxyText } from './ring-haproxy.ts'
import { type ProxyMap, readNodeList, readProxyMap, readRingSettings } from './ring-map.ts'
import { nginxText } from './ring-nginx.ts'
import { type Changes, changedRecords, planText, readChannels, withRecords } from './ring-plan.ts'

const nodesFlag = '--nodes <list>'
const nodesDoc =
  'Nodes in place of those of the settings, NAME=HOST:WORKERS or NAME=HOST:WORKERS*WEIGHT, separated by commas.'
const nodesExample = '--nodes a=10.0.0.1:8,b=10.0.0.2:8'

export function addRing(program: Command, shell: Shell): void {
  const command = program
    .command('ring')
    .summary('print the owner map for a proxy that hashes channels, or plan a change of nodes')
  addProxy(command, shell, {
    name: 'nginx',
    summary: 'as an upstream and a map for nginx',
    what: 'an nginx upstream over them and the map that finds the channel in a request: for the http block',
    text: map => ({ text: nginxText(map) }),
  })
  addProxy(command, shell, {
    name: 'haproxy',
    summary: 'as backends for HAProxy',
    what: 'a backend over them for HAProxy, which finds the channel in a request: for the end of its configuration. The map has to be the plain one',
    text: map => ({ mistake: haproxyMistake(map), text: haproxyText(map) }),
  })
  addPlan(command, shell)
}

interface ProxyCommand {
  readonly name: string
  readonly summary: string
  readonly what: string
  text(map: ProxyMap): { readonly text: string; readonly mistake?: string | undefined }
}

function addProxy(ring: Command, shell: Shell, { name, summary, what, text }: ProxyCommand): void {
  const [flag = '--config ringcast.yaml'] = shell.known.flatMap(frontend => {
    const setting = shardSettingOf(frontend)
    return setting === undefined ? [] : [`--${flagOf(frontend.name, setting)} 127.0.0.1:45840`]
  })
  const isPlain = name === 'haproxy' ? ` --${flagOf(ringSection.name, 'map')} plain` : ''
  const command = ring
    .command(name)
    .summary(summary)
    .usage('[flags]')
    .description(
      `Prints, for each protocol with shard ports, ${what}. With a list of nodes it is over the workers of all of them. ` +
        'Settings come from flags, environment and file as for start, and must be those of the node. Print it again when ' +
        'the number of workers, the shard ports, the protocols or the nodes change.',
    )
  const read = addSettingFlags(command, sectionsFor(shell.known))
  command.addOption(new Option(nodesFlag, nodesDoc))
  command.addHelpText(
    'after',
    helpEnd(
      [
        `ringcast ring ${name} --workers 4 ${flag}${isPlain}`,
        `ringcast ring ${name} ${flag}${isPlain} ${nodesExample}`,
        `ringcast ring ${name} --config /etc/ringcast.yaml`,
      ],
      { 0: 'printed', 1: 'no protocol has shard ports, or a setting is wrong', 2: 'wrong usage' },
    ),
  )
  command.action(() => {
    const { flags, mistakes } = read()
    if (mistakes.length > 0) return shell.end(refuse(shell, mistakes, exitCode.usage))
    const reading = readRingSettings(shell, flags, givenNodes(command))
    if (!('values' in reading) || reading.mistakes.length > 0)
      return shell.end(refuse(shell, reading.mistakes))
    const map = readProxyMap(shell, reading)
    if ('mistakes' in map) return shell.end(refuse(shell, map.mistakes))
    const printed = text(map)
    if (printed.mistake !== undefined) return shell.end(refuse(shell, [printed.mistake]))
    shell.terminal.print(printed.text)
    shell.end(exitCode.ok)
  })
}

function addPlan(ring: Command, shell: Shell): void {
  const command = ring
    .command('plan')
    .summary('tell what a change of the nodes of a ring would move')
    .usage('[flags]')
    .description(
      'Compares the list of nodes with what it would be after the change, and prints which part of all channels each node ' +
        'has, which part moves, and how many clients would have to connect again. Nothing is changed: the list itself ' +
        'stands in the settings of each node, and its generation is raised there.',
    )
  const read = addSettingFlags(command, sectionsFor(shell.known))
  const collect = (text: string, all: readonly string[]) => [...all, text]
  const listed = (flags: string, doc: string) => new Option(flags, doc).argParser(collect).default([], 'none')
  command
    .addOption(new Option(nodesFlag, nodesDoc))
    .addOption(
      listed(
        '--add <node>',
        'A node more, NAME=HOST:WORKERS or NAME=HOST:WORKERS*WEIGHT. May be there again.',
      ),
    )
    .addOption(listed('--remove <name>', 'A node less. May be there again.'))
    .addOption(listed('--weight <name=weight>', 'Another weight of a node. May be there again.'))
    .addOption(
      new Option(
        '--channels <file>',
        'Names of channels, one on each line, to count those that move. Behind a tab may stand how many subscribe to it.',
      ),
    )
  const [door = ''] = shell.known.flatMap(frontend => {
    const setting = shardSettingOf(frontend)
    return setting === undefined ? [] : [`--${flagOf(frontend.name, setting)} 8090`]
  })
  command.addHelpText(
    'after',
    helpEnd(
      [
        'ringcast ring plan --config /etc/ringcast.yaml --add c=10.0.0.3:8',
        `ringcast ring plan ${door} ${nodesExample} --weight b=2`,
        'ringcast ring plan --config /etc/ringcast.yaml --remove b --channels channels.txt',
      ],
      { 0: 'printed', 1: 'there is no list of nodes, or something in it is wrong', 2: 'wrong usage' },
    ),
  )
  command.action(() => {
    const { flags, mistakes } = read()
    if (mistakes.length > 0) return shell.end(refuse(shell, mistakes, exitCode.usage))
    const reading = readRingSettings(shell, flags, givenNodes(command))
    if (!('values' in reading) || reading.mistakes.length > 0)
      return shell.end(refuse(shell, reading.mistakes))
    const plan = planFor(shell, reading, command.opts())
    if ('mistakes' in plan) return shell.end(refuse(shell, plan.mistakes))
    shell.terminal.print(plan.text)
    shell.end(exitCode.ok)
  })
}

type Planned = { readonly text: string } | { readonly mistakes: readonly string[] }

function planFor(shell: Shell, reading: SettingsReading, options: Record<string, unknown>): Planned {
  const before = readNodeList(shell, reading)
  if (before === undefined)
    return { mistakes: ['there is no list of nodes; set it as for start, or with --nodes'] }
  if ('mistakes' in before) return before
  const changed = changedRecords(ringSettingsOf(reading.values).nodes, options as unknown as Changes) // each has its default
  if ('mistakes' in changed) return changed
  const after = readNodeList(shell, withRecords(reading, changed))
  if (after === undefined) return { mistakes: ['no node would be left'] }
  if ('mistakes' in after) return after
  const path = options['channels']
  const channels = typeof path === 'string' ? readChannels(path) : undefined
  if (typeof channels === 'string') return { mistakes: [channels] }
  return { text: planText(before, after, channels) }
}

function givenNodes(command: Command): string | undefined {
  const given: unknown = command.getOptionValue('nodes')
  return typeof given === 'string' ? given : undefined
}
