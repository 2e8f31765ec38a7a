// `ringcast grip`: the arguments and the configuration file of Pushpin, then our node. What the file says is weaker than
// variables of ours, and those are weaker than arguments.
import { resolve } from 'node:path'
import { readRegularFile } from '../../std/regular-file.ts'
import type { DropIn } from '../frontend.ts'
import { type Arguments, readArguments, usage } from './arguments.ts'
import { openAddress, takeLogLevel } from './conf-values.ts'
import { iniBytesMax } from './ini.ts'
import { type ConfPlace, readConf } from './pushpin-conf.ts'

type Environment = Readonly<Record<string, string>>

/** Whose behaviour this is; its programs are asked for it by scripts that install them. */
const version = 'pushpin 1.41.0'

/** Ports of control go up by ten each, and so the last one that fits. */
const idMax = 5_000

export const dropIn: DropIn = {
  summary: 'In place of Pushpin, with its arguments and its pushpin.conf (--config, --port, --route, …).',
  read(args, environment) {
    return readDropIn(args, environment, { workingDir: process.cwd(), read: readText })
  },
}

/** The same with files of the caller's. */
export function readDropIn(
  args: readonly string[],
  environment: Parameters<DropIn['read']>[1],
  place: ConfPlace,
): ReturnType<DropIn['read']> {
  const read = readArguments(args)
  if (!read.ok && 'wants' in read) {
    return { ok: false, lines: read.wants === 'help' ? usage : [version], status: 0 }
  }
  if (!read.ok) return refused([read.mistake], 2, "For more information, try '--help'.")
  const { given } = read
  const id = given.id === undefined ? undefined : idOf(given.id)
  if (id === 'none') return refused([`--id is '${given.id}', and no number from 0 to ${idMax}`], 1)
  const own = judge(given)
  if (typeof own === 'string') return refused([own], 1)
  const conf = readConf({ path: given.config, id }, place)
  if (!conf.ok) return refused(conf.mistakes, 1)
  return {
    ok: true,
    logFile: given.logFile === undefined ? undefined : resolve(place.workingDir, given.logFile),
    remarks: conf.remarks,
    environment: {
      RINGCAST_MODE: 'production',
      RINGCAST_ADMIN_LISTEN: 'off',
      RINGCAST_GRIP_SUBSCRIBE: '*',
      RINGCAST_GRIP_PUBLISH: '*',
      ...conf.environment,
      ...environment,
      ...own,
    },
  }
}

/** Arguments as our variables. A string is a sentence about one that is wrong. */
function judge({ port, routes, logLevel, isVerbose }: Arguments): Environment | string {
  const own: Record<string, string> = {}
  if (port !== undefined) {
    const listen = openAddress(port)
    if (listen === undefined) return `--port is '${port}', and no port or addr:port`
    own['RINGCAST_GRIP_LISTEN'] = listen
    own['RINGCAST_GRIP_TLS_LISTEN'] = ''
    own['RINGCAST_GRIP_LOCAL_LISTEN'] = ''
  }
  if (routes.length > 0) {
    own['RINGCAST_GRIP_ROUTES'] = ''
    own['RINGCAST_GRIP_ROUTES_TEXT'] = routes.join('\n')
  }
  const level = isVerbose ? '3' : logLevel
  const taken = level === undefined ? {} : takeLogLevel(level)
  if (typeof taken === 'string') return `--loglevel ${taken}`
  return { ...own, ...taken }
}

function idOf(text: string): number | 'none' {
  return /^\d{1,4}$/.test(text) && Number(text) <= idMax ? Number(text) : 'none'
}

function readText(path: string): string | undefined {
  const reading = readRegularFile(path, { bytesMax: iniBytesMax, follow: true })
  return reading.ok ? reading.bytes.toString('utf8') : undefined
}

/** `sentences` say what is wrong; `hint` follows them. */
function refused(
  sentences: readonly string[],
  status: number,
  ...hint: readonly string[]
): ReturnType<DropIn['read']> {
  return { ok: false, lines: [...sentences.map(each => `Error: ${each}`), ...hint], status, asErrors: true }
}
