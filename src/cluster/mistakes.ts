// What is wrong with the settings of the cluster beyond their types. Nothing of the password is said.
import { X509Certificate } from 'node:crypto'
import { readRegularFile } from '../std/regular-file.ts'
import { parsePlaces } from './places.ts'
import type { ClusterSettings } from './settings.ts'

export interface ClusterMistake {
  readonly key: keyof ClusterSettings
  /** The end of a sentence that begins with the setting. Another setting stands in it as `{key}`. */
  readonly text: string
}

/** Redis and its connections compare bytes; a key is short, for each channel has several. */
const prefixForm = /^[A-Za-z0-9_.:-]{1,32}$/

/** Bundles of all public authorities have a quarter of it. */
const caBytesMax = 1_048_576

const example = 'redis://127.0.0.1:6379'

export function clusterMistakes(settings: ClusterSettings): readonly ClusterMistake[] {
  const { mode, url, username, password, prefix, pingMs, timeoutMs } = settings
  if (mode === 'solo') return []
  const mistakes: ClusterMistake[] = []
  const add = (key: ClusterMistake['key'], text: string) => mistakes.push({ key, text })
  if (url.length === 0) add('mode', `is ${mode}, which needs {url}, such as ${example}`)
  else mistakes.push(...placeMistakes(settings))
  if (password.length > 1) add('password', 'has several lines, and is one password')
  if (username !== '' && password.length === 0) add('username', 'needs {password}')
  if ([username, ...password].some(text => text.includes('\ufffd'))) add('password', 'is not UTF-8')
  if (!prefixForm.test(prefix)) add('prefix', 'must have 1 to 32 letters, digits, and . : _ -')
  // What is late beyond the deadline ends the connection: one ping at least must have its chance.
  if (pingMs > timeoutMs)
    add('pingMs', `is ${pingMs}, and must not be above {timeoutMs}, which is ${timeoutMs}`)
  return mistakes
}

function placeMistakes({ url, caFile }: ClusterSettings): readonly ClusterMistake[] {
  const places = parsePlaces(url)
  if (typeof places === 'string') return [{ key: 'url', text: places }]
  if (caFile === '') return []
  if (!places.isTls)
    return [{ key: 'caFile', text: 'is for TLS, but no address of {url} begins with rediss' }]
  const fault = authorityFault(caFile)
  return fault === undefined ? [] : [{ key: 'caFile', text: fault }]
}

function authorityFault(path: string): string | undefined {
  const reading = readRegularFile(path, { bytesMax: caBytesMax, follow: true })
  if (!reading.ok) return `names ${path}, which cannot be read: ${reading.reason}`
  try {
    const { raw } = new X509Certificate(reading.bytes)
    if (raw.length > 0 && reading.bytes.includes('-----BEGIN CERTIFICATE-----')) return undefined
  } catch {} // said below
  return `names ${path}, which has no certificate in PEM`
}
