// An address that an operator wrote, to where a call goes. Pure.
import type { OriginTarget } from './target.ts'

export interface CallAddress {
  readonly target: OriginTarget
  /** With its query; begins with a slash. */
  readonly path: string
  /** What the header says. */
  readonly host: string
}

/** A text: why it is none, to follow `which`. A secret in it would get into logs, and a fragment is never sent. */
export function parseCallUrl(text: string): CallAddress | string {
  if (!URL.canParse(text)) return 'is no URL'
  const { protocol, hostname, port, pathname, search, host, username, password, hash } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return 'does not begin with http:// or https://'
  if (username !== '' || password !== '') return 'has a name or a password in it'
  if (hash !== '' || text.includes('#')) return 'has a fragment, which is never sent'
  const isTls = protocol === 'https:'
  return {
    target: {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (isTls ? 443 : 80) : Number(port),
      isTls,
    },
    path: pathname + search,
    host,
  }
}
