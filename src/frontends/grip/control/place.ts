// Where a publisher finds a control address, and how it says who it is: a GRIP_URL, as libraries of GRIP read it, and what
// was given beside it (contract §11).
import { mintHmacToken } from '../../../auth/hmac-token.ts'

export interface ControlPlace {
  /** Its query is read, and none of it is sent. */
  readonly url: URL
  readonly host: string
  readonly port: number
  readonly authorization: string | undefined
}

export interface Credentials {
  /** `name:password`. */
  readonly user?: string | undefined
  readonly bearer?: string | undefined
  readonly unixSeconds: number
}

/** A token of ours serves one request, but clocks differ; libraries say an hour. */
const tokenSeconds = 3_600

/** A text: what is wrong. */
export function placeOf(spec: string, credentials: Credentials): ControlPlace | string {
  const url = URL.canParse(spec) ? new URL(spec) : undefined
  if (url === undefined) return `'${spec}' is no address like http://localhost:5561`
  const isTls = url.protocol === 'https:'
  if (!isTls && url.protocol !== 'http:') {
    return `'${spec}' is neither http nor https, tcp nor ipc`
  }
  const secret = secretOf(url, credentials)
  // What is minted for an hour may go where the libraries send it; what is good for ever may not.
  if (secret !== undefined && !isTls) return 'Authentication requires https'
  const port = url.port === '' ? (isTls ? 443 : 80) : Number(url.port)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return { url, host, port, authorization: secret ?? tokenFor(url, credentials) }
}

/** What is written in an option goes before what is written in the address. */
function secretOf(url: URL, { user, bearer }: Credentials): string | undefined {
  const named = `${decoded(url.username)}:${decoded(url.password)}`
  const own = user ?? (url.username === '' ? undefined : named)
  if (bearer !== undefined) return `Bearer ${bearer}`
  if (own !== undefined) return `Basic ${Buffer.from(own).toString('base64')}`
  const key = url.searchParams.get('key')
  return key !== null && !url.searchParams.has('iss') ? `Bearer ${key}` : undefined
}

/** `iss` and `key` of a GRIP_URL sign a token. */
function tokenFor(url: URL, { unixSeconds }: Credentials): string | undefined {
  const [iss, key] = [url.searchParams.get('iss'), url.searchParams.get('key')]
  if (iss === null || key === null) return undefined
  return `Bearer ${mintHmacToken(keyOf(key), { iss, exp: unixSeconds + tokenSeconds })}`
}

/** A plus sign that nobody encoded became a blank in the query, and base64 has no blanks. */
function keyOf(text: string): string | Uint8Array {
  if (!text.startsWith('base64:')) return text
  return Buffer.from(text.slice('base64:'.length).replaceAll(' ', '+'), 'base64')
}

/** As it stands where it is not encoded well. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
