// What is asked for below the base of SockJS (contract §12.3).

export type SockjsRequest =
  | { readonly kind: 'options' | 'info' | 'iframe' | 'nothing' }
  /** Of a session. */
  | { readonly kind: 'part'; readonly session: string; readonly part: string }

/** Clients make up 8 characters; what is longer than this would be kept for each session. */
const nameLengthMax = 256

/** `rest`: of the path, behind the base. */
export function readRequest(method: string, rest: string): SockjsRequest {
  if (method === 'OPTIONS') return { kind: 'options' }
  if (method === 'GET' && rest === '/info') return { kind: 'info' }
  if (method === 'GET' && /^\/iframe.*\.html$/s.test(rest)) return { kind: 'iframe' }
  return partOf(rest) ?? { kind: 'nothing' }
}

/** The part in front of the session's name is for load balancers, and means nothing. */
export function partOf(rest: string): Extract<SockjsRequest, { kind: 'part' }> | undefined {
  const [, session, part] = rest.slice(1).split('/', 4)
  if (rest.split('/').length !== 4 || session === undefined || part === undefined) return undefined
  return session.length <= nameLengthMax ? { kind: 'part', session, part } : undefined
}

/** Whether the request begins a session that nobody knows. */
export function isOpening(method: string, part: string): boolean {
  return part === 'xhr' ? method === 'POST' : part === 'jsonp' && (method === 'GET' || method === 'POST')
}
