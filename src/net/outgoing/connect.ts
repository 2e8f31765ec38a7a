// Sockets to one target: names, certificates, who may be connected to, and how long that may take.
import { readFile } from 'node:fs/promises'
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls'
import type { Clock } from '../../std/clock.ts'
import { Fault, faultText } from '../../std/fault.ts'
import type { IsForbidden } from './forbidden-addresses.ts'
import { blockedFault, guardLookup, type IsBlocked, isBlockedLiteral } from './private-addresses.ts'
import type { OriginTarget } from './target.ts'
import type { Connected } from './undici.ts'

export interface ConnectOptions {
  readonly clock: Clock
  /** Judges targets that are not trusted. */
  readonly isPrivate: IsBlocked
  /** Judges all others; none: they may lie anywhere. */
  readonly isForbidden?: IsForbidden | undefined
  /** From the lookup to the end of the handshake. */
  readonly connectMs: number
  /** PEM; by default those that Node.js brings. */
  readonly authorities?: readonly string[] | undefined
  readonly lookup?: LookupFunction | undefined
}

/** An origin that vanished without a word is found out while nothing is said, as nothing else has a deadline. */
const probeAfterMs = 60_000

export class Connector {
  readonly #target: OriginTarget
  readonly #options: ConnectOptions
  /** Of the last handshake; the next one is shorter with it. */
  #session: Buffer | undefined

  constructor(target: OriginTarget, options: ConnectOptions) {
    this.#target = target
    this.#options = options
  }

  /**
   * Calls `done` once, and never before it returned; what it returns gives up. `ended` is told that nothing more will come,
   * when all that came was read, and before the library is. A reset that came with the last bytes looks like a FIN to
   * Node.js; but the system no longer knows whom such a socket was connected to.
   */
  connect(done: Connected, ended: (wasReset: boolean) => void): () => void {
    let socket: Socket | undefined
    let isOver = false
    const finish = (error: Error | null): void => {
      if (isOver) return
      isOver = true
      cancel()
      if (error === null) return done(null, socket ?? null)
      socket?.destroy()
      done(error, null)
    }
    const { clock, connectMs } = this.#options
    const { host, port } = this.#target
    const late = () =>
      new Fault('connect-timeout', `${host}:${port} was not connected within ${connectMs} ms`)
    const cancel = clock.after(connectMs, () => finish(late()))
    const watch = (opened: Socket): void => {
      opened.once(this.#target.isTls === true ? 'secureConnect' : 'connect', () => finish(null))
      opened.on('end', () => ended(opened.remoteAddress === undefined))
      opened.on('error', (error: NodeJS.ErrnoException) => {
        tellApart(error)
        finish(error)
      })
    }
    // Opened and watched in one step: an error of the first moment is told before any promise.
    const begin = (tls: ConnectionOptions | undefined): void => {
      if (isOver) return
      socket = this.#open(tls)
      watch(socket)
    }
    this.#prepare().then(begin).catch(finish)
    return () => finish(new Fault('given-up', 'nobody waits for it'))
  }

  async #prepare(): Promise<ConnectionOptions | undefined> {
    const { host, isTls } = this.#target
    const isBlocked = this.#judge()
    if (isBlocked !== undefined && isBlockedLiteral(host, isBlocked)) throw blockedFault(host)
    return isTls === true ? this.#tls() : undefined
  }

  #judge(): IsBlocked | undefined {
    const { port, isUntrusted } = this.#target
    const { isPrivate, isForbidden } = this.#options
    if (isUntrusted === true) return isPrivate
    return isForbidden && (address => isForbidden(address, port))
  }

  #open(tls: ConnectionOptions | undefined): Socket {
    const { host, port } = this.#target
    const { lookup } = this.#options
    const isBlocked = this.#judge()
    const judged = isBlocked === undefined ? lookup : guardLookup(isBlocked, lookup)
    const tcp = {
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: probeAfterMs,
      ...(judged === undefined ? {} : { lookup: judged }),
    }
    if (tls === undefined) return connectTcp(tcp)
    return connectTls({ ...tcp, ...tls }).on('session', session => {
      this.#session = session
    })
  }

  async #tls(): Promise<ConnectionOptions> {
    const { host, isInsecure, serverName = host, verifyName = serverName, clientCertificate } = this.#target
    const { authorities } = this.#options
    const own = clientCertificate && {
      cert: await readPem(clientCertificate.certificate),
      key: await readPem(clientCertificate.key),
    }
    return {
      ALPNProtocols: ['http/1.1'],
      // An address must not be named (RFC 6066 §3).
      servername: isIP(serverName) === 0 ? serverName : '',
      checkServerIdentity: (_named, certificate) => checkServerIdentity(verifyName, certificate),
      rejectUnauthorized: isInsecure !== true,
      ...own,
      ...(authorities === undefined ? {} : { ca: [...authorities] }),
      ...(this.#session === undefined ? {} : { session: this.#session }),
    }
  }
}

/** Read for each connection, so that a renewed certificate is taken without a restart. */
async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new Fault('certificate-unreadable', faultText(error), { cause: error })
  }
}

/**
 * Two codes make the library act, so they become ours first. It takes a reset behind a head without framing for the end of the
 * body, and while that is paused it fails an assertion of its own, which ends the thread. Where a certificate is for
 * another name it fails only requests that agree with it about the name, and connects for the others without an end.
 */
function tellApart(error: NodeJS.ErrnoException): void {
  if (error.code === 'ECONNRESET') error.code = 'origin-reset'
  if (error.code === 'ERR_TLS_CERT_ALTNAME_INVALID') error.code = 'certificate-name-wrong'
}
