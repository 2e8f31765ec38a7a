// Listen addresses as settings write them: `host:port`, `[ipv6]:port`, `port` (on loopback) or `off`.

export interface Address {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

const form = /^(?:(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^\s:[\]]+)):)?(?<port>\d{1,5})$/

/** Undefined where the text is no address; `off` is the caller's business. */
export function parseAddress(text: string): Address | undefined {
  const groups = form.exec(text)?.groups
  const port = Number(groups?.['port'])
  if (groups === undefined || port > 65_535) return undefined
  return { host: groups['v6'] ?? groups['host'] ?? '127.0.0.1', port }
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether only this machine can connect to the address. */
export function isLoopback({ host }: Address): boolean {
  return host === '::1' || host === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
