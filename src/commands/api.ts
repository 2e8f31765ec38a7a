// The client of the HTTP API: where it is, with which secret, and answers as results. What the API says stands in
// src/admin; this file knows its manners, not its routes.
import { type AdminSettings, adminSection } from '../admin/settings.ts'
import { adminSettingsOf, sectionsFor } from '../app/node.ts'
import { isPresentable } from '../auth/bearer.ts'
import { fileVariableOf, flagOf, pathOf, variableOf } from '../settings/names.ts'
import { readSettings } from '../settings/settings.ts'
import { formatAddress, parseAddress } from '../std/address.ts'
import type { Shell } from './output.ts'
import { type RequestOptions, requestFrom } from './request.ts'

export interface Api {
  /** `http://…` without a slash at the end, or `unix:/path`. */
  readonly url: string
  readonly secret: string
  /** Bytes that the API takes as one body, by the settings here: another machine may have others. */
  readonly bodyBytesMax: number
}

export interface ApiOptions {
  readonly url?: string
  readonly config?: string
}

export type ApiReply =
  | { readonly ok: true; readonly response: Response }
  | {
      readonly ok: false
      readonly text: string
      /** Trying again may help. */
      readonly isTemporary: boolean
    }

/** Text of an answer; what is longer is not read. */
const answerBytesMax = 16 * 1_048_576

/** One line each for commands that talk to the API. */
export const apiFlags = {
  url: [
    '--url <url>',
    'the HTTP API, or unix:/path (default: where admin.listen of the settings says, http://127.0.0.1:7878)',
  ],
  config: ['--config <file>', 'settings file, for the secret and the address'],
} as const

/** What is wrong with what was said, one sentence each. */
interface Mistaken {
  readonly mistakes: readonly string[]
}

/** The API by settings and flags, or why it cannot be used. */
export function findApi(shell: Shell, options: ApiOptions): Api | Mistaken {
  const read = readAdmin(shell, options)
  if ('mistakes' in read) return read
  const { settings, url } = read
  const [secret] = settings.secret
  const variable = variableOf(adminSection.name, 'secret')
  const sayWhere = `set ${variable} or ${fileVariableOf(variable)}, or ${pathOf(adminSection.name, 'secret')} in the settings file`
  const missing = [
    ...(url === undefined ? [noUrl(options.url, settings.listen)] : []),
    ...(secret === undefined ? [`the secret of the HTTP API is not known; ${sayWhere}`] : []),
    // The error that fetch throws would quote the secret.
    ...(secret !== undefined && !isPresentable(secret)
      ? [`${variable} has characters that no header can carry: write it in visible ASCII`]
      : []),
  ]
  if (url === undefined || secret === undefined || missing.length > 0) return { mistakes: missing }
  return { url, secret, bodyBytesMax: settings.bodyBytesMax }
}

/** The listener alone, for what needs no secret and more than a socket: its address, or why there is none. */
export function findListener(shell: Shell, options: ApiOptions): string | Mistaken {
  const read = readAdmin(shell, options)
  if ('mistakes' in read) return read
  const { url } = read
  if (url === undefined) return { mistakes: [noUrl(options.url, read.settings.listen)] }
  const isSocket = url.startsWith('unix:')
  return isSocket ? { mistakes: [`${url} is a socket, and this needs an address of TCP; say --url`] } : url
}

function readAdmin(
  { environment, known }: Shell,
  { url, config }: ApiOptions,
): Mistaken | { readonly settings: AdminSettings; readonly url: string | undefined } {
  const flags = new Map(config === undefined ? [] : [[flagOf('', 'config'), config]])
  const { values, mistakes } = readSettings(sectionsFor(known), { environment, flags })
  if (mistakes.length > 0) return { mistakes }
  const settings = adminSettingsOf(values)
  return { settings, url: url === undefined ? urlOf(settings.listen) : parseUrl(url) }
}

/** Never throws for what the network does. A refusal's text ends in its code. */
export async function askApi(
  { url, secret }: Api,
  path: string,
  request: Omit<RequestOptions, 'signal'>,
  signal: AbortSignal,
): Promise<ApiReply> {
  let response: Response
  try {
    const headers = { ...request.headers, authorization: `Bearer ${secret}` }
    const socketPath = parseAddress(url)?.path
    response =
      socketPath === undefined
        ? await fetch(`${url}${path}`, { ...request, headers, signal, redirect: 'manual' })
        : await requestFrom({ socketPath }, path, { ...request, headers, signal })
  } catch (error) {
    const reason = reasonOf(error)
    // The Fetch standard closes some ports to everybody, whoever listens there.
    return { ok: false, text: `${url} does not answer: ${reason}`, isTemporary: reason !== 'bad port' }
  }
  if (response.status === 200) return { ok: true, response }
  const isTemporary = response.status === 429 || response.status >= 500
  return { ok: false, text: refusalText(response.status, await readAnswer(response)), isTemporary }
}

/** Empty where it is too long or breaks off. */
export async function readAnswer(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  try {
    for await (const piece of response.body ?? []) {
      length += piece.length
      if (length > answerBytesMax) return ''
      pieces.push(piece)
    }
  } catch {
    return '' // broken off
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Says of a described refusal what it holds: see src/admin/refusals.ts. */
export function describedText(value: unknown): string {
  const { code, detail, title, errors } = recordOf(value)
  const places = Array.isArray(errors) ? errors.map(recordOf) : []
  const where = places.map(({ pointer, detail: own }) => ` ${String(pointer)}: ${String(own)}`).join('')
  const text = `${String(detail ?? title ?? '')}${where}`.trim()
  return code === undefined ? text : `${text} (${String(code)})`
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  // Reading any member of an object is safe, and what is read is checked.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

/** Undefined: the text is no JSON. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of an error that fetch or a stream of it threw. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && cause.message === '' ? String(cause.code) : cause.message
}

/** What a refusal says of itself, or its status. */
export function refusalText(status: number, body: string): string {
  const text = describedText(parseJsonText(body))
  if (text !== '') return text
  return status === 503
    ? 'the node is starting or stopping (status 503); try again'
    : `the answer has status ${status}`
}

/** An address that stands for all of the machine's is reached on loopback. */
function urlOf(listen: string): string | undefined {
  const address = parseAddress(listen)
  if (address?.path !== undefined) return listen
  if (address === undefined || address.port === 0) return undefined
  const host = address.host === '0.0.0.0' ? '127.0.0.1' : address.host === '::' ? '::1' : address.host
  return `http://${formatAddress({ ...address, host })}`
}

function parseUrl(text: string): string | undefined {
  if (parseAddress(text)?.path !== undefined) return text
  if (!URL.canParse(text)) return undefined
  const { protocol, origin, pathname } = new URL(text)
  const isWeb = protocol === 'http:' || protocol === 'https:'
  return isWeb ? `${origin}${pathname.replace(/\/+$/, '')}` : undefined
}

function noUrl(given: string | undefined, listen: string): string {
  if (given !== undefined)
    return `--url must be an address like http://127.0.0.1:7878 or unix:/path, not '${given}'`
  return `admin.listen is ${listen}, which is no address to connect to; say --url`
}
