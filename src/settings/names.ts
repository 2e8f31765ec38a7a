// One setting, three names, each derived from section and key: `rpushd`, `heartbeatMs` is the variable
// RINGCAST_RPUSHD_HEARTBEAT_MS, the key heartbeat_ms under rpushd in the file, and the flag --rpushd.heartbeat-ms.
import { closest, distance } from 'fastest-levenshtein'

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

/** `is unknown`, with the name that was probably meant. */
export function unknownText(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'is unknown'
  const near = closest(
    name.toLowerCase(),
    known.map(text => text.toLowerCase()),
  )
  const meant = known.find(text => text.toLowerCase() === near)
  const isNear = meant !== undefined && distance(name.toLowerCase(), near) <= Math.max(2, name.length / 3)
  return isNear ? `is unknown; did you mean ${meant}?` : 'is unknown'
}

function snakeOf(key: string): string {
  return key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
