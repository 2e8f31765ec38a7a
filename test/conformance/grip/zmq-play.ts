// Plays the rows of ZeroMQ against one daemon, one after the other: statistics of a row are told from those of the next by their channels.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { RawClient } from '../../helpers/raw-client.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { addressOf, type GripServer } from './server.ts'
import { zmqRows } from './zmq-rows.ts'
import { routesTo, Scene, type ZmqSpecs, type ZmqStage } from './zmq-scene.ts'
import { type StatisticsFormat, StatisticsReader } from './zmq-statistics.ts'
import { toldRows } from './zmq-told-rows.ts'

export interface ZmqPlayed {
  readonly title: string
  readonly format: StatisticsFormat
  readonly isOriginal: boolean
  readonly skip?: string | false
  start(routes: string, specs: ZmqSpecs & { readonly stats: string }): Promise<GripServer>
}

export function playZmq({ title, format, isOriginal, skip = false, start }: ZmqPlayed): void {
  describe(`${title}, statistics as ${format}`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'zmq-'))
    const specs = {
      command: `ipc://${folder}/command`,
      'publish-pull': `ipc://${folder}/pull`,
      'publish-sub': `ipc://${folder}/sub`,
    }
    const stats = `ipc://${folder}/stats`
    let stage: ZmqStage
    before(async () => {
      const origin = await RawOrigin.open()
      const server = await start(routesTo(origin.address), { ...specs, stats })
      const statistics = new StatisticsReader(stats, format)
      stage = { server, specs, origin, statistics }
      await statistics.begin(() => askOnce(server))
    })
    after(async () => {
      stage.statistics.close()
      await stage.server.stop()
      await stage.origin.close()
      rmSync(folder, { recursive: true, force: true })
    })
    for (const { name, steps } of [...zmqRows, ...toldRows].filter(
      ({ isOurs }) => !isOriginal || isOurs !== true,
    ))
      test(name, async t => {
        const scene = new Scene(stage)
        t.after(() => scene.close())
        for (const step of steps) await scene.step(step)
      })
  })
}

async function askOnce(server: GripServer): Promise<void> {
  const client = new RawClient(addressOf(server.client))
  await client.send('GET / HTTP/1.1\r\nHost: t\r\n\r\n').answer()
  client.leave()
}
