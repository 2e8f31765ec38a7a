// `ringcast sub`: follows a channel in the terminal, over the event stream of the HTTP API.
import { type Command, Option } from 'commander'
import { parsePosition } from '../engine/words/position.ts'
import { type ApiOptions, apiFlags, findApi, findListener } from './api.ts'
import { Following } from './following.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'
import { SideBySide } from './side-by-side.ts'

interface Options extends ApiOptions {
  readonly since?: string
  readonly limit?: string
  readonly json?: true
  readonly positions?: true
  /** Commander turns the flag's `no-` into false. */
  readonly reconnect: boolean
  readonly exitOnGap?: true
  readonly allProtocols?: true
}

export function addSub(program: Command, shell: Shell): void {
  program
    .command('sub')
    .summary('follow a channel over the HTTP API')
    .usage('[options] <channel>')
    .argument('<channel>', 'name of the channel')
    .description(
      'Prints each publication of the channel: JSON as one line, text as it is, bytes as base64, nothing as an empty line. A connection that ' +
        'breaks is made again, and goes on behind the last publication printed; what the history of the channel no ' +
        'longer holds is told on standard error as a gap. On a terminal each is one line, and what could drive that ' +
        'is shown as JSON writes it. Ctrl-C tells the last position. The secret comes from ' +
        'RINGCAST_ADMIN_SECRET, RINGCAST_ADMIN_SECRET_FILE or the settings file.',
    )
    .option('--since <position>', 'begin behind this position (default: with what is published from now on)')
    .option('--limit <n>', 'end after n publications (default: never)')
    .option('--positions', 'print the position and a blank before each publication')
    .option(
      '--json',
      'print one object per publication: {"position":…,"data":…}, or text, base64 or none in place of data',
    )
    .option('--no-reconnect', 'end where the connection breaks')
    .option('--exit-on-gap', 'end where publications are missing')
    .addOption(
      new Option(
        '--all-protocols',
        'subscribe by every protocol at once, and print each publication as each of them brings it: protocol, ' +
          'position, content. For a node in development mode whose admin listener is on TCP; needs no secret',
      ).conflicts(['since', 'limit', 'json', 'positions', 'exitOnGap']),
    )
    .option(...apiFlags.url)
    .option(...apiFlags.config)
    .addHelpText(
      'after',
      helpEnd(
        [
          'ringcast sub demo',
          'ringcast sub demo --json | jq .data',
          'ringcast sub demo --since k1xc.41 --limit 10 --exit-on-gap',
          'ringcast sub --all-protocols demo',
        ],
        {
          0: 'stopped by Ctrl-C or SIGTERM, or after --limit publications',
          1: 'refused; the reason is on standard error',
          2: 'wrong usage',
          3: 'the connection broke or could not be made (with --no-reconnect)',
          4: 'publications are missing (with --exit-on-gap)',
        },
      ),
    )
    .action(async (channel: string, options: Options) => shell.end(await follow(channel, options, shell)))
}

async function follow(channel: string, options: Options, shell: Shell): Promise<number> {
  if (options.allProtocols) return followAll(channel, options, shell)
  const { since } = options
  const limit = Number(options.limit ?? Number.POSITIVE_INFINITY)
  const mistakes = [
    // Parsing one takes these for steps between folders, escaped or not (WHATWG URL).
    ...(/^\.\.?$/.test(channel) ? [`no URL can name a channel that is called '${channel}'`] : []),
    ...(since === undefined || parsePosition(since) !== undefined
      ? []
      : [`--since must be a position (EPOCH.OFFSET), not '${since}'`]),
    ...(options.limit === undefined || /^[1-9]\d{0,14}$/.test(options.limit)
      ? []
      : [`--limit must be a whole number from 1 on, not '${options.limit}'`]),
  ]
  if (mistakes.length > 0) return refuse(shell, mistakes, exitCode.usage)
  const api = findApi(shell, options)
  if ('mistakes' in api) return refuse(shell, api.mistakes)
  const form = options.json ? 'object' : options.positions ? 'position' : 'plain'
  const { reconnect, exitOnGap = false } = options
  return new Following({ api, channel, form, limit, reconnect, exitOnGap, shell }, since).run()
}

async function followAll(channel: string, options: Options, shell: Shell): Promise<number> {
  const url = findListener(shell, options)
  if (typeof url !== 'string') return refuse(shell, url.mistakes)
  return new SideBySide({ url, channel: channel.toWellFormed(), reconnect: options.reconnect, shell }).run()
}
