// `ringcast ring nginx`: the owner map as a proxy's configuration, so that it brings each connection to the worker
// that owns the channel (ARCHITECTURE.md, Owner map).
import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import { doorsOf } from '../app/doors.ts'
import { shardAddress } from '../app/listeners.ts'
import { nodeSettingsOf, ringFor, sectionsFor } from '../app/node.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { flagOf, variableOf } from '../settings/names.ts'
import { readSettings, type Values } from '../settings/settings.ts'
import { type Address, formatAddress, parseAddress } from '../std/address.ts'
import { addSettingFlags } from './flags.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'

export function addRing(program: Command, shell: Shell): void {
  const [flag = '--config ringcast.yaml'] = shell.known.flatMap(frontend => {
    const setting = shardSettingOf(frontend)
    return setting === undefined ? [] : [`--${flagOf(frontend.name, setting)} 127.0.0.1:45840`]
  })
  const command = program
    .command('ring')
    .summary('print the owner map for a proxy that hashes channels')
    .command('nginx')
    .summary('as an upstream and a map for nginx')
    .usage('[flags]')
    .description(
      'Prints, for each protocol with shard ports, an nginx upstream over them and the map that finds the channel in ' +
        'a request: for the http block. Settings come from flags, environment and file as for start, and must be ' +
        'those of the node. Print it again when the number of workers, the shard ports or the protocols change.',
    )
  const read = addSettingFlags(command, sectionsFor(shell.known))
  command.addHelpText(
    'after',
    helpEnd(
      [
        `ringcast ring nginx --workers 4 ${flag}`,
        'ringcast ring nginx --config /etc/ringcast.yaml > /etc/nginx/conf.d/ringcast-ring.conf',
      ],
      { 0: 'printed', 1: 'no protocol has shard ports, or a setting is wrong', 2: 'wrong usage' },
    ),
  )
  command.action(() => {
    const { flags, mistakes } = read()
    if (mistakes.length > 0) return shell.end(refuse(shell, mistakes, exitCode.usage))
    const reading = readSettings(sectionsFor(shell.known), { environment: shell.environment, flags })
    if (reading.mistakes.length > 0) return shell.end(refuse(shell, reading.mistakes))
    const shards = shardsOf(shell.known, reading.values)
    if ('mistakes' in shards) return shell.end(refuse(shell, shards.mistakes))
    shell.terminal.print(nginxText(shards))
    shell.end(exitCode.ok)
  })
}

interface Shards {
  readonly workers: number
  /** Addresses in the order of the slots. */
  readonly protocols: readonly { readonly frontend: Frontend; readonly addresses: readonly string[] }[]
}

function shardsOf(known: readonly Frontend[], values: Values): Shards | { mistakes: readonly string[] } {
  const node = nodeSettingsOf(values)
  const workers = node.workers === 0 ? availableParallelism() : node.workers
  const mistakes: string[] = []
  const protocols = known
    .filter(({ name }) => node.only.length === 0 || node.only.includes(name))
    .flatMap(frontend => {
      const setting = shardSettingOf(frontend)
      if (setting === undefined) return []
      const text = String(values[frontend.name]?.[setting])
      const address = parseAddress(text)
      if (address === undefined) return []
      const mistake = mistakeOf(address, workers)
      if (mistake !== undefined) mistakes.push(`${variableOf(frontend.name, setting)} is ${text}, ${mistake}`)
      const addresses = Array.from({ length: workers }, (_, slot) =>
        formatAddress(shardAddress(address, slot)),
      )
      return [{ frontend, addresses }]
    })
  if (protocols.length === 0) {
    const variables = known.flatMap(frontend => {
      const setting = shardSettingOf(frontend)
      return setting === undefined ? [] : [variableOf(frontend.name, setting)]
    })
    mistakes.push(
      `no protocol has shard ports; set ${variables.join(' or ')} to the first of ${workers} addresses`,
    )
  }
  return mistakes.length > 0 ? { mistakes } : { workers, protocols }
}

function shardSettingOf(frontend: Frontend): string | undefined {
  return doorsOf(frontend).find(({ perWorker }) => perWorker)?.setting
}

/** nginx hashes the text of an address, so it must be one that node and proxy write alike and can connect to. */
function mistakeOf({ host, port, path }: Address, workers: number): string | undefined {
  if (path !== undefined) return undefined
  if (port === 0) return 'any free ports, which nginx cannot know: set the first one'
  if (port + workers - 1 > 65_535) return `and the last of ${workers} workers would be over 65535`
  if (isIP(host) === 0 || /^[0:.]+$/.test(host))
    return 'but nginx needs one IP address that it can connect to, not a name or all addresses'
  return undefined
}

function nginxText({ workers, protocols }: Shards): string {
  const { kind } = ringFor(
    workers,
    protocols.map(({ addresses }) => addresses),
  )
  const method = kind === 'ketama' ? 'consistent' : ''
  return [
    `# The owner map of a ringcast node with ${workers} workers, by ringcast ring nginx: for the http block.`,
    '# Print it again when the number of workers, the shard ports or the protocols that have some change.',
    ...protocols.flatMap(({ frontend: { name, channelPath }, addresses }) =>
      channelPath === undefined
        ? ['', `# ${name}: its requests do not tell the channel in their path; nginx has nothing to hash.`]
        : ['', ...protocolLines(name, channelPath, method, addresses)],
    ),
  ].join('\n')
}

function protocolLines(
  name: string,
  channelPath: string,
  method: string,
  addresses: readonly string[],
): readonly string[] {
  const variable = `$ringcast_${name}_channel`
  return [
    '# $uri is decoded, as the channel is for the node: %3A and : are one channel. $request_uri would not be.',
    `map $uri ${variable} {`,
    `    "~${channelPath}" $1;`,
    '}',
    `upstream ringcast_${name} {`,
    `    hash ${`${variable} ${method}`.trim()};`,
    // Where one fails, the channels of its worker go nowhere else: every other worker would serve them by a detour.
    ...addresses.map(address => `    server ${address} max_fails=0;`),
    // The node closes a connection that is idle for 10 s; nginx must be first.
    '    keepalive 64;',
    '    keepalive_timeout 5s;',
    '}',
  ]
}
