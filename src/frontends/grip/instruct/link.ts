// Grip-Link (contract §5.2, §5.6, §5.7): where the next page of a stream is, and who is told that a client is gone.
import { nextTimeoutMs } from './instruct.ts'
import { type Element, parameterOf, parseList, utf8Of } from './list.ts'
import { parseSeconds } from './seconds.ts'

export interface Links {
  readonly next?: { readonly uri: string; readonly timeoutMs: number }
  readonly gone?: { readonly uri: string }
}

type LinksReading =
  | { readonly ok: true; readonly links: Links }
  | { readonly ok: false; readonly error: string }

/**
 * Of several links with one relation the last one counts. `baseUri` is the one that was asked, which relative links go
 * on from.
 */
export function readLinks(fields: readonly string[], baseUri: string): LinksReading {
  let links: Links = {}
  for (const element of parseList(fields, { hasLinks: true })) {
    const relation = parameterOf(element, 'rel')
    if (relation !== 'next' && relation !== 'gone') continue
    const uri = uriOf(element, baseUri)
    if (!uri.ok) return uri
    if (relation === 'gone') links = { ...links, gone: { uri: uri.uri } }
    else {
      const timeout = parseSeconds('Grip-Link timeout', parameterOf(element, 'timeout'), ' value')
      if (!timeout.ok) return timeout
      links = { ...links, next: { uri: uri.uri, timeoutMs: nextTimeoutMs(timeout.seconds) } }
    }
  }
  return { ok: true, links }
}

type UriReading = { readonly ok: true; readonly uri: string } | { readonly ok: false; readonly error: string }

function uriOf({ value }: Element, baseUri: string): UriReading {
  const text = /^<(.+)>$/s.exec(value)?.[1]
  if (text === undefined) return { ok: false, error: 'failed to parse Grip-Link value' }
  const uri = resolveUri(utf8Of(text), baseUri)
  return uri === undefined ? { ok: false, error: 'Grip-Link contains invalid link' } : { ok: true, uri }
}

/** Without its fragment, which no request has; undefined where it is none of HTTP. */
export function resolveUri(text: string, baseUri: string): string | undefined {
  if (!URL.canParse(text, baseUri)) return undefined
  const url = new URL(text, baseUri)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  url.hash = ''
  return url.href
}
