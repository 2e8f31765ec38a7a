// A front-end's own thread: its room, opened with what the primary told it.
import type { ChannelName } from '../engine/words/publication.ts'
import type { Frontend } from '../frontends/frontend.ts'
import { systemClock } from '../std/clock.ts'
import { openLog } from '../telemetry/log.ts'
import { readSideData, SideStation } from '../threads/side.ts'
import { PackedPort } from '../threads/side-port.ts'
import { type NodeData, nodeSettingsOf, ownerMapOf } from './node.ts'
import { frontends } from './worker.ts'

/** What the thread is started with. */
export type SideNode = Pick<NodeData, 'values' | 'ring'>

export async function runSide(known: readonly Frontend[] = frontends): Promise<void> {
  const { name, app } = readSideData<SideNode>()
  const station = new SideStation(systemClock)
  const node = nodeSettingsOf(app.values)
  const ownerOf = ownerMapOf(app.ring)
  const { side } = known.find(frontend => frontend.name === name) ?? {}
  if (side === undefined) throw new Error(`${name} has no thread of its own`)
  const { open } = await side.load()
  const room = await open({
    settings: app.values[name] as never, // read by the primary against the front-end's own section
    clock: systemClock,
    log: await openLog(node, `side-${name}`),
    isDevelopment: node.mode === 'development',
    ownerOf: (channel: ChannelName) => ownerOf(channel),
    gather: topic => station.gather(topic),
  })
  if (typeof room === 'string') return station.refuse(room)
  station.open({
    join: (slot, port) => room.join(slot, new PackedPort(port)),
    retire: () => room.retire(),
    close: () => room.close(),
  })
}
