// Where GRIP listens beside its main address: lists of TLS addresses and of unix sockets, and what is wrong with them or
// with other settings beyond their types.
import { type Address, parseAddress } from '../../std/address.ts'
import { parseForwardRule } from './proxy/forwarded.ts'
import type { GripSettings } from './settings.ts'
import { zmqMistakesIn } from './zmq/places.ts'

/** A unix socket for clients, with what the file gets (contract §3, `local_ports`). */
export interface LocalAddress {
  readonly path: string
  /** Permission bits; undefined: those of the process. */
  readonly mode: number | undefined
  readonly user: string | undefined
  readonly group: string | undefined
}

/** Undefined where the text is no TCP address. */
export function parseTlsAddress(text: string): Address | undefined {
  const address = parseAddress(text)
  return address?.path === undefined ? address : undefined
}

/** Undefined where the text is none: `/path?mode=OCT&user=U&group=G`. */
export function parseLocalAddress(text: string): LocalAddress | undefined {
  const [head = '', query = '', ...rest] = text.replace(/^unix:/, '').split('?')
  const path = parseAddress(`unix:${head}`)?.path
  if (path === undefined || rest.length > 0) return undefined
  const given = new Map<string, string>()
  for (const part of query === '' ? [] : query.split('&')) {
    const [, name, value] = /^(mode|user|group)=([\w.-]{1,32})$/.exec(part) ?? []
    if (name === undefined || value === undefined || given.has(name)) return undefined
    given.set(name, value)
  }
  const mode = given.get('mode')
  if (mode !== undefined && !/^0?[0-7]{3}$/.test(mode)) return undefined
  return {
    path,
    mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
    user: given.get('user'),
    group: given.get('group'),
  }
}

/** One sentence each. */
export function mistakesIn(settings: GripSettings): readonly string[] {
  const { tlsListen, tlsCertificates, localListen, cdnLoop, controlUser, controlSecret } = settings
  const sentences = [
    ...unfit('TLS_LISTEN', tlsListen, text => parseTlsAddress(text) !== undefined, 'is no host:port'),
    ...unfit(
      'LOCAL_LISTEN',
      localListen,
      text => parseLocalAddress(text) !== undefined,
      'is no absolute path with mode, user or group behind a question mark',
    ),
    ...zmqMistakesIn(settings),
    ...unfit('X_FORWARDED_FOR', settings.xForwardedFor, isForwardWord, noForwardWord),
    ...unfit('X_FORWARDED_FOR_TRUSTED', settings.xForwardedForTrusted, isForwardWord, noForwardWord),
  ]
  if (tlsListen.length > 0 && tlsCertificates === '') {
    sentences.push('RINGCAST_GRIP_TLS_CERTIFICATES is required with RINGCAST_GRIP_TLS_LISTEN')
  }
  // RFC 8586 section 2: a token, or a host with a port.
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z:[\]-]*$/.test(cdnLoop)) {
    sentences.push(`RINGCAST_GRIP_CDN_LOOP is '${cdnLoop}', which is no name that CDN-Loop can have`)
  }
  if (controlUser !== '' && controlSecret.length === 0) {
    sentences.push('RINGCAST_GRIP_CONTROL_USER is of no use without RINGCAST_GRIP_CONTROL_SECRET')
  }
  if (controlUser.includes(':')) {
    sentences.push('RINGCAST_GRIP_CONTROL_USER has a colon, which ends a name in basic authentication')
  }
  return sentences
}

const noForwardWord = 'is neither append nor truncate:N'

function isForwardWord(word: string): boolean {
  return parseForwardRule([word]).ok
}

function unfit(
  key: string,
  items: readonly string[],
  isFit: (item: string) => boolean,
  why: string,
): readonly string[] {
  return items.filter(item => !isFit(item)).map(item => `RINGCAST_GRIP_${key} has '${item}', which ${why}`)
}
