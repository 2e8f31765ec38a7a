// A worker's gateway with the real engine, and an origin and a clock of a test's own.
import { Connections } from '../../../../src/frontends/grip/control/connections.ts'
import { observerOf } from '../../../../src/frontends/grip/control/observing.ts'
import type { StatisticsItem } from '../../../../src/frontends/grip/control/statistics.ts'
import { Tally } from '../../../../src/frontends/grip/control/tally.ts'
import { Frames } from '../../../../src/frontends/grip/format.ts'
import { rateOf } from '../../../../src/frontends/grip/hold/rate.ts'
import { draftOf } from '../../../../src/frontends/grip/item/draft.ts'
import type { Item } from '../../../../src/frontends/grip/item/item.ts'
import { Gateway } from '../../../../src/frontends/grip/proxy/gateway.ts'
import { Passage } from '../../../../src/frontends/grip/proxy/passage.ts'
import { gatewaySettingsOf } from '../../../../src/frontends/grip/proxy/settings.ts'
import { Signers } from '../../../../src/frontends/grip/proxy/signature.ts'
import { type GripSettings, gripSection } from '../../../../src/frontends/grip/settings.ts'
import type { GateExchange } from '../../../../src/net/gate/gate-exchange.ts'
import { countedRandom } from '../../../helpers/counted-random.ts'
import { defaultsOf } from '../../../helpers/defaults.ts'
import { intakeWith } from '../../../helpers/intake.ts'
import { Mesh } from '../../../helpers/mesh.ts'
import { choiceOf, FakeExchange, FakeOrigin } from './given-origin.ts'

const gripDefaults = defaultsOf<GripSettings>(gripSection.fields)

export class Scene {
  /** Channels belong to the second worker, so that they go live a turn later. */
  readonly mesh = new Mesh({ workers: 2, ownerOf: () => 1, history: { size: 3 } })
  readonly origin = new FakeOrigin()
  readonly gateway: Gateway
  /** What the log would say. */
  readonly lines: string[] = []
  readonly connections: Connections
  readonly tally: Tally
  /** What an outlet of statistics got. */
  readonly statistics: StatisticsItem[] = []

  constructor(more: Partial<GripSettings> = {}) {
    const { clock, engines } = this.mesh
    const [engine] = engines
    if (engine === undefined) throw new Error('no engine')
    const all = { ...gripDefaults, ...more }
    const settings = gatewaySettingsOf(all)
    this.tally = new Tally(clock)
    this.connections = new Connections({
      random: countedRandom(),
      cut: (why, { peer, channels }, id) => void this.lines.push(`cut ${why} ${id} ${peer} ${channels}`),
      observerFor: connections =>
        observerOf(this.tally, {
          clock,
          settings: all,
          connections,
          emit: batch => void this.statistics.push(...batch),
        }),
    })
    this.gateway = new Gateway({
      clock,
      frames: new Frames(),
      connections: this.connections,
      rate: rateOf(clock, all, 1),
      holds: { engine, clock, via: 'grip', lingerMs: 60_000, resumes: () => more.resumeFromHistory === true },
      signers: new Signers(clock, () => 'no file'),
      lines: {
        refused: (code, status) => void this.lines.push(`${code} ${status}`),
        originFailed: cause => void this.lines.push(`origin-failed ${cause}`),
        filterFailed: reason => void this.lines.push(`filter-failed ${reason}`),
      },
      intake: intakeWith(clock, { bodiesBytesMax: 1_048_576, bodyMsMax: 30_000 }),
      settings: () => settings,
      isLinkPlace: () => false,
      dispatch: this.origin.dispatch,
      random: { hex: bytes => '0'.repeat(2 * bytes) },
      owns: () => true,
    })
  }

  /** Serves a request by the rule of a line. */
  serve(line = '* o:80', { target = '/x', ...more }: Partial<GateExchange> = {}): FakeExchange {
    const exchange = new FakeExchange(target, more)
    new Passage(this.gateway, exchange, choiceOf(exchange, line)).serve()
    return exchange
  }

  publish(item: Item, channel = 'a'): void {
    const draft = draftOf({ ...item, channel })
    if (draft === undefined) throw new Error('no draft')
    this.mesh.engines[1]?.publish(draft, () => {})
    this.mesh.settle()
  }

  /** Time passes, and what it brings happens. */
  pass(ms: number): void {
    this.mesh.clock.advance(ms)
    this.mesh.settle()
  }

  /** Values of a header of the request that the origin got last. */
  asked(name: string): readonly string[] {
    const { rawHeaders } = this.origin.last.request
    return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
  }

  get subscribers(): number | undefined {
    return this.mesh.engines[0]?.statistics().hub['subscribers']
  }
}
