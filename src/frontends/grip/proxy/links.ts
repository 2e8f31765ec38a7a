// Where a link of an origin leads (contract §5.6): one to where the client asked goes by the same rule, and never through a
// socket of ours; one to elsewhere goes to the network only where that was allowed, or an answer could open any door.

import { rewritePath } from '../routes/path.ts'
import type { Rule } from '../routes/rule.ts'
import type { Target } from '../routes/target.ts'

/** What the client asked, as links see it. */
export interface Base {
  /** Absolute: `http://host/path?query`. */
  readonly uri: string
  readonly rule: Rule
}

export interface Link {
  readonly rule: Rule
  readonly targets: readonly Target[]
  /** Path and query for the origin. */
  readonly target: string
  readonly host: string
  readonly isTls: boolean
}

/** Undefined: nobody allowed it. */
export function linkTo(
  uri: string,
  base: Base,
  isAllowed: (host: string, port: number) => boolean,
): Link | undefined {
  const url = new URL(uri)
  const isTls = url.protocol === 'https:'
  const { rule } = base
  if (url.origin === new URL(base.uri).origin && url.pathname.startsWith(rule.pathBeg)) {
    const path = rewritePath(url.pathname, rule)
    if (path === undefined) return undefined
    return { rule, targets: rule.targets, target: path + url.search, host: url.host, isTls }
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (isTls ? 443 : 80)
  if (!isAllowed(host, port)) return undefined
  // What an origin may not reach by being one it may not reach by a link.
  const untrusted = rule.targets.some(target => target.untrusted)
  return {
    rule: { ...rule, asHost: undefined, headers: [] },
    targets: [{ ...plainTarget, place: { kind: 'tcp', host, port }, ssl: isTls, untrusted }],
    target: url.pathname + url.search,
    host: url.host,
    isTls,
  }
}

const plainTarget: Omit<Target, 'place' | 'untrusted'> = {
  ssl: false,
  insecure: false,
  host: undefined,
  trustConnectHost: false,
  clientCertificate: undefined,
  overHttp: false,
  oneEvent: false,
  subscriptions: [],
}
