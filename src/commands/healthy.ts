// `ringcast healthy`: whether a node with these settings serves, for the health checks of containers and supervisors.
import type { Command } from 'commander'
import { adminSection } from '../admin/settings.ts'
import { isWanted } from '../app/configuration.ts'
import { doorsOf } from '../app/doors.ts'
import { nodeSettingsOf, sectionsFor } from '../app/node.ts'
import { flagOf, variableOf } from '../settings/names.ts'
import { readSettings, type Sources, type Values } from '../settings/settings.ts'
import { type Address, formatAddress, parseAddress } from '../std/address.ts'
import { parseJsonText, readAnswer, reasonOf, recordOf } from './api.ts'
import { addSettingFlags } from './flags.ts'
import { exitCode, helpEnd, refuse, type Shell } from './output.ts'
import { requestFrom } from './request.ts'

/** Whoever asks gives up after 3 s as a rule, and wants a reason before. */
const timeoutMs = { usual: 2_000, max: 60_000 } as const

interface Target {
  readonly address: Address
  readonly path: string
  /** It tells more than that somebody answers. */
  readonly isAdmin: boolean
}

/** `absent`: nobody listens, so that the node may be found elsewhere. */
type Outcome =
  | { readonly kind: 'absent' | 'failed'; readonly text: string }
  | { readonly kind: 'serves'; readonly text: string }

export function addHealthy(program: Command, shell: Shell): void {
  const command = program
    .command('healthy')
    .summary('ask a node on this machine whether it serves')
    .usage('[flags]')
    .description(
      'Reads settings from flags, environment and file as start does, and asks /readyz of the admin listener, which may ' +
        'be a unix socket. Where nobody listens there, as with the commands that take the place of other programs, it ' +
        'asks the addresses of the protocols, with the variables of those programs, too: any answer but a failure of the ' +
        'node will do. Needs no secret.',
    )
    .option('--timeout <ms>', 'time for an answer', String(timeoutMs.usual))
  const read = addSettingFlags(command, sectionsFor(shell.known))
  command.addHelpText(
    'after',
    helpEnd(['ringcast healthy', `ringcast healthy --admin.listen 127.0.0.1:9090 --timeout 500`], {
      0: 'it serves',
      1: 'it does not, or not yet, or a setting is wrong; the reason is on standard error',
      2: 'wrong usage',
    }),
  )
  command.action(async (options: { readonly timeout: string }) => {
    const { flags, mistakes } = read()
    const ms = /^[1-9]\d{0,5}$/.test(options.timeout) ? Number(options.timeout) : Number.NaN
    const wrong =
      ms <= timeoutMs.max ? [] : [`--timeout must be 1 to ${timeoutMs.max} ms, not '${options.timeout}'`]
    if (mistakes.length + wrong.length > 0) {
      return shell.end(refuse(shell, [...mistakes, ...wrong], exitCode.usage))
    }
    shell.end(await judge(shell, { environment: shell.environment, flags }, ms))
  })
}

async function judge(shell: Shell, sources: Sources, ms: number): Promise<number> {
  const { values, mistakes } = readSettings(sectionsFor(shell.known), sources)
  if (mistakes.length > 0) return refuse(shell, mistakes)
  const targets = [...adminTargets(values), ...protocolTargets(shell, values), ...dropInTargets(shell)]
  const absent: string[] = []
  for (const target of distinct(targets)) {
    const { kind, text } = await ask(target, ms)
    if (kind === 'failed') return refuse(shell, [text])
    if (kind === 'serves') {
      shell.terminal.print(text)
      return exitCode.ok
    }
    absent.push(text)
  }
  if (absent.length > 0) return refuse(shell, absent)
  return refuse(shell, [`no address is known to ask; set ${variableOf(adminSection.name, 'listen')}`])
}

function adminTargets(values: Values): readonly Target[] {
  return placesOf(values[adminSection.name]?.['listen']).map(address => ({
    address,
    path: '/readyz',
    isAdmin: true,
  }))
}

/** Of the protocols that a node with these settings starts. */
function protocolTargets({ known }: Shell, values: Values): readonly Target[] {
  const node = nodeSettingsOf(values)
  const wanted = known.filter(frontend => isWanted(frontend, node, values))
  return wanted.flatMap(frontend => {
    const { name, healthPath: path = '/' } = frontend
    const addresses = doorsOf(frontend).map(({ setting }) => values[name]?.[setting])
    return placesOf(addresses.find(address => address !== 'off')).map(address => ({
      address,
      path,
      isAdmin: false,
    }))
  })
}

/** Of the nodes that the drop-in commands would start with this environment. */
function dropInTargets(shell: Shell): readonly Target[] {
  const { clock, environment, known } = shell
  return known.flatMap(({ name, dropIn }) => {
    const reading = dropIn?.read([], environment, clock.unixMs())
    if (reading?.ok !== true) return []
    const flags = new Map([[flagOf('', 'only'), name]])
    const own = readSettings(sectionsFor(known), { environment: reading.environment, flags })
    return own.mistakes.length > 0 ? [] : protocolTargets(shell, own.values)
  })
}

/** Where to connect for it; none where it is off or any free port. An address for all of the machine is on loopback. */
function placesOf(setting: unknown): readonly Address[] {
  const address = parseAddress(String(setting))
  if (address === undefined || (address.path === undefined && address.port === 0)) return []
  const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host === '::' ? '::1' : address.host
  return [{ ...address, host }]
}

/** The first of those with one address. */
function distinct(targets: readonly Target[]): readonly Target[] {
  const labels = targets.map(({ address }) => formatAddress(address))
  return targets.filter((_, index) => labels.indexOf(labels[index] ?? '') === index)
}

async function ask({ address, path, isAdmin }: Target, ms: number): Promise<Outcome> {
  const place = address.path === undefined ? address : { socketPath: address.path }
  const label = formatAddress(address)
  const signal = AbortSignal.timeout(ms)
  try {
    // The admin listener answers to this name, whatever others it has.
    const response = await requestFrom(place, path, { headers: { host: 'localhost' }, signal })
    const body = await readAnswer(response)
    if (response.ok || (!isAdmin && response.status < 500)) return { kind: 'serves', text: `${label} serves` }
    return { kind: 'failed', text: `${label} does not serve: ${whyNot(response.status, body)}` }
  } catch (error) {
    if (signal.aborted) return { kind: 'failed', text: `${label} gave no answer within ${ms} ms` }
    const isAbsent = ['ECONNREFUSED', 'ENOENT'].some(code => reasonOf(error).includes(code))
    return isAbsent
      ? { kind: 'absent', text: `nobody listens at ${label}` }
      : { kind: 'failed', text: `${label} does not answer: ${reasonOf(error)}` }
  }
}

/** As /readyz says it: see src/admin/health.ts. */
function whyNot(status: number, body: string): string {
  const { reasons } = recordOf(parseJsonText(body))
  const texts = Array.isArray(reasons) ? reasons.map(reason => String(recordOf(reason)['text'])) : []
  return texts.length === 0 ? `status ${status}` : texts.join(', ')
}
