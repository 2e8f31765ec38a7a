// Instructions in response headers (contract §5.2, §5.3), and whether a response has any at all (§4.7).
import { reasonOf } from '../hold/reasons.ts'
import {
  filtersMistake,
  type HoldChannel,
  type HoldMode,
  holdTimeoutMs,
  type Instruct,
  type InstructLimits,
  type InstructReading,
  limitChannels,
} from './instruct.ts'
import { readKeepAlive } from './keep-alive.ts'
import { readLinks } from './link.ts'
import { fieldsOf, parameterOf, parseList, parseParameter, utf8Of } from './list.ts'
import { parseSeconds } from './seconds.ts'

/** How a response says what to do with it; undefined: it says nothing, and is passed on. */
export function instructKindOf(rawHeaders: readonly string[]): 'json' | 'headers' | undefined {
  const [contentType = ''] = fieldsOf(rawHeaders, 'content-type')
  if (/^application\/grip-instruct[ \t]*(?:;|$)/i.test(contentType)) return 'json'
  const hasAny = rawHeaders.some((text, at) => at % 2 === 0 && /^grip-/i.test(text))
  return hasAny ? 'headers' : undefined
}

export interface HeaderOptions extends InstructLimits {
  /** What was asked: links may be relative to it. */
  readonly uri: string
}

/** The checks come in the order of the original, whose first complaint is the one that is shown. */
export function readHeaderInstruct(rawHeaders: readonly string[], options: HeaderOptions): InstructReading {
  const fields = (name: string): readonly string[] => fieldsOf(rawHeaders, name)
  const [mode] = fields('grip-hold')
  if (mode !== undefined && !isHoldMode(mode)) {
    return fail(`Grip-Hold must be set to either 'response' or 'stream'`)
  }
  const given = parseList(fields('grip-channel')).map(channelOf)
  const { channels, ignoredChannels } = limitChannels(given, options)
  const crowded = channels.map(filtersMistake).find(mistake => mistake !== undefined)
  if (crowded !== undefined) return fail(crowded)
  const timeout = parseSeconds('Grip-Timeout', fields('grip-timeout')[0])
  if (!timeout.ok) return timeout
  const keepAlive = readKeepAlive(fields('grip-keep-alive')[0])
  if (!keepAlive.ok) return keepAlive
  const meta = metaOf(fields('grip-set-meta'))
  if (meta === undefined) return fail('Grip-Set-Meta cannot be empty')
  const [statusText] = fields('grip-status')
  const status = statusText === undefined ? undefined : statusOf(statusText)
  if (statusText !== undefined && status === undefined) {
    return fail('Grip-Status contains invalid status code')
  }
  const links = readLinks(fields('grip-link'), options.uri)
  if (!links.ok) return links
  const timeoutMs = holdTimeoutMs(timeout.seconds)
  return {
    ok: true,
    instruct: {
      hold: mode && { mode, channels, timeoutMs, keepAlive: keepAlive.keepAlive, meta },
      status,
      exposeHeaders: exposedBy(fields('grip-expose-headers')),
      ...links.links,
      ignoredChannels,
    } satisfies Instruct,
  }
}

function fail(error: string): InstructReading {
  return { ok: false, error }
}

function isHoldMode(text: string): text is HoldMode {
  return text === 'stream' || text === 'response'
}

function channelOf(element: ReturnType<typeof parseList>[number]): HoldChannel {
  const prevId = parameterOf(element, 'prev-id')
  const filters = element.parameters.filter(({ name }) => name === 'filter').map(({ value }) => utf8Of(value))
  return { name: utf8Of(element.value), prevId: prevId && utf8Of(prevId), filters }
}

/** Most have none, and a map takes more memory than all else that a hold says. */
const noMeta: ReadonlyMap<string, string> = new Map()

/** `name=value` or `name="value"`, before any parameter; undefined where a name is empty. */
function metaOf(fields: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (fields.length === 0) return noMeta
  const meta = new Map<string, string>()
  for (const element of parseList(fields)) {
    const parameter = parseParameter(element.value)
    if (parameter === undefined) continue
    if (parameter.name === '') return undefined
    meta.set(utf8Of(parameter.name), utf8Of(parameter.value))
  }
  return meta
}

function statusOf(text: string): Instruct['status'] {
  const [, digits, reason = ''] = /^[ \t]*(\d{1,3})(?:[ \t]+(.*?))?[ \t]*$/s.exec(text) ?? []
  if (digits === undefined) return undefined
  const code = Number(digits)
  return { code, reason: reason === '' ? reasonOf(code) : reason }
}

/** Names in lower case; undefined where the header is not there: everything is exposed then. */
export function exposedBy(fields: readonly string[]): readonly string[] | undefined {
  if (fields.length === 0) return undefined
  const names = parseList(fields).map(({ value }) => value.toLowerCase())
  return names.filter(name => name !== '')
}
