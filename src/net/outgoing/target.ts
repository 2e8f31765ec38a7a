// Where a request goes. Whatever tells two connections apart is in here: calls share connections where all of it is equal.

export interface ClientCertificate {
  /** Paths of PEM files. */
  readonly certificate: string
  readonly key: string
}

export interface OriginTarget {
  /** A name or an address; one of IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly isTls?: boolean
  /** Any certificate will do (contract §2.3, `insecure`). */
  readonly isInsecure?: boolean
  /** Named in the handshake, and what the certificate must be for; by default `host`. */
  readonly serverName?: string
  /** What the certificate must be for, where it is not `serverName` (contract §2.3, `trust_connect_host`). */
  readonly verifyName?: string
  readonly clientCertificate?: ClientCertificate
  /** It must not lie at a private address (contract §2.3). */
  readonly isUntrusted?: boolean
}

export function keyOf(target: OriginTarget): string {
  const { host, port, isTls, isInsecure, serverName, verifyName, clientCertificate, isUntrusted } = target
  if (isTls !== true) return JSON.stringify([host, port, isUntrusted === true])
  const { certificate, key } = clientCertificate ?? {}
  const flags = [isUntrusted === true, isInsecure === true]
  return JSON.stringify([host, port, ...flags, serverName, verifyName, certificate, key])
}
