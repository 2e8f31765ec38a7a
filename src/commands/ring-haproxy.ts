// The owner map as HAProxy's configuration: one backend for each protocol, for the end of the file. HAProxy has converters
// for the plain map alone; its own consistent hash is another one than nginx's.
import { type ProxyMap, plainMapVariable, type Server } from './ring-map.ts'

/** Why HAProxy cannot compute it; undefined: it can. */
export function haproxyMistake({ map }: ProxyMap): string | undefined {
  if (map === 'plain') return undefined
  return `HAProxy cannot compute this map, which is nginx's hash consistent; set ${plainMapVariable} on every node, and here`
}

export function haproxyText({ title, changes, protocols }: ProxyMap): string {
  return [
    `# The owner map of ${title}, by ringcast ring haproxy: backends.`,
    `# Print it again when ${changes} change.`,
    ...protocols.flatMap(({ frontend: { name, channelPath }, servers }) =>
      channelPath === undefined
        ? ['', `# ${name}: its requests do not tell the channel in their path; HAProxy has nothing to hash.`]
        : ['', ...backendLines(name, channelPath, servers)],
    ),
  ].join('\n')
}

function backendLines(name: string, channelPath: string, servers: readonly Server[]): readonly string[] {
  const variable = `txn.ringcast_${name}`
  const total = servers.reduce((sum, { weight }) => sum + weight, 0)
  const channel = `regsub("${wholePattern(channelPath)}","\\1")`
  const hash = `crc32,div(65536),and(32767),mod(${total})`
  let first = 0
  const rules = servers.map(server => {
    const values = server.weight === 1 ? `${first}` : `${first}:${first + server.weight - 1}`
    first += server.weight
    return `    use-server ${nameOf(server)} if { var(${variable}) -m int ${values} }`
  })
  return [
    `backend ringcast_${name}`,
    '    # The channel of the decoded path, by the hash of nginx without consistent.',
    `    http-request set-var(${variable}) 'path,url_dec,${channel},${hash}'`,
    '    # Where one fails, its channels go nowhere else; a check would have HAProxy choose another one.',
    '    retries 0',
    ...rules,
    ...servers.map(server => `    server ${nameOf(server)} ${server.address}`),
  ]
}

/** What is replaced by the group must be the whole path. */
function wholePattern(channelPath: string): string {
  return channelPath.startsWith('^') ? channelPath : `^.*?${channelPath}`
}

function nameOf({ node, slot }: Server): string {
  return node === '' ? `worker-${slot}` : `${node}-${slot}`
}
