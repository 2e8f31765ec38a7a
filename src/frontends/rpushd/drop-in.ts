// `ringcast rpushd`: the variables of rpushd 1.0.3 in its order, with its texts and exit status, then our node. Every
// one of them also works without this command; here they are judged as strictly as the original does.
import type { DropIn } from '../frontend.ts'
import { filterLevel, parseSocketAddress, parseUnsigned, trimWhiteSpace } from './rust-values.ts'
import { rpushdSection } from './settings.ts'

type Environment = Parameters<DropIn['read']>[1]

/** The variable's value in the form that our settings read; undefined: it is not given. */
type Judged =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly message: string }

interface Variable {
  readonly name: string
  judge(given: string | undefined, environment: Environment): Judged
}

const { heartbeatMs, channelIdleTtlMs } = rpushdSection.fields

/** In the order in which the original reads them. */
const variables: readonly Variable[] = [
  { name: 'RPUSHD_LISTEN', judge: judgeListen },
  secretVariable('SECRET'),
  secretVariable('PUBLISH_SECRET'),
  secondsVariable('RPUSHD_HEARTBEAT_SECS', 1n, heartbeatMs.max),
  secondsVariable('RPUSHD_CHANNEL_IDLE_TTL_SECS', 0n, channelIdleTtlMs.max),
]

export const dropIn: DropIn = {
  summary: 'In place of rpushd 1.0.3, with its variables (RPUSHD_LISTEN, RPUSHD_SECRET, …).',
  read(args, environment, unixMs) {
    if (args.length > 0) {
      const line = 'ringcast rpushd takes no arguments, since rpushd has none; set its variables instead'
      return { ok: false, lines: [line], status: 2 }
    }
    const judgedValues: Record<string, string | undefined> = {}
    for (const { name, judge } of variables) {
      const judged = judge(readable(environment[name]), environment)
      if (!judged.ok) return { ok: false, lines: [errorLine(unixMs, judged.message)], status: 1 }
      judgedValues[name] = judged.value
    }
    const level = filterLevel(readable(environment['RUST_LOG']) ?? 'info', 'rpushd')
    return {
      ok: true,
      environment: {
        RINGCAST_MODE: 'production',
        RINGCAST_ADMIN_LISTEN: 'off',
        RINGCAST_LOG_LEVEL: level === 'off' ? 'silent' : level,
        ...environment,
        ...judgedValues,
      },
    }
  },
}

/** The original takes what is not UTF-8 for absent; of such a value only the replacement character is left here. */
function readable(value: string | undefined): string | undefined {
  return value?.includes('\ufffd') ? undefined : value
}

function judgeListen(given: string | undefined): Judged {
  if (given === undefined) return { ok: true, value: undefined }
  const address = parseSocketAddress(given)
  if (address.ok) return address
  return { ok: false, message: `Invalid rpushd listen address: ${address.detail}` }
}

/** Ours, and files named by ours, count as given; what they hold is judged with all other settings. */
function secretVariable(suffix: string): Variable {
  const name = `RPUSHD_${suffix}`
  const others = [`${name}_FILE`, `RINGCAST_${name}`, `RINGCAST_${name}_FILE`]
  return {
    name,
    judge(given, environment) {
      const isElsewhere = others.some(other => environment[other] !== undefined)
      if (given === undefined && isElsewhere) return { ok: true, value: undefined }
      if (given === undefined) return { ok: false, message: `${name} is required` }
      const value = trimWhiteSpace(given)
      return value === '' ? { ok: false, message: `${name} must not be empty` } : { ok: true, value }
    },
  }
}

/** Above what we take it becomes the largest that we take: nobody waits long enough to see a difference. */
function secondsVariable(name: string, min: bigint, msMax: number): Variable {
  const max = BigInt(Math.floor(msMax / 1_000))
  return {
    name,
    judge(given) {
      if (given === undefined) return { ok: true, value: undefined }
      const seconds = parseUnsigned(given)
      if (!seconds.ok) return { ok: false, message: `Invalid ${name} value: ${seconds.detail}` }
      const { value } = seconds
      // The original takes 0 for the heartbeat and then breaks every stream.
      if (value < min) return { ok: false, message: `Invalid ${name} value: it must be at least ${min}` }
      return { ok: true, value: String(value > max ? max : value) }
    },
  }
}

/** In the original's log format, without its colours. */
function errorLine(unixMs: number, message: string): string {
  const time = new Date(unixMs).toISOString().replace('Z', '000Z')
  return `${time} ${'ERROR'.padStart(5)} ${message}`
}
