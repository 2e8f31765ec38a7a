// Plays the table against one kind of daemon, all rows that have the same settings side by side: many of them wait for
// seconds. Nothing else is shared between them but the daemon and the origin behind it.
import { after, before, describe, test } from 'node:test'
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

export function playTable(
  rows: readonly GripRow[],
  { title, start, isOriginal, skip = false }: Played,
): void {
  const groups = Map.groupBy(rows, ({ settings = {}, isAlone, name }) =>
    JSON.stringify([settings, isAlone ? name : '']),
  )
  for (const [key, members] of groups) {
    const own = JSON.parse(key)[0]
    describe(`${title}, settings: ${JSON.stringify(own)}`, { concurrency: true, skip }, () => {
      let scene: Scene
      before(async () => {
        const origin = await RawOrigin.open()
        const routes = routesTo(origin.address)
        const server = await start(routes, { ...settings, ...own })
        const writeRoutes = (line: string) => server.writeRoutes(`${line} ${origin.address}\n${routes}`)
        scene = { server: { ...server, writeRoutes }, origin, isOriginal }
      })
      after(async () => {
        await scene.server.stop()
        await scene.origin.close()
      })
      for (const row of members) test(`${row.name} (${row.from})`, () => play(row, scene))
    })
  }
}
