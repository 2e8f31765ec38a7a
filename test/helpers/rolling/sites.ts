// nginx and HAProxy in front of all nodes: each path of each protocol goes to whichever node takes it.
import type { TestContext } from 'node:test'
import { type Proxy as Site, startNginx, startSite } from '../proxies.ts'

/** What the requests of a path, or of all below it, go to. */
export interface Backend {
  readonly name: string
  readonly path: string
  readonly isExact: boolean
  /** `host:port` of each node. */
  readonly servers: readonly string[]
  /** In place of a block of nginx for the path. */
  readonly nginx?: string
}

/**
 * Without max_fails=0 nginx forgets that a node was away only when a request to it ends, which a subscription does not. A node that
 * refuses the connection is passed over; what was sent to one that went away is not sent to another, so that its publisher repeats it.
 */
export function behindNginx(t: TestContext, backends: readonly Backend[]): Promise<Site> {
  const upstreams = backends.map(
    ({ name, servers }) =>
      `upstream ${name} { ${servers.map(server => `server ${server} max_fails=0;`).join(' ')} }`,
  )
  const locations = backends.map(({ name, path, isExact, nginx }) => {
    const block = `location ${isExact ? '= ' : ''}${path} {
      proxy_pass http://${name};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_kind;
      proxy_buffering off;
      proxy_read_timeout 95s;
    }`
    return nginx ?? block
  })
  const kinds = 'map $http_upgrade $connection_kind { default upgrade; "" ""; }'
  return startNginx(
    t,
    `${kinds} ${upstreams.join('\n')} server { listen 80; keepalive_requests 1000000; ${locations.join('\n')} }`,
  )
}

/** A node that refuses connections is passed over: a native EventSource would give up at a 503. */
export function behindHaproxy(t: TestContext, backends: readonly Backend[]): Promise<Site> {
  const rules = [...backends].sort((a, b) => Number(b.isExact) - Number(a.isExact))
  const uses = rules.map(
    ({ name, path, isExact }) => `    use_backend ${name} if { ${isExact ? 'path' : 'path_beg'} ${path} }`,
  )
  const blocks = backends.map(({ name, servers }) =>
    [
      `backend ${name}`,
      '    retry-on conn-failure',
      '    retries 5',
      '    option redispatch 1',
      '    option http-no-delay',
      '    option http-server-close',
      '    http-reuse never',
      ...servers.map((server, index) => `    server node-${index} ${server} check inter 200ms`),
    ].join('\n'),
  )
  const head = `global
    maxconn 8000

defaults
    mode http
    balance roundrobin
    timeout connect 5s
    timeout client 95s
    timeout server 95s
    timeout tunnel 95s

frontend site
    bind :80
`
  return startSite(t, 'haproxy', `${head}${uses.join('\n')}\n\n${blocks.join('\n\n')}\n`)
}
