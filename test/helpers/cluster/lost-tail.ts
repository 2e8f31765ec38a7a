// A fail-over to a replica that never had the last publications, seen by two nodes.
import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { rehearse } from './outage.ts'
import { failsOver, losesTail, startWithReplica } from './standalone.ts'

interface LostTail {
  /** Whose word is waited for before a publish is acknowledged. */
  readonly acks: 'master' | 'replica'
  /** One of the nodes, before the tail is lost. */
  readonly isCutOff: boolean
  readonly messages: number
}

export function losesTailWith({ acks, isCutOff, messages }: LostTail): void {
  const before = isCutOff ? ', with one node cut off before it' : ''
  test(`a fail-over that loses the tail${before}, acknowledged by the ${acks}`, async t => {
    const pair = await startWithReplica(t)
    const { gaps } = await rehearse(t, {
      url: pair.url,
      messages,
      environment: { RINGCAST_CLUSTER_ACKS: acks },
      renumbers: acks === 'replica',
      async happens({ more }) {
        if (isCutOff) {
          pair.relays[1]?.cut()
          // What the other node still publishes and this one never hears of is on the replica, too.
          await more(100)
        }
        await losesTail(pair)
        await failsOver(pair)
      },
    })
    ok(
      gaps.every(count => count === 1 || (count === 0 && acks === 'replica')),
      String(gaps),
    )
  })
}
