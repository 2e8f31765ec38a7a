// The rules in force in one worker: whenever they were read, who needs to know is told, and people by the log.
import type { FrontendContext } from '../frontend.ts'
import type { Signers } from './proxy/signature.ts'
import type { RouteWarning } from './routes/source.ts'
import type { Table } from './routes/table.ts'
import { WatchedRoutes } from './routes/watched.ts'
import { type GripSettings, gripSection } from './settings.ts'

export interface RulesContext {
  readonly room: Pick<FrontendContext<GripSettings>, 'clock' | 'log' | 'owns'>
  readonly signers: Pick<Signers, 'prepare'>
  settings(): Pick<GripSettings, 'linkHosts' | 'routes' | 'routesText' | 'sigIss' | 'sigKey'>
  /** Backends of ZeroMQ, by their specs. */
  wantBackends(specs: readonly string[]): void
}

export class Rules {
  readonly #context: RulesContext
  readonly #routes: WatchedRoutes

  constructor(context: RulesContext) {
    this.#context = context
    this.#routes = new WatchedRoutes(
      {
        clock: context.room.clock,
        loaded: (table, warnings) => this.#loaded(table, warnings),
        failed: (source, why) => this.#failed(source, why),
      },
      this.#source,
    )
  }

  get table(): Table {
    return this.#routes.table
  }

  reload(): void {
    this.#routes.reload(this.#source)
  }

  /** Whether links may lead there. Of the machine of a target its own port alone: others may be doors that no client shall reach. */
  isLinkPlace(host: string, port: number): boolean {
    const name = host.toLowerCase()
    if (this.#context.settings().linkHosts.some(allowed => allowed.toLowerCase() === name)) return true
    return this.table.rules.some(({ targets }) =>
      targets.some(
        ({ place, host }) =>
          place.kind === 'tcp' &&
          place.port === port &&
          (place.host.toLowerCase() === name || host?.replace(/:\d*$/, '').toLowerCase() === name),
      ),
    )
  }

  get #source(): { readonly file: string; readonly text: string } {
    const { routes: file, routesText: text } = this.#context.settings()
    return { file, text }
  }

  #loaded(table: Table, warnings: readonly RouteWarning[]): void {
    const { room, signers, settings, wantBackends } = this.#context
    const { sigIss, sigKey } = settings()
    wantBackends(backendsOf(table))
    const unsigned = signers.prepare({ sigIss, sigKey: sigKey[0] ?? '' }, table.rules)
    // Every worker reads them; one says so.
    if (!room.owns('routes')) return
    const { log } = room
    for (const { line, text } of warnings) log.warn({ code: 'routes-doubtful', line }, `line ${line} ${text}`)
    for (const sentence of unsigned) log.warn({ code: 'routes-doubtful' }, sentence)
    const entries = table.rules.length
    log.info({ protocol: gripSection.name, entries }, `routes loaded with ${entries} entries`)
  }

  #failed(source: string, why: string): void {
    const { room } = this.#context
    if (room.owns('routes')) room.log.error({ code: 'routes-unreadable' }, `${source} ${why}`)
  }
}

/** What its zhttpreq targets are. */
function backendsOf({ rules }: Table): readonly string[] {
  const specs = rules.flatMap(({ targets }) =>
    targets.flatMap(({ place }) => (place.kind === 'zhttpreq' ? [place.spec] : [])),
  )
  return [...new Set(specs)]
}
