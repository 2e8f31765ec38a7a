// `ringcast pub --<flag> <value> <channel> [data]`: what goes to somebody in particular, by a route of the protocol that knows
// him. Which flags there are is said by the front-ends.
import type { Command } from 'commander'
import type { AddressedPublish } from '../frontends/publish.ts'
import { type ApiOptions, findApi } from './api.ts'
import { readAll } from './input.ts'
import { exitCode, refuse, type Shell } from './output.ts'
import { contentOf, type Kind } from './pub-entry.ts'
import { sendAddressed } from './pub-request.ts'

interface Addressed {
  readonly protocol: string
  readonly publish: AddressedPublish
  readonly value: string
}

interface Said {
  readonly channel: string
  readonly data: string | undefined
  readonly kind: Kind
  readonly options: ApiOptions & {
    readonly lines?: true
    readonly json?: true
    readonly idempotencyKey?: string
  }
}

export function addAddressed(command: Command, { known }: Shell): void {
  for (const { addressed } of known) {
    if (addressed !== undefined) command.option(`--${addressed.flag} ${addressed.value}`, addressed.summary)
  }
}

/** Undefined: the publication is for the channel. */
export function findAddressed(options: object, { known }: Shell): Addressed | undefined {
  const values = new Map<string, unknown>(Object.entries(options))
  for (const { name, addressed } of known) {
    const value = addressed && values.get(attributeOf(addressed.flag))
    if (addressed !== undefined && typeof value === 'string')
      return { protocol: name, publish: addressed, value }
  }
  return undefined
}

/** As the library that reads options calls one. */
function attributeOf(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

export async function publishAddressed(
  { protocol, publish, value }: Addressed,
  { channel, data, kind, options }: Said,
  shell: Shell,
): Promise<number> {
  const unfit = options.lines
    ? '--lines'
    : options.idempotencyKey === undefined
      ? undefined
      : '--idempotency-key'
  const refused = (mistake: string) => refuse(shell, [mistake], exitCode.usage)
  if (unfit !== undefined) return refused(`${unfit} does not go with --${publish.flag}`)
  if (kind === 'base64') return refused(`--base64 does not go with --${publish.flag}: its frames are JSON`)
  const api = findApi(shell, options)
  if ('mistakes' in api) return refuse(shell, api.mistakes)
  const isInput = data === undefined || data === '-'
  if (isInput && shell.terminal.isTyped) {
    shell.terminal.complain('reading what to publish from the terminal; end with Ctrl-D')
  }
  const content = contentOf(kind, isInput ? await readAll(shell.terminal.input) : data)
  if ('mistake' in content) return refused(content.mistake)
  const request = publish.request(value, channel, content.json)
  if ('mistake' in request) return refused(request.mistake)
  const path = `/v1/${protocol}/${request.path}`
  return await sendAddressed(path, request.body, answer => publish.said(answer), api, shell, options.json)
}
