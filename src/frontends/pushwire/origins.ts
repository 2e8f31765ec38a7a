// Pages of other origins: which may connect, and what their browsers must be told (Fetch standard, CORS protocol). A browser
// shows the answers to a page of another origin only where it is listed; opening a WebSocket asks for nothing but this check.
import { isLoopbackHost } from '../../std/address.ts'
import { plainOrigin } from '../../std/origin.ts'

export type Headers = Readonly<Record<string, string>>

interface OriginSettings {
  readonly origins: readonly string[]
  readonly isDevelopment: boolean
}

/** Without a list everybody may, in development the pages of this machine alone; and whoever sends no origin is no page. */
export function mayConnect(origin: string | undefined, { origins, isDevelopment }: OriginSettings): boolean {
  if (origin === undefined) return true
  if (origins.length === 0) return !isDevelopment || isOfThisMachine(origin)
  return origins.some(own => plainOrigin(own) === origin)
}

/** Where no list is set there is no CORS at all, as in the original, but for pages of this machine in development. */
export function originHeaders(origin: string | undefined, settings: OriginSettings): Headers {
  const { origins, isDevelopment } = settings
  if (origins.length === 0 && !isDevelopment) return {}
  if (origin === undefined || !mayConnect(origin, settings)) return { vary: 'origin' }
  return { 'access-control-allow-origin': origin, vary: 'origin' }
}

export const preflightHeaders: Headers = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, last-event-id',
  'access-control-max-age': '86400',
}

function isOfThisMachine(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  return isLoopbackHost(new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1'))
}
