// The properties of a condition (contract §2.2): what each does to the rule that is being made, as one table. A property
// that is not in it is none of the original's.
import { isHostHeader } from './target.ts'

/** What a condition says; a rule is this with its host and its targets. */
export interface Condition {
  readonly proto: 'http' | 'ws' | undefined
  /** Whether the client's side must be TLS; undefined: either. */
  readonly ssl: boolean | undefined
  /** Empty: every path. Bytes of UTF-8 in Latin-1, as paths of requests are. */
  readonly pathBeg: string
  readonly id: string | undefined
  /** Before every channel that the origin names; not before those of `sub`. */
  readonly prefix: string
  readonly asHost: string | undefined
  /** Characters that the path loses in front; undefined with `replaceBeg`. */
  readonly pathRem: number
  /** In place of `pathBeg`. */
  readonly replaceBeg: string | undefined
  /** Set towards the origin, in the order of writing; an empty value removes the client's. */
  readonly headers: readonly HeaderSetting[]
  readonly debug: boolean
  /** Automatic CORS and JSON-P. */
  readonly aco: boolean
  readonly jsonp: Jsonp
  readonly session: boolean
  readonly sockjs: string | undefined
  readonly sockjsAsPath: string | undefined
  readonly sigIss: string | undefined
  /** As written, see `signature.ts`. Empty: nothing is signed. */
  readonly sigKey: string | undefined
  readonly origHeaders: boolean
  readonly noGrip: boolean
  readonly logLevel: number | undefined
}

export interface HeaderSetting {
  readonly name: string
  /** Latin-1, as headers of requests are. */
  readonly value: string
}

export interface Jsonp {
  readonly mode: 'basic' | 'extended'
  readonly callback: string
  readonly body: string | undefined
  readonly defaultCallback: string | undefined
  /** Undefined: that of the mode. */
  readonly defaultMethod: string | undefined
}

type Draft = { -readonly [Key in keyof Condition]: Condition[Key] }

/** The end of a sentence that begins with the line, and voids it. */
type Mistake = string

export const emptyCondition: Condition = {
  proto: undefined,
  ssl: undefined,
  pathBeg: '',
  id: undefined,
  prefix: '',
  asHost: undefined,
  pathRem: 0,
  replaceBeg: undefined,
  headers: [],
  debug: false,
  aco: false,
  jsonp: {
    mode: 'extended',
    callback: 'callback',
    body: undefined,
    defaultCallback: undefined,
    defaultMethod: undefined,
  },
  session: false,
  sockjs: undefined,
  sockjsAsPath: undefined,
  sigIss: undefined,
  sigKey: undefined,
  origHeaders: false,
  noGrip: false,
  logLevel: undefined,
}

/** Far more than anybody sets for one rule; a request's head has 64. */
const headersMax = 64

/** What frames a request: who sets it by hand makes one request read as two. */
const framing = /^(?:connection|keep-alive|transfer-encoding|content-length|expect|upgrade|te|trailer)$/i

export const properties: ReadonlyMap<string, (draft: Draft, value: string) => Mistake | undefined> = new Map<
  string,
  (draft: Draft, value: string) => Mistake | undefined
>([
  ['proto', (draft, value) => oneOf(value, ['http', 'ws'] as const, 'proto', found => (draft.proto = found))],
  [
    'ssl',
    (draft, value) => oneOf(value, ['yes', 'no'] as const, 'ssl', found => (draft.ssl = found === 'yes')),
  ],
  ['path_beg', setPathBeg],
  ['id', (draft, value) => set(() => (draft.id = value))],
  ['prefix', (draft, value) => set(() => (draft.prefix = value))],
  ['as_host', setAsHost],
  ['path_rem', setPathRem],
  ['replace_beg', setReplaceBeg],
  ['header', addHeader],
  ['debug', draft => set(() => (draft.debug = true))],
  ['aco', draft => set(() => (draft.aco = true))],
  ['jsonp_mode', setJsonpMode],
  ['jsonp_cb', jsonp('callback')],
  ['jsonp_body', jsonp('body')],
  ['jsonp_defcb', jsonp('defaultCallback')],
  ['jsonp_defmethod', jsonp('defaultMethod')],
  ['session', draft => set(() => (draft.session = true))],
  ['sockjs', (draft, value) => set(() => (draft.sockjs = wireText(value)))],
  ['sockjs_as_path', (draft, value) => set(() => (draft.sockjsAsPath = wireText(value)))],
  ['sig_iss', (draft, value) => set(() => (draft.sigIss = value))],
  ['sig_key', (draft, value) => set(() => (draft.sigKey = value))],
  ['orig_headers', draft => set(() => (draft.origHeaders = true))],
  ['no_grip', draft => set(() => (draft.noGrip = true))],
  ['log_level', setLogLevel],
])

/** Text of a file as it is on the wire, where each byte is one character. */
export function wireText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function set(change: () => void): undefined {
  change()
}

function oneOf<Word extends string>(
  value: string,
  words: readonly Word[],
  name: string,
  take: (word: Word) => void,
): Mistake | undefined {
  const found = words.find(word => word === value)
  if (found === undefined) return `has ${name}=${value}, which is neither ${words.join(' nor ')}`
  return set(() => take(found))
}

function setPathBeg(draft: Draft, value: string): Mistake | undefined {
  if (value === '') return 'has an empty path_beg'
  return set(() => (draft.pathBeg = wireText(value)))
}

function setAsHost(draft: Draft, value: string): Mistake | undefined {
  if (value !== '' && !isHostHeader(value)) return `has as_host=${value}, which is no host`
  return set(() => (draft.asHost = value === '' ? undefined : value))
}

function setPathRem(draft: Draft, value: string): Mistake | undefined {
  if (!/^\d{1,5}$/.test(value)) return `has path_rem=${value}, which is no number of characters`
  return set(() => (draft.pathRem = Number(value)))
}

function setReplaceBeg(draft: Draft, value: string): Mistake | undefined {
  const wire = wireText(value)
  // It becomes part of a request line, and what has a dot segment is not what was routed.
  if (/[\0-\x20\x7f?#]/.test(wire)) return 'has a replace_beg that no path can have'
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(wire)) return 'has a replace_beg with a dot segment'
  return set(() => (draft.replaceBeg = wire))
}

function addHeader(draft: Draft, text: string): Mistake | undefined {
  const [, name, value = ''] = /^([^:]+): *(.*)$/s.exec(text) ?? []
  if (name === undefined || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    return `has a header that is no name and value with a colon between: '${name ?? text}'`
  }
  if (framing.test(name)) return `sets the header ${name}, which says where a request ends or how it travels`
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) return `sets the header ${name} to what no header can have`
  if (draft.headers.length >= headersMax) return `sets more than ${headersMax} headers`
  return set(() => (draft.headers = [...draft.headers, { name, value: wireText(value) }]))
}

function setJsonpMode(draft: Draft, value: string): Mistake | undefined {
  return oneOf(value, ['basic', 'extended'] as const, 'jsonp_mode', mode => {
    draft.jsonp = { ...draft.jsonp, mode }
  })
}

function jsonp(key: Exclude<keyof Jsonp, 'mode'>): (draft: Draft, value: string) => undefined {
  return (draft, value) => set(() => (draft.jsonp = { ...draft.jsonp, [key]: value }))
}

function setLogLevel(draft: Draft, value: string): Mistake | undefined {
  if (!/^\d$/.test(value)) return `has log_level=${value}, which is no level`
  return set(() => (draft.logLevel = Number(value)))
}
