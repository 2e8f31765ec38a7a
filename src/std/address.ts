// Listen addresses as settings write them: `host:port`, `[ipv6]:port`, `port` (on loopback), `unix:/path` or `off`.
import { isIPv4, isIPv6 } from 'node:net'

export interface Address {
  /** Empty where there is a path. */
  readonly host: string
  /** 0: any free port, or there is a path. */
  readonly port: number
  /** Of a socket in the file system. */
  readonly path?: string
}

/** What the kernel has room for, less the NUL at the end (unix(7)), and less a point and two digits for one of several. */
const pathBytesMax = 104

const form = /^(?:(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:[\]]+)):)?(?<port>\d{1,5})$/

/** Undefined where the text is no address; `off` is the caller's business. */
export function parseAddress(text: string): Address | undefined {
  if (text.startsWith('unix:')) return parsePath(text.slice('unix:'.length))
  const groups = form.exec(text)?.groups
  const port = Number(groups?.['port'])
  if (groups === undefined || port > 65_535) return undefined
  const { v6, host = '127.0.0.1' } = groups
  // What ends in a number is an IPv4 address, or none (URL standard, host parsing): no name does.
  if (v6 === undefined ? /(?:^|\.)\d+$/.test(host) && !isIPv4(host) : !isIPv6(v6)) return undefined
  return { host: v6 ?? host, port }
}

/** Absolute, so that it means the same whatever directory a daemon starts in. */
function parsePath(path: string): Address | undefined {
  const isPath = /^\/[^\0]*[^\0/]$/.test(path) && Buffer.byteLength(path) <= pathBytesMax
  return isPath ? { host: '', port: 0, path } : undefined
}

export function formatAddress({ host, port, path }: Address): string {
  if (path !== undefined) return `unix:${path}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Of a page's host. Names below localhost are loopback for browsers, whatever a resolver says (RFC 6761 section 6.3). */
export function isLoopbackHost(host: string): boolean {
  return isLoopback({ host, port: 0 }) || host.endsWith('.localhost')
}

/** Whether only this machine can connect to the address. */
export function isLoopback({ host, path }: Address): boolean {
  if (path !== undefined) return true
  return host === '::1' || host === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
