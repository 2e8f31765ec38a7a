// One setting, three names, each derived from section and key: `rpushd`, `heartbeatMs` is the variable
// RINGCAST_RPUSHD_HEARTBEAT_MS, the key heartbeat_ms under rpushd in the file, and the flag --rpushd.heartbeat-ms.
import { distance } from 'fastest-levenshtein'

const prefix = 'RINGCAST_'

export function variableOf(section: string, key: string): string {
  return `${prefix}${[...(section === '' ? [] : [section]), snakeOf(key)].join('_')}`.toUpperCase()
}

/** The secret is in a file, which this variable names. */
export function fileVariableOf(variable: string): string {
  return `${variable}_FILE`
}

/** As in the file, sections joined by dots: `rpushd.heartbeat_ms`. */
export function pathOf(section: string, key: string): string {
  return section === '' ? snakeOf(key) : `${section}.${snakeOf(key)}`
}

/** Without the leading dashes. */
export function flagOf(section: string, key: string): string {
  return pathOf(section, key).replaceAll('_', '-')
}

/** A variable that must be one of ours. */
export function isOwnVariable(variable: string, value: string | undefined): boolean {
  return variable.startsWith(prefix) && !isOfService(variable, value ?? '')
}

/**
 * Kubernetes tells each container of the services around it, and one that is called ringcast-… comes into our space
 * (Service documentation, environment variables; the long ones are those of Docker's links).
 */
function isOfService(variable: string, value: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/.test(variable)) return true
  if (/_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(variable)) return true
  return variable.endsWith('_PORT') && /^(?:tcp|udp|sctp):\/\//.test(value)
}

/**
 * `is unknown`, with the name that was probably meant. A reader who forgets the unit, or the section, forgets several
 * letters at once, which no distance forgives: each name is compared without them too.
 */
export function unknownText(name: string, known: readonly string[]): string {
  const wanted = formsOf(name)
  const costs = known.map(text => ({ text, cost: costOf(wanted, formsOf(text)) }))
  const near = costs.reduce((best, one) => (one.cost < best.cost ? one : best), { text: '', cost: Infinity })
  return near.cost <= Math.max(2, name.length / 3) ? `is unknown; did you mean ${near.text}?` : 'is unknown'
}

interface Forms {
  readonly whole: string
  readonly unitless: string
  /** Behind the section's dot. */
  readonly bare: string
}

/** As a setting's last word: `heartbeat_ms`, `--rpushd.body-bytes-max`. */
const unit = /[-_](?:ms|secs?|seconds|bytes)(?=$|[-_]max$)/

function formsOf(name: string): Forms {
  const whole = name.toLowerCase()
  const unitless = whole.replace(unit, '')
  return { whole, unitless, bare: unitless.slice(unitless.lastIndexOf('.') + 1) }
}

/** What is left out costs less than a wrong letter, and more than nothing: a name that fits whole goes first. */
function costOf(wanted: Forms, known: Forms): number {
  const whole = distance(wanted.whole, known.whole)
  const unitless = distance(wanted.unitless, known.unitless) + 0.25
  const isBare = !wanted.whole.includes('.') && known.whole.includes('.')
  return Math.min(
    whole,
    unitless,
    isBare ? distance(wanted.bare.replace(/^--/, ''), known.bare) + 0.5 : whole,
  )
}

function snakeOf(key: string): string {
  return key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
