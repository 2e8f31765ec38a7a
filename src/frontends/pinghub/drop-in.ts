// `ringcast pinghub`: the flags of Pinghub, then our node. The original lets everybody in, and so does this command
// unless our own settings say otherwise; what the original passes over in silence is refused with a sentence.
import { parseAddress } from '../../std/address.ts'
import type { DropIn } from '../frontend.ts'
import { type Flag, readFlags, usageOf } from './flags.ts'
import { parseOrigin } from './origin.ts'

type Reading = ReturnType<DropIn['read']>

/** Sorted, as the original's usage lists them. */
const flags: readonly Flag[] = [
  {
    name: 'addr',
    usage: 'address to serve: host:port, :port, or the absolute path of a unix socket',
    default: '127.0.0.1:8081',
  },
  { name: 'log', usage: 'absolute path of a log file, in place of standard output and error', default: '' },
  { name: 'mport', usage: 'port of the metrics on 127.0.0.1, or host:port', default: '8082' },
  {
    name: 'origin',
    usage: 'scheme://host[:port] of the pages that may connect; empty for all',
    default: '',
  },
]

export const dropIn: DropIn = {
  summary: 'In place of Pinghub, with its flags (-addr, -mport, -origin, -log).',
  read(args, environment) {
    const read = readFlags(args, flags)
    if (!read.ok) {
      const usage = usageOf('pinghub', flags)
      if (read.message === undefined) return refused(usage, 0)
      return refused([read.message, ...usage], 2)
    }
    const given = judge(read.values)
    if ('message' in given) return refused([given.message], 1)
    return {
      ok: true,
      logFile: given.logFile,
      environment: {
        RINGCAST_MODE: 'production',
        RINGCAST_ADMIN_LISTEN: 'off',
        RINGCAST_PINGHUB_SUBSCRIBE: '*',
        RINGCAST_PINGHUB_PUBLISH: '*',
        ...environment,
        ...given.environment,
      },
    }
  },
}

type Given =
  | { readonly message: string }
  | { readonly environment: Readonly<Record<string, string>>; readonly logFile: string | undefined }

/** Flags that were given, as our variables; they come before those of the environment. */
function judge(values: ReadonlyMap<string, string>): Given {
  const environment: Record<string, string> = {}
  const addr = values.get('addr')
  if (addr !== undefined) {
    const listen = listenOf(addr)
    if (listen === undefined)
      return { message: `-addr: cannot listen on '${addr}': no host:port, :port or path` }
    environment['RINGCAST_PINGHUB_LISTEN'] = listen
  }
  const mport = values.get('mport')
  if (mport !== undefined) {
    // The original takes names of services as well, from a file that few machines have today.
    const address = parseAddress(mport)
    if (address === undefined || address.path !== undefined) {
      return { message: `-mport: '${mport}' is neither a port nor host:port` }
    }
    environment['RINGCAST_PINGHUB_METRICS_LISTEN'] = mport
  }
  const origin = values.get('origin')
  if (origin !== undefined && origin !== '') {
    const parsed = parseOrigin(origin)
    if (parsed === undefined) {
      return { message: `Failed to parse origin ${origin}: it must be scheme://host[:port]` }
    }
    // Of the rest of it the original takes no notice.
    environment['RINGCAST_PINGHUB_ORIGINS'] = `${parsed.scheme}://${parsed.host}`
  }
  const logFile = values.get('log')
  if (logFile !== undefined && logFile !== '' && !logFile.startsWith('/')) {
    return { message: `-log: '${logFile}' is no absolute path` }
  }
  return { environment, logFile: logFile === '' ? undefined : logFile }
}

/** In the form that our settings read; undefined: it is none of the original's forms. */
function listenOf(addr: string): string | undefined {
  const text = addr.startsWith('/') ? `unix:${addr}` : addr.replace(/^:/, '0.0.0.0:')
  const isHostAndPort = /^.+:\d+$/.test(text) || text.startsWith('unix:')
  return isHostAndPort && parseAddress(text) !== undefined ? text : undefined
}

function refused(lines: readonly string[], status: number): Reading {
  return { ok: false, lines, status, asErrors: true }
}
