// What the headers of a request say about its host, its body and its connection. All others are nothing to the gate.
import { isHost, type RequestLine } from './request-line.ts'

export type RequestFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }

export type MeaningFault = 'invalid-token' | 'invalid-length'

export interface HeadMeaning {
  /** As `Host` says; undefined where it is not there, or empty. */
  readonly host: string | undefined
  readonly framing: RequestFraming
  /** The client wants the connection kept: RFC 9112 §9.3. */
  readonly keepsAlive: boolean
  /** It sends its body when it is told to (RFC 9110 §10.1.1). A client of 1.0 knows no such answer. */
  readonly expectsContinue: boolean
  /** `Upgrade` names `websocket`, in any case. */
  readonly wantsSocket: boolean
}

/** 15 digits are below 2^53, so they are exact, and more than any disk holds. A sign, a list or a blank is no digit. */
const length = /^\d{1,15}$/

/** Judged after the lines, and in this order, so that one head has one fault. */
export function readMeaning(
  rawHeaders: readonly string[],
  version: RequestLine['version'],
): HeadMeaning | MeaningFault {
  let host: string | undefined
  let bytes: number | undefined
  let isChunked = false
  const connection: string[] = []
  const upgrade: string[] = []
  let expects = false
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1] ?? ''
    switch ((rawHeaders[at] ?? '').toLowerCase()) {
      case 'host':
        if (host !== undefined || !isHost(value)) return 'invalid-token'
        host = value
        break
      case 'content-length':
        // Two equal ones are two: somebody in front may have taken one of them off, or for the other's.
        if (bytes !== undefined || isChunked || !length.test(value)) return 'invalid-length'
        bytes = Number(value)
        break
      case 'transfer-encoding':
        // It says `chunked`, or its line was refused. RFC 9112 §6.1: 1.0 has none, so it was changed on the way.
        if (bytes !== undefined || isChunked || version === '1.0') return 'invalid-length'
        isChunked = true
        break
      // Never standardised, still sent to proxies; who means `close` by it sends nothing more.
      case 'proxy-connection':
      case 'connection':
        connection.push(value)
        break
      case 'upgrade':
        upgrade.push(value)
        break
      case 'expect':
        expects = value.toLowerCase() === '100-continue'
        break
    }
  }
  const framing = framingOf(bytes, isChunked)
  return {
    host: host === '' ? undefined : host,
    framing,
    keepsAlive: !names(connection, 'close') && (version === '1.1' || names(connection, 'keep-alive')),
    expectsContinue: expects && version === '1.1' && framing.kind !== 'none',
    wantsSocket: names(upgrade, 'websocket'),
  }
}

const bodiless = { kind: 'none' } as const

function framingOf(bytes: number | undefined, isChunked: boolean): RequestFraming {
  if (isChunked) return { kind: 'chunked' }
  return bytes === undefined ? bodiless : { kind: 'length', bytes }
}

/** Whether one of the lists, which may come in several lines, names `token`. */
function names(lists: readonly string[], token: string): boolean {
  return lists.some(list =>
    list
      .toLowerCase()
      .split(',')
      .some(entry => entry.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '') === token),
  )
}
