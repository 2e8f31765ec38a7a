// The owner map as nginx's configuration: for the http block.
import type { ProxyMap, Server } from './ring-map.ts'

export function nginxText({ map, title, changes, protocols }: ProxyMap): string {
  const method = map === 'ketama' ? 'consistent' : ''
  return [
    `# The owner map of ${title}, by ringcast ring nginx: for the http block.`,
    `# Print it again when ${changes} change.`,
    ...protocols.flatMap(({ frontend: { name, channelPath }, servers }) =>
      channelPath === undefined
        ? ['', `# ${name}: its requests do not tell the channel in their path; nginx has nothing to hash.`]
        : ['', ...protocolLines(name, channelPath, method, servers)],
    ),
  ].join('\n')
}

function protocolLines(
  name: string,
  channelPath: string,
  method: string,
  servers: readonly Server[],
): readonly string[] {
  const variable = `$ringcast_${name}_channel`
  return [
    '# $uri is decoded, as the channel is for the node: %3A and : are one channel. $request_uri would not be.',
    `map $uri ${variable} {`,
    `    "~${channelPath}" $1;`,
    '}',
    `upstream ringcast_${name} {`,
    `    hash ${`${variable} ${method}`.trim()};`,
    // Where one fails, its channels go nowhere else: another worker would serve them by a detour, another node not at all.
    ...servers.flatMap(server => serverLines(server)),
    // The node closes a connection that is idle for 10 s; nginx must be first.
    '    keepalive 64;',
    '    keepalive_timeout 5s;',
    '}',
  ]
}

function serverLines({ node, slot, address, weight }: Server): readonly string[] {
  const share = weight === 1 ? '' : ` weight=${weight}`
  const line = `    server ${address} max_fails=0${share};`
  return node !== '' && slot === 0 ? [`    # ${node}`, line] : [line]
}
