// What an origin is asked: the client's request as a rule and its target change it, or a request of our own for a link.
import type { CallRequest } from '../../../net/outgoing/call.ts'
import type { DialRequest } from '../../../net/outgoing/dial.ts'
import type { OutgoingBody } from '../../../net/outgoing/outgoing-body.ts'
import type { OriginTarget } from '../../../net/outgoing/target.ts'
import type { Rule } from '../routes/rule.ts'
import type { Target } from '../routes/target.ts'
import { type HeaderSettings, type LastId, originHost, requestHeaders } from './request-headers.ts'

/** The same for all targets. */
export interface Asked {
  readonly rule: Rule
  readonly method: string
  /** With the query, as the origin gets it. */
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly settings: HeaderSettings
  readonly peer: string
  readonly isTls: boolean
  readonly isTrusted: boolean
  readonly isInternal?: true
  /** Events of a WebSocket: what comes behind all other headers (contract §8.2). */
  readonly events?: readonly string[]
  readonly signature: string | undefined
  readonly lastIds?: readonly LastId[]
  readonly body?: Uint8Array | OutgoingBody | undefined
}

/** `message`: it goes to a backend by ZeroMQ, and to no connection. The spec of one that nothing serves is empty. */
export interface OriginRequest extends CallRequest {
  readonly message?: { readonly spec: string; readonly uri: string; readonly isUntrusted: boolean }
}

export function requestTo(target: Target, asked: Asked): OriginRequest {
  const { method, body } = asked
  const { events = [] } = asked
  const isEvents = asked.events !== undefined
  const rawHeaders = [...requestHeaders(asked.rawHeaders, { ...asked, target, isEvents }), ...events]
  const host = originHost(asked.rawHeaders, { rule: asked.rule, target })
  const { place, untrusted: isUntrusted } = target
  const message =
    place.kind === 'zhttpreq' || place.kind === 'zhttp'
      ? {
          spec: place.kind === 'zhttp' ? '' : place.spec,
          uri: `${asked.isTls ? 'https' : 'http'}://${host}${asked.target}`,
          isUntrusted,
        }
      : undefined
  return {
    target: message === undefined ? originTarget(target, host) : nowhere,
    ...(message !== undefined && { message }),
    method,
    path: asked.target,
    rawHeaders,
    ...(body !== undefined && { body }),
  }
}

/** The same of a WebSocket to an origin that speaks WebSocket. */
export function dialTo(target: Target, asked: Asked): DialRequest {
  return {
    target: originTarget(target, originHost(asked.rawHeaders, { rule: asked.rule, target })),
    path: asked.target,
    rawHeaders: requestHeaders(asked.rawHeaders, { ...asked, target, isNativeSocket: true }),
  }
}

/** A message has no connection. */
const nowhere: OriginTarget = { host: '', port: 0 }

/** `host`: of the request, for the name that a certificate must have. */
function originTarget(target: Target, host: string): OriginTarget {
  const { place, ssl, insecure, trustConnectHost, clientCertificate, untrusted } = target
  if (place.kind !== 'tcp') throw new Error(`nothing connects to ${place.kind}`)
  const isUntrusted = untrusted ? { isUntrusted: true } : {}
  if (!ssl) return { host: place.host, port: place.port, ...isUntrusted }
  return {
    host: place.host,
    port: place.port,
    isTls: true,
    isInsecure: insecure,
    serverName: host.replace(/:\d*$/, ''),
    ...(trustConnectHost && { verifyName: place.host }),
    ...(clientCertificate !== undefined && {
      clientCertificate: { certificate: clientCertificate.certFile, key: clientCertificate.keyFile },
    }),
    ...isUntrusted,
  }
}
