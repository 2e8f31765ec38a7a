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

export function requestTo(target: Target, asked: Asked): CallRequest {
  const { method, body } = asked
  const { events = [] } = asked
  const isEvents = asked.events !== undefined
  const rawHeaders = [...requestHeaders(asked.rawHeaders, { ...asked, target, isEvents }), ...events]
  return {
    target: originTarget(target, originHost(asked.rawHeaders, { rule: asked.rule, target })),
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
