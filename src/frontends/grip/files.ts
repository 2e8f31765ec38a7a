// The files that the settings name: routes, keys, certificates. They are read at once, at the start, on a reload, and by
// each new worker; who watches the routes is elsewhere.
import { join } from 'node:path'
import { readSecureContext } from '../../net/gate/tls-socket.ts'
import { systemClock } from '../../std/clock.ts'
import { readRegularFile } from '../../std/regular-file.ts'
import type { FileJudgement } from '../frontend.ts'
import { parseLocalAddress, parseTlsAddress } from './listening.ts'
import { type GripKey, parseKey } from './proxy/keys.ts'
import { Signers } from './proxy/signature.ts'
import { type RoutesReading, readRoutes, routesBytesMax } from './routes/source.ts'
import type { GripSettings } from './settings.ts'

/** The longest keys and chains of certificates take some 10 KB. */
const keyBytesMax = 262_144

/** Undefined where it cannot be read. */
export function readKeyFile(path: string): string | undefined {
  const reading = readRegularFile(path, { bytesMax: keyBytesMax, follow: true })
  return reading.ok ? reading.bytes.toString('utf8') : undefined
}

/** The rules of the file, or of the settings where none is named. */
function loadRoutes({ routes, routesText }: Pick<GripSettings, 'routes' | 'routesText'>): RoutesReading {
  if (routes === '') return readRoutes(routesText)
  const reading = readRegularFile(routes, { bytesMax: routesBytesMax, follow: true })
  if (!reading.ok) return { ok: false, mistake: `cannot be read: ${reading.reason}` }
  return readRoutes(reading.bytes.toString('utf8'))
}

/** The keys of `upstream_key`: one per line of the secret. Mistakes are told by `judgeFiles`. */
export function trustedKeys({ upstreamKey }: Pick<GripSettings, 'upstreamKey'>): readonly GripKey[] {
  return upstreamKey.flatMap(text => {
    const read = parseKey(text, 'verify', readKeyFile)
    return read.ok && read.key !== undefined ? [read.key] : []
  })
}

/** Certificate and key of a TLS address (contract §3). */
function certificateFiles(folder: string, port: number): { readonly cert: string; readonly key: string } {
  return { cert: join(folder, `default_${port}.crt`), key: join(folder, `default_${port}.key`) }
}

export function judgeFiles(settings: GripSettings): FileJudgement {
  const mistakes: string[] = []
  const source = settings.routes === '' ? 'RINGCAST_GRIP_ROUTES_TEXT' : settings.routes
  const read = loadRoutes(settings)
  if (!read.ok) mistakes.push(`${source} ${read.mistake}`)
  const warnings = read.ok ? read.warnings.map(({ line, text }) => `line ${line} of ${source} ${text}`) : []
  warnings.push(...settings.localListen.flatMap(ownerless))
  const [sigKey = ''] = settings.sigKey
  const rules = read.ok ? read.table.rules : []
  mistakes.push(...new Signers(systemClock, readKeyFile).prepare({ sigIss: settings.sigIss, sigKey }, rules))
  for (const text of settings.upstreamKey) {
    const key = parseKey(text, 'verify', readKeyFile)
    if (!key.ok) mistakes.push(`upstream_key ${key.mistake}`)
  }
  for (const text of settings.tlsListen) {
    const port = parseTlsAddress(text)?.port
    if (port === undefined || settings.tlsCertificates === '') continue
    mistakes.push(...unusable(certificateFiles(settings.tlsCertificates, port), text))
  }
  return { mistakes, warnings, secrets: [] }
}

/** A worker that could not listen would not start, and neither would the one after it. */
function unusable(files: ReturnType<typeof certificateFiles>, text: string): readonly string[] {
  const [cert, key] = [readKeyFile(files.cert), readKeyFile(files.key)]
  if (cert !== undefined && key !== undefined) {
    const context = readSecureContext({ cert, key })
    return typeof context === 'string' ? [`${files.cert} and its key cannot be used: ${context}`] : []
  }
  return [...(cert === undefined ? [files.cert] : []), ...(key === undefined ? [files.key] : [])].map(
    path => `${path} cannot be read, and ${text} needs it`,
  )
}

/** Names of users and groups are the system's to resolve, and a service may not give its files away in any case. */
function ownerless(text: string): readonly string[] {
  const { path, user, group } = parseLocalAddress(text) ?? {}
  if (user === undefined && group === undefined) return []
  return [`RINGCAST_GRIP_LOCAL_LISTEN names an owner for ${path}, which keeps the user and group of the node`]
}
