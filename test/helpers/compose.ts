// A compose file as plain processes: what each service would be started with, with addresses of the loopback in place of its names,
// and a folder in place of its mounts. Images, users and isolation are left out.
import { execFileSync, spawnSync } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'

interface ServiceText {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly volumes?: readonly string[]
  readonly extra_hosts?: readonly string[]
  readonly networks?: Readonly<Record<string, { readonly ipv4_address?: string }>>
  readonly healthcheck: { readonly test: readonly string[]; readonly timeout: string }
  readonly stop_grace_period: string
}

interface ComposeText {
  readonly services: Readonly<Record<string, ServiceText>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

export class Compose {
  readonly services: ComposeText['services']
  readonly #path: string
  readonly #text: string
  readonly #secrets: ComposeText['secrets']

  /** `text` is what stands at `path`. */
  constructor(path: string, text: string) {
    const read: ComposeText = parse(text, { merge: true })
    this.services = read.services
    this.#secrets = read.secrets
    this.#path = path
    this.#text = text
  }

  get names(): readonly string[] {
    return Object.keys(this.services)
  }

  service(name: string): ServiceText {
    const found = this.services[name]
    if (found === undefined) throw new Error(`there is no service ${name}`)
    return found
  }

  /** Runs what the head of the file says to run first: its lines that are set off, before the first that is none of a shell. */
  prepare(): void {
    const head = /^(?:#.*\n)+/.exec(this.#text)?.[0] ?? ''
    const [first = ''] = /(?:^# {5}\S.*\n)+/m.exec(head) ?? []
    const script = first.replaceAll(/^# {5}/gm, '')
    execFileSync('/bin/sh', ['-ec', script], { cwd: dirname(this.#path), stdio: 'pipe' })
  }

  /** Where a secret is that a service has; throws where it has none of that name. */
  secretPath(service: string, name: string): string {
    const has = this.service(service).secrets?.includes(name)
    const { file } = this.#secrets[name] ?? {}
    if (has !== true || file === undefined) throw new Error(`${service} has no secret ${name}`)
    return resolve(dirname(this.#path), file)
  }

  /** Where a mounted file comes from, by its place in the container. */
  sourceOf(service: string, place: string): string {
    const mount = this.service(service).volumes?.find(volume => volume.split(':')[1] === place)
    if (mount === undefined) throw new Error(`${service} mounts nothing at ${place}`)
    return join(dirname(this.#path), mount.split(':')[0] ?? '')
  }

  /** A text of a service, with paths of its secrets that exist here. */
  withSecrets(service: string, text: string): string {
    return text.replaceAll(/\/run\/secrets\/([\w-]+)/g, (_, name: string) => this.secretPath(service, name))
  }

  /** Exit code of the health check. `place` puts addresses of here into its words. */
  health(
    service: string,
    place: (word: string) => string,
    environment: Readonly<Record<string, string | undefined>>,
  ): number | null {
    const [kind, ...words] = this.service(service).healthcheck.test
    const placed = words.map(word => this.withSecrets(service, place(word.replaceAll('$$', '$'))))
    const [program = '', ...args] = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...placed] : placed
    return spawnSync(program, args, { env: { PATH: process.env['PATH'], ...environment } }).status
  }
}

/** As compose writes them: `25s`, `1m30s`. */
export function durationMs(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }
  return [...text.matchAll(/(\d+)(ms|[hms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? Number.NaN),
    0,
  )
}

/** `ENV` of a Containerfile. */
export function environmentOf(containerfile: string): Readonly<Record<string, string>> {
  const joined = containerfile.replace(/\\\n\s*/g, '')
  const lines = [...joined.matchAll(/^ENV (.*)$/gm)].map(([, rest = '']) => rest)
  return Object.fromEntries(
    [...lines.join(' ').matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]),
  )
}
