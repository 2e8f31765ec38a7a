// Pages of other origins: which may ask, and what their browsers must be told (Fetch standard, CORS protocol).
import { plainOrigin } from '../../std/origin.ts'

export type Headers = Readonly<Record<string, string>>

interface OriginSettings {
  readonly origins: readonly string[]
  readonly cookie: string
}

/** Whether the settings name the origin; `*` names all. */
export function isListed(origin: string, { origins }: OriginSettings): boolean {
  return origins.includes('*') || origins.some(own => plainOrigin(own) === origin)
}

/** For every answer to a listed origin. Nothing where no list is set: then there is no CORS at all. */
export function originHeaders(origin: string | undefined, settings: OriginSettings): Headers {
  if (settings.origins.length === 0) return {}
  if (origin === undefined || !isListed(origin, settings)) return { vary: 'origin' }
  // A cookie is sent along only to an origin that is named; with a star anybody's page could use it.
  const isNamed = settings.cookie !== '' && !settings.origins.includes('*')
  return {
    'access-control-allow-origin': origin,
    vary: 'origin',
    ...(isNamed && { 'access-control-allow-credentials': 'true' }),
  }
}

/** Ten minutes: a preflight per request would double the latency. */
export const preflightHeaders: Headers = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers':
    'authorization, cache-control, content-type, idempotency-key, last-event-id',
  'access-control-max-age': '600',
}

/** The value of one cookie; undefined where there is none. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined || name === '') return undefined
  for (const pair of header.split(';')) {
    const [key = '', ...value] = pair.split('=')
    if (key.trim() === name) return value.join('=').trim()
  }
  return undefined
}
