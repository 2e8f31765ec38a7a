// Plays the table against one kind of daemon, many rows with the same settings side by side: many of them wait for seconds.
// Nothing else is shared between them but the daemon and the origin behind it.
import { after, before, describe, type TestContext, test } from 'node:test'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { play, type Scene } from './driver.ts'
import { routesTo } from './routes.ts'
import type { Starter } from './server.ts'
import type { GripRow } from './vocabulary.ts'

export interface Played {
  readonly title: string
  readonly start: Starter
  readonly isOriginal: boolean
  readonly skip?: string | false
}

/** Rows choose rules by their ids, and the rest is as shipped. */
const settings = { accept_pushpin_route: 'true' } as const
/** Side by side. The original answers 502 where a hundred come in the same moment (contract §14, fault 33). */
const rowsMax = 24

export function playTable(rows: readonly GripRow[], played: Played): void {
  const { title, isOriginal, skip = false } = played
  const groups = Map.groupBy(rows, ({ settings = {} }) => JSON.stringify(settings))
  for (const [key, members] of groups) {
    const own = JSON.parse(key)
    describe(`${title}, settings: ${key}`, { skip }, () => {
      let stage: Stage
      before(async () => {
        stage = await openStage(own, played)
      })
      after(() => stage.close())
      const [besides, alone] = [members.filter(row => !row.isAlone), members.filter(row => row.isAlone)]
      for (const [how, concurrency, some] of [
        ['side by side', rowsMax, besides],
        ['alone', 1, alone],
      ] as const) {
        if (some.length === 0) continue
        describe(how, { concurrency }, () => {
          for (const row of some) {
            test(`${row.name} (${row.from})`, t =>
              isOriginal ? playTwice(t, row, stage.scene, played) : play(row, stage.scene))
          }
        })
      }
    })
  }
}

/**
 * The original cuts a connection or answers 502 now and then where others are busy (contract §14, fault 33), which says
 * nothing about the row: it is played again, alone.
 */
async function playTwice(t: TestContext, row: GripRow, scene: Scene, played: Played): Promise<void> {
  try {
    await play(row, scene)
  } catch (error) {
    t.diagnostic(`played again, alone, for it failed beside others: ${error}`)
    const stage = await openStage(row.settings ?? {}, played)
    try {
      await play(row, stage.scene)
    } finally {
      await stage.close()
    }
  }
}

interface Stage {
  readonly scene: Scene
  close(): Promise<void>
}

async function openStage(own: GripRow['settings'], { start, isOriginal }: Played): Promise<Stage> {
  const [origin, other] = [await RawOrigin.open(), await RawOrigin.open()]
  const lame = { origin: other, address: other.address }
  const routes = routesTo(origin.address, lame.address)
  const server = await start(routes, { ...settings, ...own })
  const writeRoutes = (line: string) => server.writeRoutes(`${line} ${origin.address}\n${routes}`)
  return {
    scene: { server: { ...server, writeRoutes }, origin, lame, isOriginal },
    async close() {
      await server.stop()
      await origin.close()
      await other.close()
    },
  }
}
