// `ringcast token`: prints what clients of a protocol authenticate with.
import type { Command } from 'commander'
import { sectionsFor } from '../app/node.ts'
import { parseChannelName } from '../engine/words/publication.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { fileVariableOf, flagOf, pathOf, unknownText, variableOf } from '../settings/names.ts'
import { readSettings } from '../settings/settings.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'

interface Options {
  readonly ttl: string
  readonly secretFile?: string
  readonly config?: string
}

/** The setting that signs, by convention of the front-ends that have tokens. */
const secretKey = 'secret'
/** Longer than a secret should live. */
const ttlSecondsMax = 3_660 * 86_400

export function addToken(program: Command, shell: Shell): void {
  const able = shell.known.filter(({ token }) => token !== undefined)
  const [first] = able
  const lines = able.map(({ name, token }) => `  ${name}: ${token?.summary}`)
  program
    .command('token')
    .summary('print a token for a client')
    .usage('[options] <protocol> <channel>')
    .argument(
      '<protocol>',
      able.length === 0 ? 'no protocol has tokens' : able.map(({ name }) => name).join(', '),
    )
    .argument('<channel>', 'name of the channel')
    .description(
      'Prints a token that is valid from now on, signed with the first secret of the protocol. The secret comes from ' +
        `the environment, a file or the settings file, never from a flag.\n\n${lines.join('\n')}`,
    )
    .option('--ttl <time>', 'how long it is valid: 90, 90s, 15m, 1h or 7d', '1h')
    .option('--secret-file <file>', 'sign with the first line of this file')
    .option('--config <file>', 'settings file')
    .addHelpText(
      'after',
      helpEnd(
        [
          `ringcast token ${first?.name} demo`,
          `ringcast token ${first?.name} demo --ttl 7d --secret-file /run/secrets/${first?.name}`,
        ],
        { 0: 'printed', 1: 'no secret is set, or a setting is wrong', 2: 'wrong usage' },
      ),
    )
    .action((protocol: string, channel: string, options: Options) =>
      shell.end(printToken(protocol, channel, options, shell)),
    )
}

function printToken(protocol: string, channel: string, options: Options, shell: Shell): number {
  const able = shell.known.filter(({ token }) => token !== undefined)
  const frontend = able.find(({ name }) => name === protocol)
  const ttlSeconds = parseTtl(options.ttl)
  const name = parseChannelName(channel)
  const mistakes = [
    ...(frontend?.token === undefined ? [noTokens(protocol, shell)] : []),
    ...(name === undefined ? ['the channel name is longer than 1024 bytes, or begins with U+0001'] : []),
    ...(ttlSeconds === undefined
      ? [`--ttl must be a time like 90s, 15m, 1h or 7d, not '${options.ttl}'`]
      : []),
  ]
  if (frontend?.token === undefined || name === undefined || ttlSeconds === undefined) {
    return refuse(shell, mistakes, exitCode.usage)
  }
  const variable = variableOf(frontend.name, secretKey)
  const { values, mistakes: wrong } = readSettings(
    sectionsFor(shell.known),
    sourcesOf(frontend, options, shell),
  )
  if (wrong.length > 0) return refuse(shell, wrong)
  const settings = values[frontend.name] ?? {}
  const mistake = frontend.token.mistakeIn?.(settings as never, name) // read against the front-end's section
  if (mistake !== undefined) return refuse(shell, [`'${name}' ${mistake}`], exitCode.usage)
  const secrets = settings[secretKey]
  if (!Array.isArray(secrets) || secrets.length === 0) {
    const places = `${variable} or ${fileVariableOf(variable)}, or ${pathOf(frontend.name, secretKey)} in the settings file`
    return refuse(shell, [`no secret is set; set ${places}, or say --secret-file`])
  }
  const expires = Math.floor(shell.clock.unixMs() / 1_000) + ttlSeconds
  shell.terminal.print(frontend.token.mint(settings as never, name, expires)) // read against the front-end's section
  return exitCode.ok
}

function noTokens(protocol: string, { known }: Shell): string {
  if (known.some(({ name }) => name === protocol)) return `${protocol} has no tokens`
  const able = known.filter(({ token }) => token !== undefined).map(({ name }) => name)
  return `the protocol ${protocol} ${unknownText(protocol, able)}`
}

/** A secret file on the command line goes before every other place of the secret. */
function sourcesOf({ name }: Frontend, { secretFile, config }: Options, { environment }: Shell) {
  const flags = new Map(config === undefined ? [] : [[flagOf('', 'config'), config]])
  const variable = variableOf(name, secretKey)
  if (secretFile === undefined) return { environment, flags }
  const { [variable]: _, ...rest } = environment
  return { environment: { ...rest, [fileVariableOf(variable)]: secretFile }, flags }
}

/** Seconds; undefined for what is none, zero and very long times included. */
export function parseTtl(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,10})([smhd])?$/.exec(text) ?? []
  const seconds = Number(digits) * (unitSeconds.get(unit) ?? Number.NaN)
  return seconds >= 1 && seconds <= ttlSecondsMax ? seconds : undefined
}

const unitSeconds: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
])
