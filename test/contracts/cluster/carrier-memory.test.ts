// The carrier in memory keeps what every carrier must: other tests of the room are played on it.
import { describe, test } from 'node:test'
import { systemClock } from '../../../src/std/clock.ts'
import { carrierCases } from '../../helpers/cluster/carrier-cases.ts'
import { type CarrierStage, playCarrierCase } from '../../helpers/cluster/carrier-scene.ts'
import { MemoryCarrier } from '../../helpers/cluster/memory-carrier.ts'
import { MemoryBroker } from '../../helpers/cluster/memory-server.ts'

function memoryStage(lanes: number, answersFirst: boolean): CarrierStage {
  let minted = 0
  const mint = () => `${++minted}`
  const brokers = Array.from(
    { length: lanes },
    () => new MemoryBroker({ clock: systemClock, acks: 'master', mint }),
  )
  const carriers: MemoryCarrier[] = []
  const cutAll = () => {
    for (const carrier of carriers) for (let lane = 0; lane < lanes; lane++) carrier.cut(lane)
  }
  return {
    open(node) {
      const carrier = new MemoryCarrier({
        node,
        brokers,
        clock: systemClock,
        answersFirst: () => answersFirst,
      })
      carriers.push(carrier)
      return carrier
    },
    async changeTerm() {
      for (const broker of brokers) broker.restart('whole')
      cutAll()
    },
    async cut() {
      cutAll()
    },
  }
}

for (const [lanes, answersFirst] of [
  [1, false],
  [1, true],
  [5, false],
] as const) {
  describe(`the carrier in memory, ${lanes} lanes, answers ${answersFirst ? 'first' : 'last'}`, () => {
    for (const [index, each] of carrierCases.entries()) {
      test(each.name, () => playCarrierCase(each, memoryStage(lanes, answersFirst), `case${index}`))
    }
  })
}
