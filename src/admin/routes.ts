// Every path of the listener, as a table: openapi.json is held against it. HEAD goes wherever GET answers at once.
export type Action =
  | 'live'
  | 'ready'
  | 'metrics'
  | 'node'
  | 'publish'
  | 'info'
  | 'presence'
  | 'history'
  | 'stream'

export interface Route {
  /** `{channel}` stands for one segment, which may be empty. */
  readonly path: string
  readonly methods: readonly string[]
  readonly action: Action
}

const read = ['GET', 'HEAD'] as const

export const routes: readonly Route[] = [
  { path: '/livez', methods: read, action: 'live' },
  { path: '/readyz', methods: read, action: 'ready' },
  { path: '/metrics', methods: read, action: 'metrics' },
  { path: '/v1/node', methods: read, action: 'node' },
  { path: '/v1/publications', methods: ['POST'], action: 'publish' },
  { path: '/v1/channels/{channel}', methods: read, action: 'info' },
  { path: '/v1/channels/{channel}/presence', methods: read, action: 'presence' },
  { path: '/v1/channels/{channel}/history', methods: read, action: 'history' },
  { path: '/v1/channels/{channel}/stream', methods: ['GET'], action: 'stream' },
]

export interface RouteMatch {
  readonly route: Route
  /** The segment in the place of `{channel}`, still percent-encoded; empty where the route has none. */
  readonly segment: string
}

/** Cut once: every request is held against them. */
const cut = routes.map(route => {
  const segments = route.path.split('/')
  return { route, segments, place: segments.indexOf('{channel}') }
})

/** `path` is raw, so that `%2F` is a part of a segment. */
export function matchRoute(path: string): RouteMatch | undefined {
  const given = path.split('/')
  for (const { route, segments, place } of cut) {
    const fits =
      segments.length === given.length && segments.every((part, at) => at === place || part === given[at])
    if (fits) return { route, segment: given[place] ?? '' }
  }
  return undefined
}

/** What the bearer secret guards, paths that do not exist included: a stranger learns nothing of them. */
export function isGuarded(path: string): boolean {
  return path === '/v1' || path.startsWith('/v1/')
}
