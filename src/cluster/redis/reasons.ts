// What a server or the system says, as sentences for operators: what is wrong and what mends it, without secrets.
import { formatAddress } from '../../std/address.ts'
import { codeOf, faultText } from '../../std/fault.ts'
import { visibleText } from '../../std/visible.ts'
import type { Place } from './place.ts'

const textMax = 300

/** By the first word of what a server answers. */
const refusals: Readonly<Record<string, string>> = {
  READONLY: 'is a replica and takes no writes',
  LOADING: 'is loading its data from disk',
  MASTERDOWN: 'is a replica that lost its master',
  CLUSTERDOWN: 'is of a cluster that is down: some slots are served by nobody',
  MISCONF: 'refuses writes, for it cannot save its data to disk',
  NOREPLICAS: 'refuses writes, for too few replicas are connected',
  NOAUTH: 'wants a password',
  WRONGPASS: 'does not know the user with that password, or the user is off',
  OOM: 'is out of the memory that maxmemory allows',
  BUSY: 'is held up by a script of somebody',
}

/** What makes a whole server useless for us, until it is asked anew. */
const unfit: ReadonlySet<string> = new Set([
  ...Object.keys(refusals).filter(code => code !== 'OOM'),
  'NOPERM',
  'UNKILLABLE',
])

/** Of the slot, not of the server. */
const moves: ReadonlySet<string> = new Set(['MOVED', 'ASK', 'TRYAGAIN', 'CROSSSLOT'])

export function isUnfit(code: string): boolean {
  return unfit.has(code)
}

/** In a Redis Cluster a server may be down for some slots and serve others. */
export function isMove(code: string, kind: 'plain' | 'sharded'): boolean {
  return moves.has(code) || (code === 'CLUSTERDOWN' && kind === 'sharded')
}

export function sentenceOf(text: string, place: Place | undefined): string {
  const what = place === undefined ? 'Redis' : `Redis at ${formatAddress(place)}`
  const [code = ''] = text.split(' ', 1)
  const known = refusals[code]
  if (known !== undefined) return `${what} ${known}`
  if (code === 'NOPERM') return `${what} does not let this user use ${barredBy(text)}`
  return `${what}: ${bare(text)}`
}

/** Of a refusal of the server's rules for users. */
function barredBy(text: string): string {
  const [, command] = /run the '([^']+)' command/.exec(text) ?? []
  if (command !== undefined) return `the command ${bare(command)}`
  if (/channel/i.test(text)) return 'the channels of the prefix'
  return /keys?\b/i.test(text) ? 'the keys of the prefix' : `what is needed: ${bare(text)}`
}

/** Of whatever was thrown while connecting. */
export function connectSentence(error: unknown, place: Place | undefined): string {
  const where = place === undefined ? 'Redis' : `Redis at ${formatAddress(place)}`
  const code = codeOf(error)
  if (code === 'ECONNREFUSED') return `${where} refuses connections`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${where} has a name that cannot be looked up`
  const text = faultText(error)
  // An old server repeats the password that it was told.
  if (/unknown command/i.test(text)) return `${where} is older than Redis 6, and 7.0 is needed`
  // It is a sentence already.
  if (text.startsWith('Redis')) return text
  return sentenceOf(text === '' ? code : text, place)
}

/** Commands that the user may not use, or why others failed: what `rehearse` answers. */
export function rehearsalSentence(failed: readonly string[], place: Place): string {
  const pairs = failed.flatMap((word, index) => (index % 2 === 0 ? [[word, failed[index + 1] ?? '']] : []))
  const where = `Redis at ${formatAddress(place)}`
  const barred = pairs.filter(([, text = '']) => /can't|NOPERM|permission/i.test(text))
  const [first] = pairs
  if (barred.length === 0) return sentenceOf(first?.[1] ?? '', place)
  const channels = barred.filter(([, text = '']) => /channel/i.test(text)).map(([word]) => word)
  const keys = barred.filter(([, text = '']) => /keys?\b/i.test(text)).map(([word]) => word)
  const commands = barred
    .map(([word = '']) => word)
    .filter(word => !channels.includes(word) && !keys.includes(word))
  const missing = [
    ...(commands.length > 0 ? [`the commands ${[...new Set(commands)].join(', ')}`] : []),
    ...(keys.length > 0 ? ['the keys of the prefix'] : []),
    ...(channels.length > 0 ? ['the channels of the prefix'] : []),
  ]
  return `${where} does not let this user use ${missing.join(' and ')}`
}

function bare(text: string): string {
  return visibleText(text.slice(0, textMax))
}
