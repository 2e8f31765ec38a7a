// Follows a Containerfile without a container: each stage is a folder, COPY and RUN do there what they say, and what
// the last stage would start is handed back. Base images, users, volumes and isolation are left out.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface Built {
  /** The folder in place of the last stage's root. */
  readonly root: string
  /** As WORKDIR says, under `root`. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
  readonly healthcheck: readonly string[]
  readonly user: string
  /** Names of the base images. */
  readonly images: readonly string[]
}

interface Stage {
  readonly root: string
  folder: string
  readonly environment: Record<string, string>
}

/** `context` is the folder that COPY copies from; `work` is where the stages are made. Throws where a step fails. */
export function follow(text: string, context: string, work: string): Built {
  const stages = new Map<string, Stage>()
  const images: string[] = []
  let stage: Stage = { root: work, folder: '/', environment: {} }
  let [entrypoint, healthcheck, user]: [readonly string[], readonly string[], string] = [[], [], 'root']
  for (const { instruction, rest } of instructionsOf(text)) {
    switch (instruction) {
      case 'FROM': {
        const [image = '', , name = String(stages.size)] = rest.split(/\s+/)
        images.push(image)
        stage = { root: mkdtempSync(join(work, 'stage-')), folder: '/', environment: {} }
        stages.set(name, stage)
        break
      }
      case 'WORKDIR':
        stage.folder = rest
        mkdirSync(join(stage.root, rest), { recursive: true })
        break
      case 'COPY':
        copy(rest, stage, context, stages)
        break
      case 'RUN':
        runStep(rest, join(stage.root, stage.folder), context)
        break
      case 'ENV':
        for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=(\S+)/g)) stage.environment[name] = value
        break
      case 'ENTRYPOINT':
        entrypoint = JSON.parse(rest)
        break
      case 'HEALTHCHECK':
        healthcheck = JSON.parse(rest.slice(rest.indexOf('[')))
        break
      case 'USER':
        user = rest
        break
      case 'VOLUME':
      case 'EXPOSE':
      case 'STOPSIGNAL':
        break
      default:
        throw new Error(`an instruction that nobody follows: ${instruction}`)
    }
  }
  const { root, folder, environment } = stage
  return { root, folder: join(root, folder), environment, entrypoint, healthcheck, user, images }
}

/** What npm need not ask its registry for, where a cache answers. */
export const npmFromCache = {
  npm_config_prefer_offline: 'true',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
} as const

/**
 * Fails with everything that was said. `npm ci` alone is not run: it installed the same packages from the same lock file
 * where the context is, and unpacking them takes longer than all other steps together.
 */
function runStep(command: string, cwd: string, context: string): void {
  if (/^npm ci( --[\w-]+)*$/.test(command)) {
    execFileSync('cp', ['-a', '--reflink=auto', join(context, 'node_modules'), cwd])
    return
  }
  const env = { ...process.env, ...npmFromCache }
  execFileSync('/bin/sh', ['-ec', command], { cwd, env, encoding: 'utf8', stdio: 'pipe' })
}

function instructionsOf(text: string): readonly { instruction: string; rest: string }[] {
  const lines = text.split('\n').filter(line => !line.startsWith('#'))
  const joined = lines.join('\n').replace(/\\\n\s*/g, '')
  return joined
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, instruction = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? []
      return { instruction, rest }
    })
}

function copy(rest: string, to: Stage, context: string, stages: ReadonlyMap<string, Stage>): void {
  const words = rest.split(/\s+/)
  const from = words.find(word => word.startsWith('--from='))?.slice('--from='.length)
  const paths = words.filter(word => !word.startsWith('--'))
  const target = paths.pop() ?? ''
  const source = from === undefined ? context : (stages.get(from)?.root ?? '')
  const destination = target.startsWith('/') ? join(to.root, target) : join(to.root, to.folder, target)
  for (const path of paths) {
    const origin = join(source, path)
    if (!existsSync(origin)) throw new Error(`COPY ${rest}: there is no ${path}`)
    const into = target.endsWith('/') ? join(destination, basename(path)) : destination
    cpSync(origin, into, { recursive: true, verbatimSymlinks: true })
  }
}
