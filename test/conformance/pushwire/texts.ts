// Texts of this protocol as rows write them: operations in the canonical form, frames and events. In all of them `<n+1>` and
// `<@chat>` are positions: see places.ts.

/** Contract §13. */
export const ids = {
  A: '7d444840-9dc0-11d1-b245-5ffdce74fad2',
  B: '00112233-4455-6677-8899-aabbccddeeff',
} as const

/** An operation in the canonical form. */
export const op = (name: string, fields: object = {}): string =>
  system(JSON.stringify({ op: name, ...fields }))
export const system = (payload: string): string => `{"channel":"system","payload":${payload}}`
export const error = (code: string, message: string): string => op('error', { message, code })
export const goodbye = (reason: string): string => op('goodbye', { reason })

/** `payload` is JSON text; `cursor` the sum of a place. */
export function frame(channel: string, cursor: string, payload: string, clientId?: string): string {
  const client = clientId === undefined ? '' : `,"client_id":"${clientId}"`
  return `{"channel":"${channel}","cursor":<${cursor}>,"payload":${payload}${client}}`
}

/** Numbered from there on: payload 0 at `cursor`. */
export function frames(channel: string, cursor: string, first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) =>
    frame(channel, `${cursor}+${first + at}`, String(first + at)),
  )
}

/** What a client sends. */
export const said = (channel: string, payload: string): string =>
  `{"channel":"${channel}","payload":${payload}}`

export interface Told {
  readonly cursor?: number
  /** Positions that were named: sums. */
  readonly cursors?: Readonly<Record<string, string>>
  /** Behind what the first frame of each channel comes: sums. */
  readonly heads: Readonly<Record<string, string>>
}

/** The members of the answer to `auth`. */
export function authOkMembers({ cursor = 0, cursors = {}, heads }: Told): string {
  const places = (all: Readonly<Record<string, string>>) =>
    `{${Object.entries(all).map(([name, sum]) => `"${name}":<${sum}>`)}}`
  const epochs = Object.keys(heads).map(name => `"${name}":"<@${name}>"`)
  const ours = epochs.length === 0 ? '' : `,"resume_epochs":{${epochs}},"resume_heads":${places(heads)}`
  return `"resume_cursor":${cursor},"resume_cursors":${places(cursors)}${ours}`
}

export const authOk = (told: Told): string => system(`{"op":"auth_ok",${authOkMembers(told)}}`)

/** `fields` as JSON text, with places. */
export const auth = (id: string, capabilities: readonly string[], fields = ''): string =>
  system(`{"op":"auth","client_id":"${id}","capabilities":${JSON.stringify(capabilities)}${fields}}`)

/** An operation as an event stream has it: in all forms at once. `members` as JSON text, or none. */
export function superposed(name: string, members: string): string {
  const own = `"op":"${name}","type":"${name}"${members === '' ? '' : `,${members}`}`
  return `{"channel":"system","payload":{${own}},${own}}`
}

/** An event; `id` as a position vector. */
export const event = (name: string | undefined, id: string | undefined, data: string): string =>
  [name && `event: ${name}`, id && `id: ${id}`, `data: ${data}`].filter(Boolean).join('\n')

/** Positions in channels, by sums: `chat:EPOCH.CURSOR`. */
export const vector = (places: Readonly<Record<string, string>>): string =>
  Object.entries(places)
    .map(([name, sum]) => `${name}:<@${name}>.<${sum}>`)
    .join()

export const retry = 'retry: 1000'

/** The first events of a stream: where it is, and when to come again. */
export const streamStart = (
  told: Told,
  id: Readonly<Record<string, string>> = told.heads,
): readonly string[] => [event('system', vector(id), superposed('auth_ok', authOkMembers(told))), retry]

/** Frames are missing, and the next one has this cursor, a sum. */
export const gap = (channel: string, from: string): string =>
  system(`{"op":"resume_required","channel":"${channel}","from_cursor":<${from}>,"epoch":"<@${channel}>"}`)
